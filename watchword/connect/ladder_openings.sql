-- Messages by which an account may have been entered: there was a way in, and nothing says that nobody opened them.
select distinct lures.operation, lures.owner, lures.moment
from lures
left join answers
    on answers.operation = lures.operation and answers.owner = lures.owner and answers.how = 'answer'
    and answers.moment >= lures.moment
where lures.is_there and lures.can_enter
    and (lures.is_read or answers.message is not null or not (lures.is_in_spam or lures.keeps_notes))
