-- An account that the operation itself wrote from, and outgoing mail that is not like the owner's.
with wrote as (
    -- an owner's or a known person's account: a letter of the operation came from it
    select letters.operation, senders.person as owner, letters.message, coalesce(facts.time, facts.date) as moment,
        facts.from_address, senders.is_owner, facts.subject_reply,
        senders.is_other_hand,
        row_number() over (partition by letters.operation, senders.person order by facts.time, letters.message) as nth,
        count(distinct facts.message_id) over (partition by letters.operation, senders.person) as times
    from letters
    join message_facts facts using (message)
    join senders on senders.operation = letters.operation and senders.address = facts.from_address and senders.is_known
    left join genuine using (message)
    left join (select distinct message from sent) sent using (message)
    where (genuine.message is not null or sent.message is not null) -- else anybody may have written its name
),
people as (
    select operation, owner, min(moment) as first, max(moment) as last,
        min(moment) filter (can_enter) as first_bait, max(moment) filter (can_enter) as last_bait
    from lures group by all
),
places as (
    select distinct letters.operation, leads.final_host as host
    from letters join leads using (message) join domains on domains.organisation = leads.final_organisation
    where domains.popularity is null and not domains.is_freemail
        and coalesce(domains.correspondents, 0) = 0
),
passed as (
    select people.operation, people.owner, sent.message, sent.moment, min(places.host) as host
    from sent join people using (owner) join leads using (message)
    join places on places.operation = people.operation and places.host = leads.final_host
    where sent.moment > people.first and not sent.is_member and not sent.subject_reply and sent.in_reply_to = ''
        and sent.message not in (select message from texts where quoted <> '' or kind = 'nested')
        and sent.message not in (select message from answers)
    group by all
),
many as (
    select message, count(distinct address) as others from recipients where field in ('to', 'cc',
        'bcc') group by message
),
odd as (
    select people.operation, people.owner, sent.message, sent.moment, many.others
    from sent join people using (owner) join many using (message)
    where many.others >= 10 and not sent.is_auto and not sent.is_member
        and sent.moment between people.first_bait and people.last_bait + interval 14 days
        and (select count(*) from sent earlier where earlier.owner = sent.owner and earlier.moment < people.first) >= 5
        and not exists (select 1 from sent earlier where earlier.owner = sent.owner and earlier.moment < sent.moment
            and (earlier.mailer, earlier.header_order) = (sent.mailer, sent.header_order))
        and not exists (select 1 from sent earlier where earlier.owner = sent.owner and earlier.moment < sent.moment
            and earlier.date_offset = sent.date_offset)
)
select operation, owner, message, moment,
    case when is_other_hand and not subject_reply then 'shown' else 'possible' end as state,
    format('{} of this operation came from the account {}{}.', case times when 1 then
        'A message' else times || ' messages' end,
        from_address,
        case
            when is_other_hand then ', from another program, time zone or route than its earlier mail'
            else '; that the person wrote it in good faith is an honest reading'
        end) as sentence
from wrote where nth = 1
union all
select operation, owner, message, moment, 'possible',
    format('Mail of its own went out from this account with a link to {}, where the operation''s links '
        || 'lead; passing it on in good faith is an honest reading.',
        replace(host, '.', '[.]'))
from passed
union all
select operation, owner, message, moment, 'possible',
    format('Mail to {} addresses went out from this account, from a program and a time zone that it never '
        || 'used before; a journey with a new device is an honest reading.', others)
from odd
