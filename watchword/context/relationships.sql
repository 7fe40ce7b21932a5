-- What a mailbox knew of a sender before each message. Windows look only at what came earlier, and never at other
-- rows of the message itself: that is what `groups` is for.
with met as (
    select *,
        sum(received) over before_address as address_received,
        sum(sent) over before_address as address_sent,
        min(moment) over before_address as address_first,
        max(moment) over before_address as address_last,
        arg_min(sent, (moment, message, sent)) over before_address as address_first_sent
    from contacts
    window before_address as (partition by owner, address order by moment, message
        groups between unbounded preceding and 1 preceding)
),
-- a message to three people of one organisation is one message to it
organisations as (
    select owner, organisation, message,
        sum(max(received)) over before_organisation as organisation_received,
        sum(max(sent)) over before_organisation as organisation_sent
    from contacts
    group by owner, organisation, message, moment
    window before_organisation as (partition by owner, organisation order by moment, message
        groups between unbounded preceding and 1 preceding)
),
elsewhere as (
    -- the same address, met by other owners of the case
    select distinct message, owner, received,
        coalesce(sum(received) over (partition by address order by moment, message
            groups between unbounded preceding and 1 preceding), 0)
        - coalesce(sum(received) over (partition by owner, address order by moment, message
            groups between unbounded preceding and 1 preceding), 0) as case_received
    from contacts
),
form as (
    select mail.owner, mail.message,
        count(*) over same_client as client_times,
        count(*) over same_route as route_times,
        count(*) over same_address as address_times,
        case when messages.list_id <> '' then count(*) over same_list else 0 end as list_received
    from mail join message_facts messages using (message)
    where mail.direction = 'received'
    window
        same_address as (partition by mail.owner, messages.from_address order by mail.moment, mail.message
            rows between unbounded preceding and 1 preceding),
        same_list as (partition by mail.owner, messages.list_id order by mail.moment, mail.message
            rows between unbounded preceding and 1 preceding),
        same_client as (partition by mail.owner, messages.from_address, messages.mailer, messages.header_order
            order by mail.moment, mail.message rows between unbounded preceding and 1 preceding),
        same_route as (partition by mail.owner, messages.from_address, messages.origin_organisation
            order by mail.moment, mail.message rows between unbounded preceding and 1 preceding)
),
offsets as (
    select mail.owner, messages.from_address, messages.date_offset, min(mail.moment) as since
    from mail join message_facts messages using (message)
    where messages.date_offset is not null and mail.direction = 'received'
    group by all
),
offset_seen as (
    select mail.owner, mail.message,
        bool_or(offsets.since < mail.moment and abs(offsets.date_offset - messages.date_offset) <= 90) as known
    from mail join message_facts messages using (message)
    join offsets on offsets.owner = mail.owner and offsets.from_address = messages.from_address
    where mail.direction = 'received' and messages.date_offset is not null
    group by all
),
introductions as (
    -- on copy of a message by somebody to whom the owner had written
    select named.owner, named.address, min(named.moment) as since
    from contacts named
    join met author on author.owner = named.owner and author.message = named.message
        and author.received = 1 and author.address_sent > 0
    where named.received = 0
    group by all
),
first_met as (
    select owner, address, min(moment) as since from contacts group by all
),
addressed as (
    select mail.owner, mail.message, count(distinct recipients.address) as recipients,
        bool_or(own.address is not null) as to_owner
    from mail join recipients using (message)
    left join owner_addresses own on own.owner = mail.owner and own.address = recipients.address
    where recipients.field in ('to', 'cc')
    group by all
)
select mail.message, mail.owner, mail.direction, mail.history,
    coalesce(met.address_received, 0) as address_received, coalesce(met.address_sent, 0) as address_sent,
    met.address_first, met.address_last,
    date_diff('second', met.address_last, mail.moment) / 86400.0 as days_silent,
    coalesce(organisations.organisation_received, 0) as organisation_received,
    coalesce(organisations.organisation_sent, 0) as organisation_sent,
    coalesce(elsewhere.case_received, 0) as case_received,
    coalesce(namesakes.name_known, '') as name_known,
    coalesce(namesakes.name_received, 0) as name_received, coalesce(namesakes.name_sent, 0) as name_sent,
    vouched.message is not null as name_vouched,
    coalesce(first_met.since < mail.moment, false) as reply_known,
    coalesce(introductions.since < mail.moment, false) as introduced,
    case when form.address_times > 0 then form.client_times > 0 end as client_known,
    case when form.address_times > 0 then offset_seen.known end as offset_known,
    case when form.address_times > 0 then form.route_times > 0 end as route_known,
    coalesce(form.list_received, 0) as list_received,
    mail.direction = 'received' and coalesce(met.address_first_sent, 0) = 0
        and coalesce(date_diff('day', met.address_first, mail.moment), 0) <= 60
        and not (messages.is_list and coalesce(form.list_received, 0) > 0) as newcomer,
    coalesce(date_diff('second', met.address_first, mail.moment) / 86400.0, 0) as days_known,
    date_diff('second', min(mail.moment) over (partition by mail.owner), mail.moment) / 86400.0 as mailbox_days,
    mail.is_in_sent, mail.is_in_spam, mail.is_in_trash,
    coalesce(addressed.to_owner, true) as to_owner, coalesce(addressed.recipients, 0) as recipients
from mail
join places on places.message = mail.message and places.owner = mail.owner
join message_facts messages on messages.message = mail.message
left join met on met.owner = mail.owner and met.message = mail.message and met.received = 1
left join organisations on organisations.owner = mail.owner and organisations.message = mail.message
    and organisations.organisation = messages.from_organisation and met.received = 1
left join elsewhere on elsewhere.owner = mail.owner and elsewhere.message = mail.message and elsewhere.received = 1
left join namesakes on namesakes.owner = mail.owner and namesakes.message = mail.message
left join vouched on vouched.owner = mail.owner and vouched.message = mail.message
left join form on form.owner = mail.owner and form.message = mail.message
left join offset_seen on offset_seen.owner = mail.owner and offset_seen.message = mail.message
left join first_met on first_met.owner = mail.owner and first_met.address = messages.reply_address
left join introductions on introductions.owner = mail.owner and introductions.address = messages.from_address
left join addressed on addressed.owner = mail.owner and addressed.message = mail.message
