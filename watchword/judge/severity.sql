-- What each message that may be part of an attack shows, with what came before it in its conversation.
with told as (
    select verdicts.message, verdicts.owner, verdicts.conversation, verdicts.targeted,
        coalesce(messages.time, messages.date, timestamptz '1970-01-01') as moment
    from verdicts join messages using (message)
    where tier in ('attack', 'suspicious', 'malicious', 'unsure')
),
-- The account of somebody to whom the owner had written, confirmed by the receiving server and contradicted by none.
taken as (
    select told.message
    from told join messages using (message) join relationships using (message)
    where not newcomer and address_received >= 3 and address_sent > 0 and not is_list and not is_bulk and not is_auto
        and exists (select 1 from authentications checked where checked.message = told.message
            and trusted and aligned and result = 'pass' and method in ('dkim', 'dmarc', 'spf'))
        and not exists (select 1 from findings where findings.message = told.message and not carried
            and "group" in ('route', 'impersonation', 'lookalike'))
),
names as (
    select distinct owner, unnest(string_split(person, ' ')) as name
    from owner_addresses join addresses using (address)
),
greeted as (
    select distinct told.message
    from told join names using (owner) join texts using (message)
    where texts.attachment is null and texts.kind in ('plain', 'html') and length(name) >= 3
        and list_contains(regexp_split_to_array(lower(strip_accents(left(written, 60))), '[^\p{L}]+'), name)
),
shown as (
    select message, detector, levels.social, levels.technical
    from told join findings using (message) join levels using (detector)
    union all
    select message, 'known-account', 5, 2.0 from taken
),
highest as (
    select message, max(social) as social, max(technical) as technical from shown group by message
),
-- what is customised and greets its reader is personalised
own as (
    select told.*,
        greatest(1, case when highest.social = 3 and greeted.message is not null then 4 else highest.social end)
            as social,
        case when highest.social = 3 and greeted.message is not null then ['greets-owner'] else [] end as greets,
        greatest(1.0, highest.technical) as technical,
        coalesce((select list(distinct detector order by detector) from shown
            where shown.message = told.message and shown.social = highest.social and shown.social > 1), []) as social_by,
        coalesce((select list(distinct detector order by detector) from shown
            where shown.message = told.message and shown.technical = highest.technical and shown.technical > 1), [])
            as technical_by
    from told left join highest using (message) left join greeted using (message)
)
select message, max(targeted) over so_far as targeted,
    max(social) over so_far as social,
    arg_max(list_concat(social_by, greets), (social, -epoch(moment))) over so_far as social_because,
    max(technical) over so_far as technical,
    arg_max(technical_by, (technical, -epoch(moment))) over so_far as technical_because
from own
window so_far as (partition by owner, conversation order by moment, message
    rows between unbounded preceding and current row)
