-- Each message as each owner's mailbox shows it: direction, order in time, whether it lies among sent mail, spam or
-- trash (the table `marked`).
-- What bears the owner's address is his own mail if it lies in a sent folder, never came in from outside, came back
-- from a list, or was authenticated; otherwise somebody may only claim to be him.
with held as (
    select sources.owner, sightings.message, bool_or(marked.is_in_sent) as is_in_sent,
        bool_or(marked.is_in_spam) as is_in_spam, bool_or(marked.is_in_trash) as is_in_trash
    from sightings join sources using (source) join marked using (folder, flags, labels)
    group by all
),
vouched as (
    select distinct message from authentications
    where trusted and aligned and result = 'pass' and method in ('dkim', 'dmarc', 'spf')
)
select held.owner, held.message, held.is_in_sent, held.is_in_spam, held.is_in_trash,
    coalesce(messages.time, messages.date, timestamptz '1970-01-01') as moment,
    row_number() over (partition by held.owner
        order by coalesce(messages.time, messages.date, timestamptz '1970-01-01'), held.message) - 1 as history,
    case
        when own.address is null then 'received'
        when held.is_in_sent or (messages.origin_ip = '' and messages.origin_host = '') or messages.is_list
            or vouched.message is not null then 'sent'
        else 'self'
    end as direction
from held
join message_facts messages using (message)
left join owner_addresses own on own.owner = held.owner and own.address = messages.from_address
left join vouched on vouched.message = held.message
