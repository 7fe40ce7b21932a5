-- Everything on the time axis of one person and operation, and which rung of the ladder it shows, if any.
with doubts as (
    select message, arg_min(phrase, number) as phrase
    from cues where kind = 'doubts-sender' and found_in in ('written', 'subject') group by message
),
all_lures as (
    select operation, owner, message, moment, is_there, is_in_spam, is_in_trash, is_read, in_to, in_cc, is_by_list,
        list_id, from_address, left(subject, 120) as subject
    from lures
),
of_answers as (
    select answers.*, doubts.phrase as doubt, left(answers.subject, 120) as title
    from answers left join doubts using (message)
),
seen as (
    select *,
        case when location <> '' then ' (' || location || ')' else '' end as there,
        case
            when is_from_theirs then 'an address that this operation used'
            when is_strange then 'a network that this account was never used from before'
            when ip = '' then 'an address that the log does not name'
            else 'a network that this account was used from before'
        end as origin,
        case
            when is_strange and is_shown and not is_claimed then 'shown'
            when is_strange or ip = '' then 'possible'
            else ''
        end as by_place,
        case
            when is_claimed then '; another operation, to which a reply says that something was opened, fits it better'
            when is_strange then '; a journey or a new device is an honest reading'
            else '; that the owner did it is an honest reading'
        end as otherwise
    from acts
)
select operation, owner, moment as "time", 'lure' as kind, 'targeted' as rung,
    case when in_to or not (in_cc or is_by_list) then 'shown' else 'possible' end as state,
    case
        when in_to then format('Was sent “{}” from {}.', subject, from_address)
        when in_cc then
            format('Was on copy of “{}” from {}; whether this person was meant is open.', subject, from_address)
        when is_by_list then
            format('Got “{}” from {} through the list {}; whether this person was meant is open.', subject,
                from_address, list_id)
        else format('Got “{}” from {}, which names this account nowhere: it was among hidden recipients.', subject,
            from_address)
    end as sentence,
    message, '' as log, cast(null as bigint) as event
from all_lures
union all
select operation, owner, moment, 'lure', 'delivered', 'shown',
    case
        when is_in_spam then format('“{}” arrived and lies in the spam folder.', subject)
        when is_in_trash then format('“{}” arrived and lies in the trash.', subject)
        else format('“{}” arrived.', subject)
    end, message, '', null
from all_lures where is_there
union all
select operation, owner, moment, 'lure', 'read', 'shown',
    format('“{}” is marked as opened in the mailbox.', subject), message, '', null
from all_lures where is_read
union all
-- whoever answers or passes on has seen it
select operation, owner, moment, how, 'read', 'shown',
    case how
        when 'receipt' then 'A read receipt went out from this account.'
        when 'passed-on' then format('It was passed on or answered to others from this account: “{}”.', title)
        else format('It was answered from this account: “{}”.', title)
    end, message, '', null
from of_answers where how in ('receipt', 'passed-on', 'answer')
union all
select operation, owner, moment, how, '', '', format('An automatic answer went out from this account: “{}”.', title),
    message,
    '', null
from of_answers where how = 'automatic'
union all
select operation, owner, moment, 'answer', 'answered', case when is_theirs then 'shown' else 'possible' end,
    format('A reply went from this account to {}{}{}.', address,
        case
            when is_theirs then ''
            else ', which may have gone to the true person, as the sender was not confirmed'
        end,
        case
            when doubt is null then ''
            else format('; it asks whether the message is genuine, or does not trust it: “{}”', doubt)
        end),
    message, '', null
