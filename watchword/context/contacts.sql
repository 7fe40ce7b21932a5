-- Every time that an owner's mailbox met an address: as sender to him, as somebody he wrote to, or only named.
with author as (
    select mail.owner, mail.message, mail.moment, mail.direction, messages.from_address as address,
        messages.from_organisation as organisation,
        coalesce(nullif(messages.from_person, ''), array_to_string(list_sort(list_filter(
            regexp_split_to_array(messages.from_local, '[^a-z]+'), lambda word: len(word) > 0)), ' ')) as person,
        case when mail.direction = 'received' then 1 else 0 end as received, 0 as sent
    from mail join message_facts messages using (message)
    where messages.from_address <> ''
),
reader as (
    select mail.owner, mail.message, mail.moment, mail.direction, recipients.address,
        any_value(recipients.organisation) as organisation,
        coalesce(nullif(max(recipients.person), ''), array_to_string(list_sort(list_filter(
            regexp_split_to_array(split_part(recipients.address, '@', 1), '[^a-z]+'), lambda word: len(word) > 0)), ' '))
            as person,
        0 as received, case when mail.direction = 'sent' then 1 else 0 end as sent
    from mail join recipients using (message)
    where recipients.field in ('to', 'cc', 'bcc') and recipients.address <> ''
    group by all
)
select * from author
union all
select * from reader
