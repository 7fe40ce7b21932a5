-- What logs recorded for an owner's account from the first message of an operation to two weeks after the last, and how
-- strange the place was that it was done from.
with done as (
    select own.owner, events.*,
        case
            when events.ip like '%:%' then array_to_string(string_split(events.ip, ':')[1:3], ':')
            else regexp_extract(events.ip, '^\d+\.\d+\.\d+')
        end as network,
        trim(regexp_replace(lower(events.client), '[0-9][0-9._]*', '', 'g')) as program
    from events join owner_addresses own on own.address = events.account
),
known as (
    select *,
        min("time") filter (outcome <> 'failure') over (partition by owner, network) as network_since,
        min("time") filter (outcome <> 'failure') over (partition by owner, location) as location_since,
        min("time") filter (outcome <> 'failure') over (partition by owner, program) as program_since
    from done
),
theirs as (
    select distinct letters.operation, traces.value
    from letters join traces using (message) where traces.hub = ''
),
clients as (
    -- applications that links of the operation ask access for
    select distinct letters.operation, regexp_extract(links.query, 'client_id=([^&]+)', 1) as client
    from letters join links using (message) where links.query like '%client_id=%'
),
own_targets as (
    select distinct sent.owner, recipients.address, min(sent.moment) as since
    from sent join recipients using (message) where recipients.field in ('to', 'cc', 'bcc') group by all
),
told as (
    -- what says something by itself, and what was done from where nobody of the account came from before the first lure
    select known.*
    from known
    join (select owner, min(first) as first from watched group by owner) earliest on earliest.owner = known.owner
    where (known.outcome <> 'failure' or known.kind in ('sign-in-failed', 'sign-in-blocked'))
        and (known."time" is null or known."time" >= earliest.first)
        and (known.network_since >= earliest.first or known.ip in (select value from theirs)
            or known.kind not in ('sign-in', 'mail-read', 'mail-sent', 'mail-deleted', 'mail-moved', 'mail-received',
                'file-read', 'file-shared', 'search', 'download', 'access', 'other', 'setting')
            or len(known.internet_message_ids) > 0 and known.kind = 'mail-read')
),
placed as (
    select watched.operation, watched.first, told.*,
        lower(regexp_extract(told.target, '[[:alnum:]._%+-]+@[[:alnum:].-]+')) as goes_to,
        theirs.value is not null as is_their_place,
        watched.baseline >= 3 and told.network <> '' and told.network_since >= watched.first
            and (case when told.location <> '' then told.location_since >= watched.first else told.program = '' end
                or told.program <> '' and told.program_since >= watched.first) as is_new_place
    from told
    join watched on watched.owner = told.owner
        and (told."time" is null or told."time" between watched.first and watched.stop
            -- who came in within the time is followed to the end
            or told."time" > watched.stop and told.network_since between watched.first and watched.stop)
    left join theirs on theirs.operation = watched.operation and theirs.value = told.ip and told.ip <> ''
),
aimed as (
    select placed.*,
        placed.goes_to <> '' and (
            placed.goes_to in (select address from owner_addresses where owner_addresses.owner = placed.owner)
            or coalesce(own_targets.since < placed.first, false)) as is_own_target,
        exists (select 1 from senders where senders.operation = placed.operation
            and senders.address = placed.goes_to and not senders.is_known) as is_their_target,
        exists (select 1 from clients where clients.operation = placed.operation and clients.client <> ''
            and (clients.client = placed.application or contains(placed.detail, clients.client)
                or contains(placed.target, clients.client))) as is_their_client,
        placed.kind = 'access-granted' and regexp_matches(lower(array_to_string(placed.scopes, ' ')),
            'mail|imap|ews|smtp|full_access|offline_access') as opens_mail,
        exists (select 1 from done earlier
            where earlier.owner = placed.owner and earlier.kind = 'access-granted' and earlier."time" < placed.first
                and earlier.application = placed.application) as was_granted
    from placed
    left join own_targets on own_targets.owner = placed.owner and own_targets.address = placed.goes_to
),
strange as (
    -- networks nobody of the account came from before; with a change that serves who reads along, it is shown
    select sign.operation, sign.owner, sign.network, bool_or(sign.is_their_place) as is_theirs,
        min(sign."time") as since,
        bool_or(sign.is_their_place) or bool_or(exists (
            select 1 from aimed change
            where change.operation = sign.operation and change.owner = sign.owner
                and (change.network = sign.network or change.network = '')
                and change."time" between sign."time" and sign."time" + interval 3 days
                and (change.kind in ('forwarding', 'filter-rule') and change.goes_to <> '' and not change.is_own_target
                    or change.kind = 'app-password'
                    or change.opens_mail and not change.was_granted))) as is_shown
    from aimed sign
    where (sign.kind = 'sign-in' and sign.is_new_place or sign.is_their_place) and sign.network <> ''
        and sign.kind not in ('sign-in-failed', 'sign-in-blocked')
    group by all
),
ways as (
    select operation, owner, moment from openings
    union
    select operation, owner, first from watched where (operation, owner) not in (select (operation, owner) from lures)
),
opened as (
    select operation, owner, min(moment) as moment from said where state = 'shown' group by all
),
met as (
    select aimed.*, strange.network is not null as is_strange, coalesce(strange.is_shown, false) as is_shown,
        coalesce(strange.is_theirs, false) as is_from_theirs,
        coalesce(strange.since, aimed."time", timestamptz '9999-01-01') as since,
        coalesce(strange.is_theirs, false) or aimed.is_their_place or aimed.is_their_target or aimed.is_their_client
            as is_certain
    from aimed
    left join strange on strange.operation = aimed.operation and strange.owner = aimed.owner
        and strange.network = aimed.network and (aimed."time" is null or aimed."time" >= strange.since)
    where aimed.kind not in ('mail-received', 'access', 'other', 'setting') or strange.network is not null
)
select met.*,
    -- a reply says that another operation's message was opened before, and none that this one's was
    not met.is_certain and opened.moment is null and exists (
        select 1 from opened other
        where other.owner = met.owner and other.operation <> met.operation
            and other.moment <= met."time") as is_claimed,
    row_number() over (partition by met.operation, met.owner, met.network, met.kind order by met."time") as nth,
    count(*) over (partition by met.operation, met.owner, met.network, met.kind) as times
from met
asof left join ways on ways.operation = met.operation and ways.owner = met.owner and ways.moment <= met.since
left join opened on opened.operation = met.operation and opened.owner = met.owner and opened.moment <= met.since
where met.is_certain or met.kind = 'link-clicked' or met.kind = 'mail-read' and not met.is_strange
    or ways.moment is not null and (met."time" is null or met.since <= ways.moment + interval 14 days)
