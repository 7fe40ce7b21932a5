-- Whose mailbox is each source? The address that most of its messages are from or to. A server that delivered it
-- names it outright (Delivered-To); where two addresses come close, the one that the folder's other mailboxes know.
-- A tag (`ana+news@`) is the same person. Where nobody stands out, the mailbox goes by its id.
with places as (
    select distinct source, message from sightings
),
sizes as (
    select source, count(*) as held from places group by source
),
traces as (
    select places.source, regexp_replace(recipients.address, '[+][^@]*@', '@') as address,
        max(case when recipients.field in ('to', 'cc', 'bcc', 'received-for') then 1.0 else 1.1 end) as weight,
        'recipients' as how, places.message
    from places join recipients using (message) where recipients.address <> ''
    group by all
    union all
    select places.source, regexp_replace(message_facts.from_address, '[+][^@]*@', '@'), 1.0, 'sent', places.message
    from places join message_facts using (message) where message_facts.from_address <> ''
),
shares as (
    select source, address, sum(weight) / any_value(held) as share,
        case when max(weight) > 1 then 'delivered-to' else mode(how) end as how
    from (
        select source, address, message, max(weight) as weight, arg_max(how, weight) as how
        from traces group by source, address, message
    ) join sizes using (source)
    group by source, address
    having sum(weight) / any_value(held) >= 0.2
),
across as (
    select files.folder_of, shares.address, sum(shares.share) as share
    from shares join source_files files using (source)
    group by all
),
near as (
    select *, max(share) over (partition by source) - 0.2 as enough from shares
),
best as (
    select near.source, near.address, near.share, near.how
    from near join source_files files using (source)
    join across on across.folder_of = files.folder_of and across.address = near.address
    where near.share >= 0.5 and near.share >= near.enough
    qualify row_number() over (
        partition by near.source order by across.share desc, near.share desc, near.address
    ) = 1
),
-- Where nearly all mailboxes of a folder are one person's, the folder is his and so are the others in it.
siblings as (
    select files.folder_of, best.address
    from best join source_files files using (source)
    group by files.folder_of, best.address
    qualify count(*) >= 4 and count(*) > 0.75 * sum(count(*)) over (partition by files.folder_of)
),
counts as (
    select source, count(*) as sighted, count(distinct message) filter (first_here) as fresh
    from (
        select source, message,
            row_number() over (partition by message order by source, member, "offset") = 1 as first_here
        from sightings
    ) group by source
),
refused as (
    select source, count(*) as rejected from rejections group by source
)
select files.source, files.path, files.kind, files.size,
    case when files.kind = 'none' then ''  -- a path that was named and holds no mail of its own
        else coalesce(nullif(files.owner, ''), siblings.address, best.address, files.source) end as owner,
    case when files.owner <> '' then 'given'
        when siblings.address is not null and siblings.address is distinct from best.address then 'shared'
        else coalesce(best.how, '') end as owner_how,
    coalesce(least(1.0, own.share), 0) as owner_share,
    coalesce(counts.sighted, 0) + coalesce(refused.rejected, 0) as found,
    coalesce(counts.fresh, 0) as messages,
    coalesce(counts.sighted, 0) - coalesce(counts.fresh, 0) as repeated,
    coalesce(refused.rejected, 0) as rejected
from source_files files
left join best using (source)
left join siblings on siblings.folder_of = files.folder_of
left join shares own on own.source = files.source
    and own.address = coalesce(nullif(files.owner, ''), siblings.address, best.address)
left join counts on counts.source = files.source
left join refused on refused.source = files.source
