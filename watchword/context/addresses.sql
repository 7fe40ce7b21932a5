-- The directory: each address that occurs in the case, the name it goes by, and whether it is worth impersonating.
with uses as (
    select contacts.address, contacts.organisation, contacts.message, contacts.moment, contacts.received,
        contacts.sent, contacts.direction
    from contacts
),
names as (
    select address, mode(name) as name, mode(person) as person from (
        select from_address as address, from_name as name, from_person as person from message_facts
        where from_name <> '' and from_address <> ''
        union all
        select address, name, person from recipients where name <> '' and address <> ''
    ) group by address
),
honest as (
    -- people rather than machines: what writes in bulk, or by itself, is not a correspondent
    select from_address as address, avg(case when is_bulk or is_auto then 1 else 0 end) < 0.5 as is_person
    from message_facts group by from_address
)
select uses.address, split_part(uses.address, '@', 2) as domain, any_value(uses.organisation) as organisation,
    coalesce(any_value(names.name), '') as name, coalesce(any_value(names.person), '') as person,
    min(uses.moment) as first, max(uses.moment) as last,
    count(distinct uses.message) filter (uses.received = 1) as wrote,
    count(distinct uses.message) filter (uses.sent = 1) as was_written,
    any_value(own.address) is not null as is_owner,
    count(*) filter (uses.sent = 1) > 0
        or (count(distinct date_trunc('day', uses.moment)) filter (uses.received = 1) >= 3
            and coalesce(any_value(honest.is_person), true)) as protected
from uses
left join names on names.address = uses.address
left join honest on honest.address = uses.address
left join (select distinct address from owner_addresses) own on own.address = uses.address
group by uses.address
