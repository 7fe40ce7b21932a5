-- The habits of each person who wrote to an owner before, held against the message at hand. Only what came before it
-- counts. A person is an address, or up to four addresses that began under one name of two words or more: her work
-- and her private address are one. What was first seen under another name, or by machines, stands for itself.
with senders as (
    select owner, message, moment, address,
        first_value(person) over (partition by owner, address order by moment, message) as called
    from contacts where received = 1
),
called as (
    select owner, called, address, row_number() over (partition by owner, called order by min(moment), address) as nth
    from senders
    where called like '% %'
        and not regexp_matches(address, '^[^@]*(no-?_?reply|do-?_?not-?_?reply|notif|mailer-daemon)')
    group by owner, called, address
),
wrote as (
    select senders.*, case when nth <= 4 then senders.called else senders.address end as who,
        case when nth <= 4 then nth else 1 end as nth
    from senders left join called using (owner, called, address)
),
-- links that the mailbox had not seen before, so neither quoted ones nor those of a signature
fresh as (
    select owner, message, moment, number, place
    from (
        select mail.owner, mail.message, mail.moment, mail.direction, leads.number, leads.place,
            first_value(mail.message) over (partition by mail.owner, leads.address
                order by mail.moment, mail.message) as first
        from mail join (
            select leads.message, leads.number, hash(url) as address,
                case when is_shortener or is_shared_hosting or is_file_host then final_host
                    else final_organisation end as place
            from leads
            join links using (message, number)
            join hosts on hosts.host = final_host
            join message_facts messages using (message)
            where final_organisation not in ('', messages.from_organisation)
        ) leads using (message)
    )
    where first = message and direction = 'received'
),
places_led_to as (
    select distinct mail.owner, mail.message, mail.moment, place
    from mail join fresh using (owner, message)
),
led as (
    select owner, message, place,
        count(*) over (partition by owner, who, place order by moment, message
            groups between unbounded preceding and 1 preceding) as by_person,
        count(*) over (partition by owner, place order by moment, message
            groups between unbounded preceding and 1 preceding) as by_anybody
    from places_led_to join (select owner, message, who from wrote) using (owner, message)
),
strangest as (
    -- of the fresh links the one whose place is known least
    select fresh.owner, fresh.message, fresh.number as link, place, by_person, by_anybody
    from fresh join led using (owner, message, place)
    qualify row_number() over (partition by owner, message order by by_anybody, by_person, number) = 1
),
files as (
    select message, count(*) as files, min(extension) as kind
    from attachments
    where inside is null and not is_inline and extension not in ('', 'p7s', 'p7m', 'asc', 'sig', 'pgp', 'ics', 'vcf')
    group by message
),
asked as (
    select distinct message from cues
    where found_in in ('written', 'subject') and kind in ('sign-in', 'code-request', 'consent', 'download-tool',
        'password-apart', 'payment', 'gift-cards', 'secrecy', 'availability', 'document-share', 'other-channel',
        'phone-request', 'reply-to-confirm', 'interview', 'feedback', 'fee', 'contacts-request', 'inside-questions',
        'private-address', 'pass-warning', 'not-on-phone', 'run-command')
),
worded as (
    -- the first line of the farewell, letters only, as `best regards`
    select message,
        regexp_replace(regexp_extract(lower(signature), '^\s*(?:--\s*)?([^\n]{1,40})', 1), '[^\pL ]', '', 'g')
            as closing,
        quoted <> '' as quotes
    from texts where attachment is null and kind in ('plain', 'html')
    qualify row_number() over (partition by message order by number) = 1
),
named as (
    select wrote.owner, wrote.message, wrote.moment, wrote.who, recipients.address,
        bool_or(own.address is not null) as is_own, bool_or(recipients.address = wrote.address) as is_self
    from wrote join recipients using (message)
    left join owner_addresses own on own.owner = wrote.owner and own.address = recipients.address
    where recipients.field in ('to', 'cc') and recipients.address <> ''
    group by all
),
company as (
    select named.owner, named.message, count(*) as recipients, bool_or(is_own) as to_owner,
        count(*) filter (not is_own and not is_self) as others,
        count(*) filter (not is_own and not is_self and together.since < named.moment) as seen_together
    from named
    join (select owner, who, address, min(moment) as since from named group by all) together
        using (owner, who, address)
    group by named.owner, named.message
),
clock as (
    select owner, message, count(*) over (partition by owner, who, hour order by moment, message
        groups between unbounded preceding and 1 preceding) as near, shift
    from (
        select owner, message, who, moment, shift, (epoch(moment)::bigint // 3600 + shift + 24) % 24 as hour
        from wrote cross join (select unnest(range(-2, 3)) as shift)
    )
    qualify shift = 0
),
form as (
    select wrote.owner, wrote.message, wrote.moment, wrote.who, wrote.address,
        messages.date_offset, messages.language, hash(messages.structure) as structure, messages.header_order,
        hash(regexp_replace(messages.mailer, '[0-9][0-9.]*', '', 'g'), messages.message_id_domain) as client,
        coalesce(files.files, 0) > 0 as has_file, coalesce(files.kind, '') as kind,
        strangest.message is not null as has_link, asked.message is not null as asks,
        hash(worded.closing) as closing,
        messages.subject_reply and coalesce(worded.quotes, false) as quotes, messages.subject_reply as replies,
        coalesce(company.to_owner, false) as to_owner, coalesce(company.recipients, 0) as recipients, company.others,
        company.seen_together, wrote.nth
    from wrote
    join message_facts messages using (message)
    left join files using (message)
    left join asked using (message)
    left join worded using (message)
    left join strangest using (owner, message)
    left join company using (owner, message)
),
counted as (
    select *,
        count(*) over past as before,
        min(moment) over past as since,
        max(nth) over past as addresses,
        last_value(date_offset ignore nulls) over past as previous_offset,
        max(recipients) over past as most_recipients,
        count(*) filter (to_owner) over past as to_owner_before,
        count(*) filter (has_link) over past as link_before,
        count(*) filter (has_file) over past as file_before,
        count(*) filter (asks) over past as asking_before,
        count(*) filter (language <> '') over past as language_told,
        count(*) filter (replies) over past as replies_before,
        count(*) filter (quotes) over past as quotes_before,
        count(*) over (partition by owner, who, language order by moment, message
            rows between unbounded preceding and 1 preceding) as language_before,
        count(*) over (partition by owner, who, structure order by moment, message
            rows between unbounded preceding and 1 preceding) as structure_before,
        count(*) over (partition by owner, who, header_order order by moment, message
            rows between unbounded preceding and 1 preceding) as order_before,
        count(*) over (partition by owner, who, client order by moment, message
            rows between unbounded preceding and 1 preceding) as client_before,
        count(*) over (partition by owner, who, closing order by moment, message
            rows between unbounded preceding and 1 preceding) as closing_before,
        count(*) over (partition by owner, who, kind order by moment, message
            rows between unbounded preceding and 1 preceding) as kind_before
    from form
    window past as (partition by owner, who order by moment, message
        rows between unbounded preceding and 1 preceding)
)
select counted.message, counted.owner, counted.who as person, counted.before as messages_before,
    date_diff('second', counted.since, counted.moment) / 86400.0 as days_before, counted.addresses,
    list_filter([case when has_link then 'link' end, case when has_file then 'file' end,
        case when asks then 'request' end], lambda one: one is not null) as brings,
    hour(counted.moment + to_minutes(coalesce(counted.previous_offset, 0))) as hour,
    clock.near / counted.before as hour_share,
    case when language <> '' and language_told > 0 then language_before / language_told end as language_share,
    structure_before / counted.before as structure_share,
    client_before / counted.before as client_share,
    order_before / counted.before as header_order_share,
    closing_before / counted.before as closing_share,
    case when replies and replies_before > 0
        then case when quotes then quotes_before else replies_before - quotes_before end / replies_before end
        as quoting_share,
    link_before / counted.before as link_share,
    strangest.link, coalesce(strangest.place, '') as link_place,
    strangest.by_person as link_place_person, strangest.by_anybody as link_place_mailbox,
    file_before / counted.before as file_share,
    case when has_file then kind_before / counted.before end as file_kind_share,
    asking_before / counted.before as asking_share,
    to_owner_before / counted.before as to_owner_share,
    most_recipients as recipients_most,
    case when others > 0 then seen_together / others end as recipients_share
from counted
join clock using (owner, message)
left join strangest using (owner, message)
join places on places.message = counted.message and places.owner = counted.owner
where counted.before > 0
