-- Addresses that are somebody's own, taken over or misused: what they wrote ties nothing by itself. Such an address was
-- known to a mailbox before anything hostile came from it; or wrote a month before; or two hands use it, of which one
-- wrote nothing hostile; or nothing was wrong with it for a while between two attacks, which need not be one operation.
with written as (
    select from_address as address, from_organisation as organisation, moment, newcomer, seed, header_order || mailer as hand
    from subjects where from_address <> ''
),
handed as (
    select *, coalesce(list(hand) filter (seed) over (partition by address), []) as hands,
        count(*) filter (not seed) over (partition by address order by moment, seed) as quiet
    from written
),
attacks as (
    select address, moment, quiet, lag(moment) over earlier as before, lag(quiet) over earlier as quiet_before
    from handed where seed
    window earlier as (partition by address order by moment)
)
select address, any_value(organisation) as organisation
from handed
group by address
having min(moment) filter (not newcomer) < coalesce(min(moment) filter (seed), timestamptz '9999-01-01')
    or min(moment) filter (not seed) < min(moment) filter (seed) - interval 30 days
    or bool_or(seed) and bool_or(not seed and not list_contains(hands, hand))
    or address in (select address from attacks where quiet > quiet_before and moment > before + interval 30 days)
