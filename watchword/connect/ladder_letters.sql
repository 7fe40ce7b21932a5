-- The messages of each operation, and their copies in other mailboxes; what a person decided is harmless is none.
with chosen as (
    select distinct members.operation, members.message, facts.message_id, facts.from_address, facts.subject_plain,
        coalesce(facts.time, facts.date) as moment
    from members join message_facts facts using (message) left join verdicts using (message)
    where coalesce(verdicts.decided, '') <> 'harmless'
)
select operation, message from chosen
union
select chosen.operation, copies.message
from chosen
join message_facts copies
    on copies.message_id = chosen.message_id and copies.from_address = chosen.from_address
    and copies.subject_plain = chosen.subject_plain
left join verdicts on verdicts.message = copies.message
where chosen.message_id <> '' and copies.message not in (select message from members)
    and abs(date_diff('hour', coalesce(copies.time, copies.date), chosen.moment)) <= 24
    and coalesce(verdicts.decided, '') <> 'harmless'
