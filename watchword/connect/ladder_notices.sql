-- What the provider of an owner's mail told of the account, confirmed as the provider's own, after a message of an
-- operation by which an account can be entered.
with told as (
    select received.message, received.owner, coalesce(received.time, received.date) as moment, received.subject,
        received.from_organisation, received.is_in_trash,
        arg_min(cues.phrase, (cues.found_in <> 'subject', cues.number)) as phrase,
        case
            when bool_or(cues.kind = 'archive-notice') then 'archive'
            when bool_or(cues.kind = 'forwarding-notice') then 'forwarding'
            when bool_or(cues.kind = 'access-notice') then 'access'
            else 'account'
        end as what
    from received join cues using (message)
    join services on services.owner = received.owner
        and list_contains(services.writes, received.from_organisation)
    where cues.kind in ('account-notice', 'forwarding-notice', 'access-notice', 'archive-notice')
        and cues.found_in in ('subject', 'written') and not received.is_bulk and not received.is_list
        and received.message in (select message from genuine)
        and received.message not in (select message from letters)
    group by all
),
words as (
    select told.message, told.from_organisation, lower(string_agg(texts.written, ' ' order by texts.number)) as written
    from told join texts using (message) where texts.attachment is null group by all
),
addresses_in as (
    select message, from_organisation, written,
        unnest(regexp_extract_all(written, '[a-z0-9._%+-]+@[a-z0-9-]+(?:[.][a-z0-9-]+)+')) as address
    from words
),
named as (
    -- the first address in it that is neither the owner's nor the provider's own: where mail goes now
    select message, arg_min(address, strpos(written, address)) as address
    from addresses_in
    where address not in (select address from owner_addresses)
        and not ends_with(address, '@' || from_organisation) and not ends_with(address, '.' || from_organisation)
    group by message
),
after as (
    select lures.operation, told.*, named.address as target,
        coalesce(addresses.was_written > 0 and addresses.first < min(lures.moment), false) as is_own_target,
        exists (select 1 from senders
            where senders.operation = lures.operation and senders.address = named.address) as is_their_target,
        min(lures.moment) as first,
        (select count(*) from told earlier where earlier.owner = told.owner and earlier.what = told.what
            and earlier.moment < min(lures.moment)
            and earlier.moment >= min(lures.moment) - interval 90 days) as earlier
    from told
    join openings lures on lures.owner = told.owner and lures.moment <= told.moment
        and told.moment <= lures.moment + case told.what when 'account' then interval 3 days else interval 14 days end
    left join named on named.message = told.message
    left join addresses on addresses.address = named.address
    group by lures.operation, told.message, told.owner, told.moment, told.subject, told.from_organisation,
        told.is_in_trash, told.phrase, told.what, named.address, addresses.was_written, addresses.first
),
opened as (
    select operation, owner, min(moment) as moment from said where state = 'shown' group by all
)
select after.*,
    -- somebody said that it was opened, then two changes of different kinds within three days
    coalesce(opened.moment <= after.moment, false) and not after.is_own_target and (
        after.is_their_target or exists (
            select 1 from after other
            where other.operation = after.operation and other.owner = after.owner and not other.is_own_target
                and (other.what = 'account') <> (after.what = 'account')
                and abs(date_diff('second', other.moment, after.moment)) <= 3 * 86400)) as is_shown
from after
left join opened on opened.operation = after.operation and opened.owner = after.owner
