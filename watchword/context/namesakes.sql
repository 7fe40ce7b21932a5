-- Whose first messages bear a name that the owner's mailbox knew by another address: that address, most used, and what
-- went to and fro under the name.
with met as (
    select *, coalesce(sum(received) over (partition by owner, address order by moment, message
        groups between unbounded preceding and 1 preceding), 0) as address_received
    from contacts
),
-- Names that go by several addresses in the case, until the 41st of them: so many share only what is no person's
-- name. Names of one word say nothing.
named as (
    select person, max(since) filter (nth = 41) as until
    from (
        select person, address, min(moment) as since,
            row_number() over (partition by person order by min(moment), address) as nth
        from contacts where person like '% %' group by person, address
    )
    group by person having count(*) >= 2
),
-- Addresses that wrote under many names, as a list does in place of those who write to it: from the fourth name on
-- none of them is a person's.
shared as (
    select address, since from (
        select address, min(moment) as since,
            row_number() over (partition by address order by min(moment), person) as nth
        from contacts where received = 1 and person <> '' group by address, person
    ) where nth = 4
)
select early.message, early.owner, early.address, early.moment,
    arg_max(other.address, (other.uses, other.address)) as name_known,
    sum(other.received) as name_received, sum(other.sent) as name_sent
from met early
join named on named.person = early.person and (named.until is null or early.moment <= named.until)
join lateral (
    select other.address, sum(other.received) as received, sum(other.sent) as sent,
        sum(other.sent) * 1000 + count(*) as uses
    from contacts other left join shared on shared.address = other.address
    where other.person = early.person and other.address <> early.address and other.moment < early.moment
        and (shared.since is null or shared.since >= early.moment)
        -- what a service sends in a person's name is not that person's address
        and not regexp_matches(other.address, '^[^@]*(no-?_?reply|do-?_?not-?_?reply|notif|mailer-daemon)')
    group by other.address
) other on true
where early.received = 1 and early.address_received <= 5
group by all
