-- Every time that an owner's mailbox met an address: as sender to him, as somebody he wrote to, or only named.
-- An address without a name goes by the words of its local part, as `ana.ruiz`.
with met as (
    select mail.owner, mail.message, mail.moment, mail.direction, messages.from_address as address,
        messages.from_organisation as organisation, messages.from_person as person,
        case when mail.direction = 'received' then 1 else 0 end as received, 0 as sent
    from mail join message_facts messages using (message)
    where messages.from_address <> ''
    union all
    -- who is answered where a stranger wants the answers is no acquaintance of the owner's
    select mail.owner, mail.message, mail.moment, mail.direction, messages.reply_address,
        messages.reply_organisation, '', 0, 0
    from mail join message_facts messages using (message)
    where messages.reply_address not in ('', messages.from_address) and not messages.is_list and not messages.is_bulk
    union all
    select mail.owner, mail.message, any_value(mail.moment), any_value(mail.direction), recipients.address,
        any_value(recipients.organisation), max(recipients.person), 0,
        max(case when mail.direction = 'sent' then 1 else 0 end)
    from mail join recipients using (message)
    where recipients.field in ('to', 'cc', 'bcc') and recipients.address <> ''
    group by mail.owner, mail.message, recipients.address
)
select * replace (
    coalesce(nullif(person, ''), array_to_string(list_sort(list_filter(
        regexp_split_to_array(split_part(address, '@', 1), '[^a-z]+'), lambda word: len(word) > 0)), ' ')) as person)
from met
