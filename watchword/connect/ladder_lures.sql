-- Messages of an operation, for each owner whom they were for: in the mailbox, or named and not there.
with meant as (
    select letters.operation, letters.message, kept.owner, true as is_there
    from letters join kept using (message)
    union
    select letters.operation, letters.message, own.owner, false
    from letters join recipients using (message) join owner_addresses own using (address)
    where recipients.field in ('to', 'cc', 'bcc')
        and not exists (select 1 from kept where kept.message = letters.message and kept.owner = own.owner)
),
fields as (
    select recipients.message, own.owner, bool_or(recipients.field = 'to') as in_to,
        bool_or(recipients.field = 'cc') as in_cc
    from recipients join owner_addresses own using (address)
    where recipients.message in (select message from letters)
    group by all
),
baits as (
    -- something to open, by which an account could be entered
    select distinct message from leads where message in (select message from letters)
    union
    select distinct message from attachments where not is_inline and message in (select message from letters)
),
asks as (
    select message,
        bool_or(kind in ('phone-request', 'other-channel', 'code-request', 'contacts-request')) as asks_details,
        bool_or(kind in ('sign-in', 'code-request', 'consent', 'pass-warning')) as asks_access,
        bool_or(kind = 'consent') as asks_consent
    from cues where found_in in ('written', 'subject') and message in (select message from letters) group by message
)
select distinct meant.operation, meant.owner, meant.message, meant.is_there,
    coalesce(facts.time, facts.date) as moment, facts.message_id, facts.from_address, facts.subject,
    coalesce(kept.is_in_spam, false) as is_in_spam, coalesce(kept.is_in_trash, false) as is_in_trash,
    coalesce(kept.is_read, false) as is_read, coalesce(kept.keeps_notes, false) as keeps_notes,
    coalesce(fields.in_to, false) as in_to, coalesce(fields.in_cc, false) as in_cc,
    facts.is_list and facts.list_id <> '' as is_by_list, facts.list_id,
    baits.message is not null as has_bait, coalesce(asks.asks_details, false) as asks_details,
    baits.message is not null or coalesce(asks.asks_access, false) as can_enter,
    coalesce(asks.asks_consent, false)
        or exists (select 1 from links where links.message = meant.message
            and links.query like '%client_id=%') as asks_consent
from meant
join message_facts facts using (message)
left join kept on kept.message = meant.message and kept.owner = meant.owner
left join fields on fields.message = meant.message and fields.owner = meant.owner
left join baits on baits.message = meant.message
left join asks on asks.message = meant.message
where not exists (select 1 from sent where sent.message = meant.message and sent.owner = meant.owner)