from of_answers where how = 'answer'
union all
select operation, owner, moment, 'answer', 'engaged', state, sentence, message, '', null from said
union all
-- where such notices come every month, one more says nothing by itself
select operation, owner, moment, 'notice', case when is_shown or earlier < 3 or what <> 'account' then
    'entered' else '' end,
    case when is_shown then 'shown' when earlier < 3 or what <> 'account' then 'possible' else '' end,
    format('{} told the owner “{}”, {} after the message{}{}.', from_organisation, left(subject, 120),
        case date_diff('day', first, moment)
            when 0 then 'less than a day'
            when 1 then 'a day'
            else date_diff('day', first, moment) || ' days'
        end,
        case when is_in_trash then '; the notice lies in the trash' else '' end,
        case
            when is_shown then ', together with another change and a reply that says the link was opened'
            when what = 'account' and earlier > 0 then
                format('; such notices came before it, too ({}), and the owner''s own sign-in, as on a '
                    || 'journey, is an honest reading', earlier)
            when what = 'account' then
                '; the owner''s own sign-in, as on a journey or a new device, is an honest reading'
            when is_own_target then
                '; it names an address that this account wrote to before, so that the owner''s own change is likely'
            else '; that the owner made this change is an honest reading'
        end),
    message, '', null
from notices
union all
select operation, owner, moment, 'notice', 'used', case when is_shown then 'shown' else 'possible' end,
    format('{} told the owner “{}”{}{}', from_organisation, left(subject, 120),
        case
            when what = 'archive' then ': all mail may have been taken'
            when target is not null then format(': mail goes on to {}', target)
            else ': mail may go on to somebody else'
        end,
        case
            when is_shown then '.'
            when is_own_target then
                '; this account wrote to that address before, so that the owner''s own change is likely.'
            else '; that the owner made this change is an honest reading.'
        end),
    message, '', null
from notices where what in ('archive', 'forwarding')
union all
select operation, owner, moment, 'onward', 'used', state, sentence, message, '', null from onward
union all
select operation, owner, moment, 'onward', 'entered', state,
    'The account was used, as far as this shows: ' || lower(sentence[1:1]) || sentence[2:],
    message, '', null
from onward
union all
select operation, owner, "time", kind, 'entered', by_place,
    format('The log shows a sign-in from {}{}{}.', origin, there,
        case
            when is_from_theirs then ''
            when by_place = 'shown' then ', and with it a change that serves who reads along'
            else otherwise
        end), '', log, number
from seen where kind = 'sign-in' and is_strange and nth = 1
union all
select operation, owner, "time", kind, '', '', format('The log shows another sign-in from there{}.', there), '', log,
    number
from seen where kind = 'sign-in' and is_strange and nth between 2 and 20
union all
select operation, owner, "time", kind, case when state = '' then '' else 'entered' end, state, sentence, '', log, number
from (
    select *,
        case
            when kind in ('password-changed', 'recovery-changed', 'second-factor-changed') then by_place
            when kind = 'access-granted' and is_their_client then 'shown'
            when kind = 'access-granted' and (was_granted or not opens_mail) then by_place
            when kind in ('forwarding', 'filter-rule', 'delegate') and is_their_target then 'shown'
            when kind in ('forwarding', 'filter-rule', 'delegate') and (is_own_target or goes_to = '') then by_place
            when by_place = '' then 'possible'
            else by_place
        end as state,
        format('The log shows {}{}, from {}{}{}.',
            case kind
                when 'password-changed' then 'a change of the password'
                when 'recovery-changed' then 'a change of how the account is recovered'
                when 'second-factor-changed' then 'a change of the second factor'
                when 'app-password' then 'a password made for a program'
                when 'access-granted' then
                    'access given to ' || case application when '' then 'an application' else application end
                when 'forwarding' then 'forwarding set up'
                when 'filter-rule' then 'a rule for mail'
                when 'delegate' then 'somebody else let into the mailbox'
                else 'a sign-in that the provider found suspicious' end,
            case
                when goes_to <> '' then ', to ' || goes_to
                when kind = 'filter-rule' and target <> '' then ' (' || left(target, 80) || ')'
                else ''
            end,
            origin, there,
            case
                when is_their_client then '; a link of this operation asked for just this access'
                when is_their_target then '; this operation wrote from that address, or wanted answers there'
                when is_own_target then '; this account wrote to that address before'
                when by_place = 'shown' then ''
                else otherwise
            end) as sentence
    from seen
    where kind in ('password-changed', 'recovery-changed', 'second-factor-changed', 'app-password', 'access-granted',
        'forwarding', 'filter-rule', 'delegate', 'suspicious-sign-in')
)
union all
select operation, owner, "time", kind, 'used',
    case when is_their_target then 'shown' when by_place = '' then 'possible' else by_place end,
    format('The log shows that {}{}, set from {}{}{}.',
        case kind
            when 'delegate' then 'somebody else was let into the mailbox'
            else 'mail is sent on or sorted by a rule'
        end,
        case when goes_to <> '' then ', to ' || goes_to else '' end, origin, there,
        case
            when is_their_target then '; this operation wrote from that address, or wanted answers there'
            when by_place = 'shown' then ''
            else otherwise
        end), '', log, number
