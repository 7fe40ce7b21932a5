-- What each value weighs, from background counts alone: how improbable it is that somebody else's mail has it, too.
-- Counts are of senders (registrable domains), so that a newsletter is one, however often it comes. What is honest and
-- long known in this case counts as background; what is weighed never does, for an operation repeats itself.
with around as (select greatest(count(distinct from_organisation), 1) as senders from subjects where not weighs),
values_seen as (
    select kind, value, min(about) as about, min(most) as most
    from found join subjects using (message) where weighs group by kind, value
),
counted as (
    select values_seen.kind, values_seen.value, kinds.family, kinds.forgeable, kinds.share, kinds.unseen, values_seen.most,
        coalesce(background.senders / kinds.background, 0) as elsewhere,
        coalesce(clean.senders / (select senders from around), 0) as here, coalesce(clean.senders, 0) as clean_senders,
        case
            when domains.popularity is not null then 'one of the million most used domains'
            when domains.is_freemail or domains.is_disposable then 'anybody can have an address there'
            when domains.is_bulk_mailer then 'a mailing service'
            when domains.identity <> '' then 'the domain of a known institution or service'
            when values_seen.about in (select organisation from addresses join familiar using (address))
                then 'the domain of an owner or correspondent'
            when values_seen.kind in ('link-host', 'link-domain') and (hosts.is_shortener or hosts.is_shared_hosting
                or hosts.is_file_host or hosts.is_bulk_mailer) then 'anybody can put a page there'
            when shared_names.says is not null then shared_names.says
            when networks.value is not null then networks.says
            else ''
        end as hub
    from values_seen
    join kinds using (kind)
    left join background on background.kind = values_seen.kind and background.key = left(sha256(values_seen.value), 16)
    left join clean on clean.kind = values_seen.kind and clean.value = values_seen.value
    left join domains on domains.organisation = values_seen.about and values_seen.about <> ''
    left join shared_names on shared_names.about = values_seen.about
    left join hosts on hosts.host = values_seen.value
    left join networks on networks.value = values_seen.value
)
select kind, value, family, forgeable,
    case when hub <> '' then 0 else greatest(0, least(coalesce(most, unseen), unseen,
        case when greatest(elsewhere, here) > 0 then -log2(greatest(elsewhere, here)) else unseen end)
        + log2(share)) end as bits,
    case when hub <> '' then hub
        when clean_senders > 2 then clean_senders || ' senders of honest mail here have it' else '' end as hub
from counted
