-- For whom a ladder is made, and what was at hand to look at.
with whom as (
    select operation, owner from lures
    union
    select senders.operation, senders.person from senders join onward on onward.operation = senders.operation
        and onward.owner = senders.person
    where senders.is_known
),
got as (
    select operation, owner, min(moment) as first, max(moment) as last, count(*) as letters,
        count(*) filter (is_there) as held, bool_or(has_bait) as has_bait, bool_or(can_enter) as can_enter,
        bool_or(asks_consent) as asks_consent,
        coalesce(bool_and(is_in_spam) filter (is_there), false) as is_all_spam,
        coalesce(bool_and(keeps_notes and not is_read) filter (is_there), false) as is_all_unread,
        coalesce(bool_or(keeps_notes) filter (is_there), false) as keeps_notes
    from lures group by all
),
own as (
    select owner, min(moment) as sent_first, max(moment) as sent_last, count(*) as sent from sent group by owner
),
boxes as (
    select owner, min(coalesce("time", "date")) as box_first, max(coalesce("time", "date")) as box_last
    from messages group by owner
)
select whom.operation, whom.owner, got.* exclude (operation, owner),
    whom.owner in (select owner from sources) as is_owner,
    own.sent >= 3 and own.sent_first <= got.first and own.sent_last >= got.last as has_sent,
    boxes.box_first <= got.first and boxes.box_last >= got.last as has_box,
    coalesce(watched.baseline, 0) as baseline, coalesce(watched.sign_ins, 0) as sign_ins,
    coalesce(bool_or(spans.covers = 'sign-in'), false) as logs_sign_ins,
    coalesce(bool_or(spans.covers = 'access-granted'), false) as logs_access,
    coalesce(bool_or(spans.covers in ('forwarding', 'filter-rule')), false) as logs_rules,
    coalesce(bool_or(spans.covers = 'mail-read'), false) as logs_reading,
    coalesce(bool_or(spans.covers = 'link-clicked'), false) as logs_clicks,
    coalesce(arg_max(spans.log, spans.last), '') as log,
    whom.owner in (select own.owner from owner_addresses own join events on events.account = own.address) as has_logs
from whom
left join got on got.operation = whom.operation and got.owner = whom.owner
left join own on own.owner = whom.owner
left join boxes on boxes.owner = whom.owner
left join watched on watched.operation = whom.operation and watched.owner = whom.owner
left join spans on spans.owner = whom.owner and spans.first <= got.first
    and spans.last >= got.last + interval 14 days
group by all
