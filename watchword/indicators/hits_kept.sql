-- Each hit once, with the operation of its message, and why it says nothing if so.
with weightless as (select value, min(hub) as hub from traces where hub <> '' group by value)
select distinct found_hits.message, coalesce(members.operation, '') as operation, found_hits.kind, found_hits.value,
    found_hits.exact, found_hits.document, found_hits.actor, found_hits.said_by, found_hits.published,
    case
        -- One page or mailbox belongs to one, also where anybody may have one.
        when found_hits.kind in ('url', 'address', 'handle', 'wallet', 'phone', 'sha256')
            then coalesce(case when found_hits.kind <> 'url' then weightless.hub end, '')
        else coalesce(hub_owners.says, hub_hosts.says, hub_networks.says, weightless.hub, '')
    end as hub
from found_hits
left join members using (message)
left join weightless on weightless.value = found_hits.value
left join hub_owners on hub_owners.value = found_hits.about and found_hits.kind in ('host', 'domain')
left join hub_hosts on hub_hosts.value = found_hits.value and found_hits.kind in ('host', 'domain')
left join hub_networks on hub_networks.value = found_hits.value
order by message, kind, value
