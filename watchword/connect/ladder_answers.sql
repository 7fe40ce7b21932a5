-- What went out from an owner's account to the operation, or about it to others.
with people as (
    select operation, owner, min(moment) as first from lures group by all
),
linked as (
    -- written as an answer to a message of the operation; a forward may be so, too
    select lures.operation, lures.owner, sent.message, lures.message as lure, lures.moment
    from sent join lures on lures.owner = sent.owner and lures.message_id = sent.in_reply_to
    where lures.message_id <> ''
    union
    select lures.operation, lures.owner, cited.message, lures.message, lures.moment
    from (select owner, message, unnest("references") as id from sent) cited
    join lures on lures.owner = cited.owner and lures.message_id = cited.id
    where lures.message_id <> ''
),
answering as (
    select operation, owner, message, arg_max(lure, moment) as lure from linked group by all
),
reached as (
    select people.operation, people.owner, sent.message, senders.address, senders.is_known, senders.is_genuine
    from sent join people using (owner) join recipients using (message)
    join senders on senders.operation = people.operation and senders.address = recipients.address
    where sent.moment >= people.first and recipients.field in ('to', 'cc', 'bcc') and senders.person <> people.owner
    union
    -- any address under a domain that was made to be mistaken
    select people.operation, people.owner, sent.message, recipients.address, false, false
    from sent join people using (owner) join recipients using (message)
    join domains on domains.organisation = recipients.organisation and domains.lookalike_of <> ''
    where sent.moment >= people.first and recipients.field in ('to', 'cc', 'bcc') and exists (
        select 1 from lures where lures.operation = people.operation and lures.owner = people.owner
            and lures.from_address like '%@' || recipients.domain)
),
addressed as (
    select operation, owner, message, arg_min(address, (is_known, address)) as address,
        bool_and(is_known) as is_known, bool_or(is_genuine or not is_known) as is_theirs
    from reached group by all
)
select coalesce(addressed.operation, answering.operation) as operation, sent.owner, sent.message, sent.moment,
    coalesce(answering.lure, '') as lure, coalesce(addressed.address, '') as address, sent.subject,
    coalesce(addressed.is_theirs, false) as is_theirs,
    case
        when sent.is_auto and contains(sent.structure, 'disposition-notification') then 'receipt'
        when sent.is_auto then 'automatic'
        when addressed.address is null then 'passed-on'
        else 'answer'
    end as how
from addressed
full join answering
    on answering.operation = addressed.operation and answering.owner = addressed.owner
    and answering.message = addressed.message
join sent on sent.owner = coalesce(addressed.owner, answering.owner)
    and sent.message = coalesce(addressed.message, answering.message)
where not sent.is_member and (answering.lure is not null or not addressed.is_known)
