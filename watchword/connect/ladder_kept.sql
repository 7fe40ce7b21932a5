-- Each message of an operation, and each of the owners' own, as an owner's mailbox keeps it.
with wanted as (
    select message from letters
    union
    select message from message_facts where from_address in (select address from owner_addresses)
),
keeping as (
    select source, bool_or(noted.is_noted) as keeps_notes
    from sightings join noted using (flags, labels) group by source
)
select sources.owner, sightings.message,
    bool_or(marked.is_in_sent) as is_in_sent, bool_and(marked.is_in_spam) as is_in_spam,
    bool_and(marked.is_in_trash) as is_in_trash,
    bool_or(noted.is_read) as is_read, bool_or(keeping.keeps_notes) as keeps_notes
from sightings
semi join wanted using (message)
join sources using (source) join keeping using (source)
join marked using (folder, flags, labels) join noted using (flags, labels)
group by all
