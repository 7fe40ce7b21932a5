-- What each message that may be part of an attack shows, with what came before it in its conversation.
with told as (
    select verdicts.message, verdicts.owner, verdicts.conversation, verdicts.targeted,
        coalesce(messages.time, messages.date, timestamptz '1970-01-01') as moment
    from verdicts join messages using (message)
    where tier in ('attack', 'suspicious', 'malicious', 'unsure')
),
results as (
    select message, bool_or(result = 'pass' and aligned) as passed, bool_or(method = 'dmarc' and result = 'fail') as failed
    from (
        select message, method, result, aligned from authentications where trusted
        union all
        select message, method, result, aligned from checks where rests_on <> 'no-record'
    )
    where method in ('dkim', 'dmarc', 'spf') group by message
),
-- seen in the facts, and by no detector
seen as (
    select told.message,
        address_received >= 3 and address_sent > 0 and not newcomer and relationships.recipients <= 5
            and not (is_list or is_bulk or is_auto) and coalesce(passed and not failed, false) as known_account,
        address_sent = 0 and address_received <= 8
            and (name_sent > 0 or coalesce(domains.lookalike_whose in ('correspondent', 'owner'), false))
            as known_person
    from told join messages using (message) join relationships using (message) left join results using (message)
    left join domains on domains.organisation = messages.from_organisation
),
shown as (
    select message, detector, levels.social, levels.technical
    from told join findings using (message) join levels using (detector)
    union all
    select message, 'known-account', 5, 2.0 from seen where known_account
    union all
    select message, 'known-person', 4, 0.0 from seen where known_person
),
highest as (
    select told.*, greatest(1, max(shown.social)) as social, greatest(1.0, max(shown.technical)) as technical,
        bool_or(shown.social = 5 or detector = 'known-person') as is_near
    from told left join shown using (message) group by all
),
-- words of the owner's name, or, where nobody ever wrote it, of the address
names as (
    select distinct owner, name
    from (
        select owner, unnest(regexp_split_to_array(if(person = '', regexp_extract(address, '^[^@+]+'), person),
            '[^\p{L}]+')) as name
        from owner_addresses join addresses using (address)
    )
    where length(name) >= 2 and name not in ('al', 'da', 'de', 'del', 'den', 'der', 'di', 'dos', 'du', 'el', 'la', 'le',
        'van', 'von')
),
greeted as (
    select distinct message
    from highest join names using (owner) join texts using (message)
    where social = 3 and texts.attachment is null and texts.kind in ('plain', 'html')
        and list_contains(regexp_split_to_array(lower(strip_accents(left(written, 60))), '[^\p{L}]+'), name)
),
because as (
    select message,
        list(distinct detector order by detector) filter (shown.social = highest.social and shown.social > 1) as social_by,
        list(distinct detector order by detector) filter (shown.technical = highest.technical and shown.technical > 1)
            as technical_by
    from shown join highest using (message) group by message
),
-- what is customised and greets its reader is personalised
own as (
    select highest.* exclude (social), case when greeted.message is null then social else 4 end as social,
        list_concat(coalesce(social_by, []), case when greeted.message is null then [] else ['greets-owner'] end)
            as social_by,
        coalesce(technical_by, []) as technical_by
    from highest left join because using (message) left join greeted using (message)
)
select message, max(targeted) over so_far as targeted, bool_or(coalesce(is_near, false)) over so_far as is_near,
    max(social) over so_far as social,
    arg_max(social_by, (social, -epoch(moment))) over so_far as social_because,
    max(technical) over so_far as technical,
    arg_max(technical_by, (technical, -epoch(moment))) over so_far as technical_because
from own
window so_far as (partition by owner, conversation order by moment, message
    rows between unbounded preceding and current row)
