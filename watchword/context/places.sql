-- Where a message was first seen: rather in the mailbox of somebody who received it than in its author's.
select sightings.message, sightings.source, sightings.member, sightings."offset", sightings.length,
    coalesce(sources.owner, '') as owner
from sightings
join message_facts using (message)
left join sources on sources.source = sightings.source
qualify row_number() over (
    partition by sightings.message
    order by coalesce(sources.owner, '') = message_facts.from_address, sightings.source, sightings.member,
        sightings."offset"
) = 1
