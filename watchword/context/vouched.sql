-- Known names at new addresses for which the known address vouches: it had named the new one before, among the
-- recipients or in the text, or it reads along now.
with known as (
    select owner, message, moment, address from contacts
    where received = 1 and (owner, address) in (select owner, name_known from namesakes)
),
named_by as (
    select owner, name_known, address, min(moment) as since
    from (
        select known.owner, known.address as name_known, known.moment, recipients.address
        from known join recipients using (message)
        where recipients.field in ('to', 'cc')
        union all
        select known.owner, known.address, known.moment,
            unnest(regexp_extract_all(lower(written), '[a-z0-9._%+-]+@[a-z0-9-]+(?:[.][a-z0-9-]+)+'))
        from known join texts using (message)
        where contains(written, '@')
    )
    group by all
)
select namesakes.owner, namesakes.message
from namesakes
join named_by using (owner, name_known, address)
where named_by.since < namesakes.moment
union
select namesakes.owner, namesakes.message from namesakes join recipients using (message)
where recipients.address = namesakes.name_known and field in ('to', 'cc')
