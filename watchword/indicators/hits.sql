-- What is named and what mail shows, by equality: the same, else its host, else its registrable domain or network.
with keys as (
    select named.*, value_names.host, value_names.about,
        case kind when 'url' then regexp_replace(value, '^[a-z]+://', '') else value end as compared
    from named join value_names using (kind, value)
),
wanted as (
    select keys.*, kind as by_kind, compared as by_value, 1 as step from keys
    union all select keys.*, 'host', host, 2 from keys where kind = 'url' and host <> about
    union all select keys.*, 'domain', about, 2 from keys where kind = 'url' and host = about
    union all select keys.*, 'ip', host, 2 from keys where kind = 'url' and host = about
    union all select keys.*, 'domain', about, 3 from keys
        where kind in ('url', 'host', 'address') and about <> '' and contains(about, '.')
    union all select keys.*, 'network', regexp_extract(host, '^(\d+\.\d+\.\d+)\.\d+$', 1) || '.0/24', 3 from keys
        where kind in ('ip', 'url') and regexp_matches(host, '^\d+\.\d+\.\d+\.\d+$')
)
select shown.message, wanted.by_kind as kind, case wanted.by_kind when 'url' then wanted.value else by_value end as value,
    wanted.step = 1 as exact, wanted.document, wanted.actor, wanted.said_by, wanted.published,
    wanted.host, wanted.about
from wanted join shown on shown.kind = wanted.by_kind and shown.value = wanted.by_value
where coalesce(wanted.about, '') not in (select value from own_names)
    and shown.about not in (select value from own_names)
qualify min(wanted.step) over (
    partition by shown.message, wanted.kind, wanted.value, wanted.document, wanted.actor, wanted.said_by
) = wanted.step
