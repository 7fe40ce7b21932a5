-- Conversations: by the ids that replies name; where those are missing, by the provider's thread id or, for
-- what is written as a reply, by the last earlier message with the same subject in the same mailbox.
-- `thread_roots` (message, root) was made before by following ids to their beginning.
with placed as (
    select mail.owner, mail.message, mail.moment, mail.direction, messages.from_address,
        messages.links, messages.attachments, roots.root as conversation, messages.in_reply_to,
        messages."references", messages.subject_reply
    from mail
    join message_facts messages using (message)
    join thread_roots roots using (message)
),
told as (
    select *,
        row_number() over by_time - 1 as position,
        count(*) over (partition by owner, conversation) as conversation_size,
        count(*) filter (direction = 'sent') over before_it as owner_wrote_before,
        lag(moment) over by_time as previous,
        count(*) over sender_before as sender_wrote_before,
        coalesce(sum(links) over sender_before, 0) as links_before,
        coalesce(sum(attachments) over sender_before, 0) as attachments_before
    from placed
    window
        by_time as (partition by owner, conversation order by moment, message),
        before_it as (partition by owner, conversation order by moment, message
            rows between unbounded preceding and 1 preceding),
        sender_before as (partition by owner, conversation, from_address order by moment, message
            rows between unbounded preceding and 1 preceding)
),
spoken_to as (
    select placed.owner, placed.conversation, recipients.address, min(placed.moment) as since
    from placed join recipients using (message)
    where recipients.field in ('to', 'cc')
    group by all
),
answered as (
    select told.message, told.owner, any_value(earlier.message) as replies_to
    from told
    join message_facts messages on messages.message = told.message
    join message_facts earlier on earlier.message_id = messages.in_reply_to
    where messages.in_reply_to <> '' and earlier.message <> told.message
    group by all
),
first_met as (
    select owner, address, min(moment) as since from contacts group by all
),
strangers as (
    select mail.owner, mail.message, count(distinct recipients.address) as new_on_copy
    from mail join message_facts messages using (message) join recipients using (message)
    join first_met on first_met.owner = mail.owner and first_met.address = recipients.address
    where recipients.field in ('to', 'cc') and first_met.since = mail.moment
        and recipients.address <> messages.from_address
        and not exists (select 1 from owner_addresses own
            where own.owner = mail.owner and own.address = recipients.address)
    group by all
)
select told.message, told.conversation, told.position, told.conversation_size, told.owner_wrote_before,
    told.sender_wrote_before,
    coalesce(spoken_to.since < told.moment, false) as sender_addressed_before,
    coalesce(answered.replies_to, '') as replies_to,
    told.subject_reply and told.in_reply_to = '' and len(told."references") = 0 as invented,
    date_diff('second', told.previous, told.moment) / 86400.0 as days_since_previous,
    told.links_before, told.attachments_before, coalesce(strangers.new_on_copy, 0) as new_on_copy
from told
join places on places.message = told.message and places.owner = told.owner
left join spoken_to on spoken_to.owner = told.owner and spoken_to.conversation = told.conversation
    and spoken_to.address = told.from_address
left join answered on answered.message = told.message and answered.owner = told.owner
left join strangers on strangers.message = told.message and strangers.owner = told.owner
