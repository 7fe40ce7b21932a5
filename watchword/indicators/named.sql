-- What reports call the attacker's, and what is known of actors, each with who says so and since when.
with own_name as (
    select lower(name) as printed, any_value(actor) as actor from actors group by lower(name) having count(*) = 1
)
select distinct indicators.kind, indicators.value, indicators.document, coalesce(own_name.actor, '') as actor,
    coalesce(documents.publisher, '') as said_by, coalesce(indicators.published, documents.published) as published
from indicators
left join documents using (document)
left join own_name on own_name.printed = lower(indicators.actor) and indicators.actor <> ''
where indicators.role = 'attacker' and indicators.kind not in ('md5', 'sha1')
union
select case when kind = 'hash' then 'sha256' else kind end, value, '', actor, said_by, published
from actor_facts
where kind in ('url', 'host', 'domain', 'ip', 'network', 'address', 'phone', 'wallet', 'handle')
    or (kind in ('hash', 'sha256') and length(value) = 64)
