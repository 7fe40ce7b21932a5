-- The addresses of each owner: what he was delivered to at, and what he sends from. Only mail that lies in a sent
-- folder proves the latter: a name in From is anybody's word.
with held as (
    select distinct sources.owner, sightings.message, marked.is_in_sent as sent
    from sightings join sources using (source) join marked using (folder, flags, labels)
),
sizes as (
    select owner, count(*) as held, count(*) filter (sent) as sent from held group by owner
)
select owner, owner as address, 'main' as how from sizes
union
select distinct owner, recipients.address, 'tagged'
from held join recipients using (message)
where recipients.address like '%+%@%' and regexp_replace(recipients.address, '[+][^@]*@', '@') = held.owner
union
select owner, from_address, 'sent-folder' from (
    select held.owner, messages.from_address, count(*) as times, any_value(sizes.sent) as of
    from held join message_facts messages using (message) join sizes using (owner)
    where held.sent and messages.from_address <> '' and messages.from_address <> held.owner
    group by all
) where times >= 3 and times >= 0.02 * of
union
select owner, address, 'delivered-to' from (
    select held.owner, recipients.address, count(distinct held.message) as times, any_value(sizes.held) as of
    from held join recipients using (message) join sizes using (owner)
    where recipients.field in ('delivered-to', 'envelope-to') and recipients.number >= 0
        and recipients.address <> '' and recipients.address <> held.owner
    group by all
) where times >= 3 and times >= 0.2 * of