from seen
where kind in ('forwarding', 'filter-rule', 'delegate')
    and (is_their_target or by_place <> '' or (goes_to <> '' and not is_own_target))
union all
select operation, owner, "time", kind, 'used', by_place,
    format('The log shows, from {}{}: {}{}.', origin, there,
        case kind
            when 'mail-read' then 'mail read'
            when 'mail-sent' then 'mail sent'
            when 'mail-deleted' then 'mail deleted'
            when 'mail-moved' then 'mail moved'
            when 'file-read' then 'files read'
            when 'file-shared' then 'files shared'
            when 'search' then 'searches'
            when 'download' then 'downloads'
            else 'an export' end,
        case when times > 1 then format(', {} times', times) else '' end
        || case when by_place = 'shown' then '' else otherwise end),
    '', log, number
from seen
where is_strange and nth = 1 and kind in ('mail-read', 'mail-sent', 'mail-deleted', 'mail-moved', 'file-read',
    'file-shared', 'search', 'download', 'export')
union all
select operation, owner, "time", kind, 'used', 'possible',
    'The log shows that an archive of the account was made; that the owner did it is an honest reading.', '', log,
        number
from seen where kind = 'export' and not is_strange
union all
select seen.operation, seen.owner, seen."time", seen.kind, 'engaged', 'shown',
    'The log shows that a link of this operation was opened from this account.', lures.message, seen.log, seen.number
from seen join lures on lures.operation = seen.operation and lures.owner = seen.owner
where seen.kind = 'link-clicked' and (
    lures.message_id <> '' and list_contains(seen.internet_message_ids, lures.message_id)
    or exists (select 1 from leads where leads.message = lures.message
        and regexp_extract(lower(seen.target), '^(?:https?://)?([^/?#:]+)', 1) = leads.final_host))
union all
select operation, owner, "time", kind, 'engaged', 'shown',
    format('The log shows that access was given to the application {}, for which a link of this operation '
        || 'asked.', application),
    '', log, number
from seen where kind = 'access-granted' and is_their_client
union all
select seen.operation, seen.owner, seen."time", seen.kind, 'read',
    case when seen.action ilike '%open%' or seen.action ilike '%view%' then 'shown' else 'possible' end,
    'The log shows that this message was opened by a program of the account'
    || case
        when seen.action ilike '%open%' or seen.action ilike '%view%' then '.'
        else '; programs also do so by themselves.'
    end,
    lures.message, seen.log, seen.number
from seen join lures on lures.operation = seen.operation and lures.owner = seen.owner
where seen.kind = 'mail-read' and not seen.is_strange and lures.message_id <> ''
    and list_contains(seen.internet_message_ids, lures.message_id)
union all
select operation, owner, "time", kind, '', '',
    case kind
        when 'sign-in-failed' then format('The log shows a sign-in that failed, from {}{}.', origin, there)
        when 'sign-in-blocked' then
            format('The log shows a sign-in that the provider blocked, from {}{}.', origin, there)
        when 'warning' then 'The log shows a warning by the provider.'
        else format('The log shows that access was withdrawn from the application {}.', application)
    end, '', log, number
from seen where kind in ('sign-in-failed', 'sign-in-blocked', 'warning', 'access-revoked') and nth <= 3
