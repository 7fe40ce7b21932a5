-- The best of each rung; where there is none, what was looked at and does not show it, or what is missing.
with steps (rung, step) as (
    values ('targeted', 1), ('delivered', 2), ('read', 3), ('answered', 4), ('engaged', 5), ('entered', 6), ('used', 7)
),
come as (
    select operation, owner, max(case rung when 'engaged' then 3 when 'answered' then 2 when 'read' then
        1 else 0 end) as far
    from moments group by all
),
claimed as (
    select moments.*, come.far,
        max(come.far) over (partition by moments.owner, moments.rung, moments.message, moments.log,
            moments.event) as farthest
    from moments join come using (operation, owner) where rung <> ''
),
best as (
    -- of several operations that wrote before the same sign-in or change, it is theirs who were answered, unless
    -- something of another shows in it
    select * exclude (far, farthest) from claimed
    where rung not in ('entered', 'used') or far = farthest or state = 'shown'
    qualify row_number() over (partition by operation, owner, rung
        order by state <> 'shown', "time" nulls last, message, log, event, sentence) = 1
),
counted as (
    select operation, owner, rung, count(distinct (message, log, event)) as signs,
        count(distinct (message, log, event)) filter (state = 'shown') as shown
    from moments where rung <> '' group by all
),
reached as (
    select operation, owner,
        bool_or(rung = 'answered') as is_answered, bool_or(rung = 'engaged') as is_engaged,
        bool_or(rung = 'entered') as is_entered
    from best group by all
),
elsewhere as (
    -- once somebody is in, a place that the account came from before need not be the owner's
    select distinct people.operation, people.owner
    from people join best on best.owner = people.owner and best.operation <> people.operation
    where best.rung = 'entered' and best.state = 'shown' and best."time" <= people.last + interval 14 days
),
rungs as (
    select people.*, elsewhere.owner is not null as is_taken, steps.rung, steps.step, coalesce(tells.would_tell,
        '') as tells,
        coalesce(reached.is_answered, false) as is_answered, coalesce(reached.is_engaged, false) as is_engaged,
        coalesce(reached.is_entered, false) as is_entered,
        not coalesce(reached.is_answered, false)
            and (people.is_all_unread or people.has_sent and not people.can_enter)
            as lets_nobody_in,
        people.logs_sign_ins and people.baseline >= 3 and (people.logs_access or not people.asks_consent) as logs_entry
    from people cross join steps
    left join tells on tells.owner = people.owner and tells.rung = steps.rung
    left join reached on reached.operation = people.operation and reached.owner = people.owner
    left join elsewhere on elsewhere.operation = people.operation and elsewhere.owner = people.owner
),
otherwise as (
    select operation, owner, rung,
        case
            when not is_owner or letters is null then 'unknown'
            when rung = 'delivered' and has_box then 'not-shown'
            when rung = 'read' and is_all_unread and not is_answered then 'not-shown'
            when rung = 'answered' and has_sent then 'not-shown'
            when rung = 'engaged' and is_all_unread and not is_answered then 'not-shown'
            when rung = 'engaged' and not has_bait and has_sent then 'not-shown'
            when rung = 'engaged' and logs_clicks and has_sent and not asks_consent then 'not-shown'
            when rung in ('entered', 'used') and is_taken and not lets_nobody_in then 'unknown'
            when rung = 'entered' and logs_entry then 'not-shown'
            when rung = 'used' and logs_rules and logs_reading then 'not-shown'
            when rung = 'used' and logs_entry and not is_entered then 'not-shown'
            when rung in ('entered', 'used') and lets_nobody_in and not is_entered then 'not-shown'
            else 'unknown'
        end as state,
        case
            when not is_owner then 'The mailbox of this account is not part of the case.'
            when letters is null then case rung
                when 'targeted' then
                    'No message of this operation to this account was found; it may have come another way.'
                else 'No message of this operation to this account was found, so that there is nothing to follow.' end
            when rung = 'delivered' and has_box then
                'It is not in this mailbox, which holds mail from before and after; it may have been kept '
                    || 'out or deleted.'
            when rung = 'delivered' then 'It is not in this mailbox, which does not hold the time.'
            when rung = 'read' and is_all_unread then
                case when is_all_spam then
                    'It lies in the spam folder, and is not marked as opened.'
                        else 'It is not marked as opened in the mailbox.' end
            when rung = 'read' and held = 0 then 'It is not in this mailbox.'
            when rung = 'read' then 'This mailbox, as it was handed over, keeps no marks of what was opened.'
            when rung = 'answered' and has_sent then
                'The mailbox holds sent mail from before and after, and no reply among it.'
            when rung = 'answered' then
                'The mailbox, as it was handed over, does not hold sent mail from before and after.'
            when rung = 'engaged' and is_all_unread and not is_answered then
                'It is not marked as opened in the mailbox, and nothing was answered.'
            when rung = 'engaged' and not has_bait and has_sent then
                case when is_answered then
                    'It had no link or file, and the replies say nothing of giving more.'
                        else 'It had no link or file, and nothing was answered.' end
            when rung = 'engaged' and logs_clicks and has_sent then
                'The log, which would show links that were opened, shows none of this operation, and no '
                    || 'reply speaks of it.'
            when rung = 'engaged' and is_answered then
                'The replies do not say that something was opened or given; whether a link was opened, a '
                    || 'mailbox does not show.'
            when rung = 'engaged' then 'Whether a link or file was opened, a mailbox does not show.'
            when rung in ('entered', 'used') and is_taken and not lets_nobody_in then
                'Another operation entered this account before or in this time, so that a place that it came from '
                    || 'need not be the owner''s.'
            when rung = 'entered' and logs_entry then
                format('The log covers the time from the first message to two weeks after the last, with {} '
                    || 'sign-ins, and shows none from a strange place.', sign_ins)
            when rung = 'entered' and logs_sign_ins and asks_consent and not logs_access then
                'The log shows sign-ins, none of them strange, but not which applications were given '
                    || 'access, for which the message asked.'
            when rung = 'entered' and logs_sign_ins then
                'The log shows too few sign-ins from before the first message to compare with.'
            when rung = 'used' and logs_rules and logs_reading then
                'The log covers the time from the first message to two weeks after the last, and shows no '
                    || 'rule, forwarding or reading from a strange place.'
            when rung = 'used' and logs_entry and not is_entered then
                'The log shows nobody strange entering the account, so that nobody is seen using it.'
            when rung in ('entered', 'used') and lets_nobody_in and not is_entered then
                case when is_all_unread then
                    'It is not marked as opened, and nothing was answered, so that it let nobody in.'
                    else 'It had nothing by which an account is entered, and nothing was answered.' end
            when has_logs then
                'The logs at hand do not cover this from the first message to two weeks after the last, or '
                    || 'are cut short.'
            when rung = 'entered' then 'No notice of the provider tells of it, and no log of sign-ins is at hand.'
            else 'Nothing in the mailbox shows it, and no log of what was done in the account is at hand.'
        end as sentence
    from rungs
)
select rungs.operation, rungs.owner, rungs.rung, rungs.step,
    coalesce(best.state, otherwise.state) as state, best."time",
    coalesce(best.message, '') as message,
    coalesce(best.log, case when otherwise.state = 'not-shown' and rungs.step >= 5
        and (rungs.logs_sign_ins or rungs.logs_clicks or rungs.logs_rules) then rungs.log else '' end) as log,
    best.event,
    case
        when best.sentence is null then otherwise.sentence
        when counted.signs > 1 and rungs.rung in ('entered', 'used', 'answered', 'engaged') then
            format('{} {} more {} to it.', best.sentence, counted.signs - 1, case counted.signs when 2 then
                'sign points' else 'signs point' end)
        else best.sentence
    end as sentence,
    case
        when best.state = 'shown' and (rungs.step <= 5 or best.log <> '') then ''
        when best.state is null and otherwise.state = 'not-shown' and rungs.rung <> 'delivered' then ''
        when best.state = 'shown' then rungs.tells
        when not rungs.is_owner then
            format('The person who uses {}, on a way that was known before, and who keeps that mailbox.', rungs.owner)
        when rungs.rung = 'targeted' then 'The person, and whoever keeps other mailboxes of the same people.'
        when rungs.rung = 'answered' then
            'The sent folder of this mailbox, also from other devices and from backups; the person.'
        else rungs.tells
    end as would_tell
from rungs
join otherwise on otherwise.operation = rungs.operation and otherwise.owner = rungs.owner
    and otherwise.rung = rungs.rung
left join best on best.operation = rungs.operation and best.owner = rungs.owner and best.rung = rungs.rung
left join counted on counted.operation = rungs.operation and counted.owner = rungs.owner and counted.rung = rungs.rung
