-- Addresses that an operation wrote from or wants answers at. `is_known`: somebody's true account, by what mailboxes
-- held of it before; then only what answers a message of the operation was for the operation.
with wrote as (
    select letters.operation, facts.from_address as address, min(coalesce(facts.time, facts.date)) as since,
        bool_or(genuine.message is not null or sent.message is not null) as is_genuine,
        bool_or(not relationships.client_known or not relationships.offset_known or not relationships.route_known
            or habits.client_share = 0 or habits.header_order_share = 0) as is_other_hand
    from letters
    join message_facts facts using (message)
    left join genuine using (message)
    left join (select distinct message from sent) sent using (message)
    left join relationships using (message)
    left join habits using (message)
    where facts.from_address <> ''
    group by all
),
before as (
    select wrote.operation, wrote.address, count(*) as times, min(coalesce(facts.time, facts.date)) as earliest
    from wrote join message_facts facts on facts.from_address = wrote.address
    where coalesce(facts.time, facts.date) < wrote.since and facts.message not in (select message from letters)
    group by all
),
zones as (
    -- times of day by a clock that the address never showed before
    select wrote.operation, wrote.address, list(distinct facts.date_offset) as strange
    from wrote join message_facts facts on facts.from_address = wrote.address join letters using (operation, message)
    where facts.date_offset is not null and exists (
        select 1 from message_facts earlier
        where earlier.from_address = wrote.address and coalesce(earlier.time, earlier.date) < wrote.since
            and earlier.date_offset is not null)
    and not exists (
        select 1 from message_facts earlier
        where earlier.from_address = wrote.address and coalesce(earlier.time, earlier.date) < wrote.since
            and abs(earlier.date_offset - facts.date_offset) <= 90)
    group by all
),
was_written as (
    select distinct wrote.operation, wrote.address
    from wrote join recipients using (address) join sent using (message)
    where sent.moment < wrote.since
),
other as (
    -- where answers are to go, or an address that the text names; not one that the mailboxes knew before
    select letters.operation, facts.reply_address as address, coalesce(facts.time, facts.date) as moment
    from letters join message_facts facts using (message)
    where facts.reply_address not in ('', facts.from_address)
    union all
    select letters.operation, mentions.value, coalesce(facts.time, facts.date)
    from letters join mentions using (message) join message_facts facts using (message)
    where mentions.kind = 'address' and mentions.found_in in ('written', 'signature')
)
select wrote.operation, wrote.address, wrote.since, wrote.is_genuine,
    coalesce(wrote.is_other_hand, false) or len(zones.strange) > 0 as is_other_hand,
    own.owner is not null as is_owner, coalesce(own.owner, wrote.address) as person,
    own.owner is not null
        or (coalesce(before.times, 0) >= 3 and before.earliest <= wrote.since - interval 30 days
            and was_written.address is not null) as is_known
from wrote
left join before using (operation, address)
left join zones using (operation, address)
left join was_written using (operation, address)
left join (select address, min(owner) as owner from owner_addresses group by address) own using (address)
union all
select other.operation, other.address, min(other.moment), false, false, false, other.address, false
from other
left join addresses on addresses.address = other.address and addresses.first < other.moment
where addresses.address is null and other.address <> ''
    and (other.operation, other.address) not in (select (operation, address) from wrote)
    and other.address not in (select address from owner_addresses)
group by all
