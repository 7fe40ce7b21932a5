-- For whom logs are looked through, from when to when, and how many sign-ins they have before and within.
with people as (
    select operation, owner, min(moment) as first, max(moment) as last from lures group by all
    union
    select senders.operation, senders.person, min(senders.since), max(senders.since)
    from senders
    where senders.is_owner
        and not exists (select 1 from lures where lures.operation = senders.operation and lures.owner = senders.person)
    group by all
),
tally as (
    select own.owner, events."time" as moment, row_number() over (partition by own.owner order by events."time") as n
    from events join owner_addresses own on own.address = events.account
    where events.kind = 'sign-in' and events.outcome <> 'failure' and events."time" is not null
)
select people.*, coalesce(before.n, 0) as baseline, coalesce(until.n, 0) - coalesce(before.n, 0) as sign_ins
from (select *, last + interval 14 days as stop from people where first is not null) people
asof left join tally before on before.owner = people.owner and before.moment < people.first
asof left join tally until on until.owner = people.owner and until.moment <= people.stop
