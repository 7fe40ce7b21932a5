-- Received mail, and whether it is weighed: what was judged hostile, and mail of people who are new to the mailbox.
-- What nobody can connect is left out: mail of people whom the owner has long known, unless it was judged hostile; what
-- a person decided to be harmless. It still tells what honest mail shares.
with vouching as (
    select message, bool_or(result = 'pass' and aligned) as passed,
        bool_or(result = 'fail' and method in ('dmarc', 'spf')) as failed
    from (
        select message, method, result, aligned from authentications where trusted
        union all
        select message, method, result, aligned from checks where rests_on <> 'no-record'
    )
    where method in ('dkim', 'dmarc', 'spf') group by message
),
-- a colleague's, or the owner's other address; somebody who only claims to be one is none
own as (
    select distinct organisation from addresses join domains using (organisation)
    where is_owner and not is_freemail and not is_disposable
)
select messages.* exclude (owner, source, member, "offset", length, sha256), relationships.owner,
    coalesce(messages.time, messages.date, timestamptz '1970-01-01') as moment,
    relationships.newcomer, relationships.recipients, conversations.conversation, conversations.conversation_size,
    coalesce(vouching.failed and not vouching.passed, false) as failed,
    own_addresses.address is not null
        or (own.organisation is not null and not coalesce(vouching.failed and not vouching.passed, false)) as is_own,
    coalesce(verdicts.tier in ('attack', 'suspicious', 'malicious', 'unsure'), false) as seed,
    coalesce(verdicts.probability, 0) as probability, coalesce(verdicts.targeted, 0) as targeted,
    coalesce(verdicts.tier, 'quiet') as tier,
    verdicts.tier <> 'harmless' and (verdicts.tier in ('attack', 'suspicious', 'malicious', 'unsure')
        or (relationships.newcomer and not (is_list or is_bulk or is_auto) and not is_own)) as weighs
from messages
join relationships using (message)
join conversations using (message)
left join verdicts using (message)
left join vouching using (message)
left join own on own.organisation = messages.from_organisation
left join (select distinct address from owner_addresses) own_addresses on own_addresses.address = messages.from_address
where relationships.direction = 'received'
