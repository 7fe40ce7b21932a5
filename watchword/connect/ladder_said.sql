-- What answers say and bring: opened, gave something, moves to another channel.
with before as (
    select answers.operation, answers.owner, answers.message, answers.moment, answers.address,
        bool_or(lures.has_bait) as has_bait, bool_or(lures.asks_details) as asks_details
    from answers
    join lures on lures.operation = answers.operation and lures.owner = answers.owner and lures.moment <= answers.moment
    where answers.how = 'answer' and answers.is_theirs
    group by all
),
worded as (
    select message, kind, arg_min(phrase, number) as phrase
    from cues
    where found_in in ('written', 'subject')
        and kind in ('opened-it', 'could-not-open', 'gave-details', 'other-channel')
    group by all
),
their_files as (
    select letters.operation, attachments.sha256 from letters join attachments using (message)
),
files as (
    select before.operation, before.owner, before.message, min(attachments.name) as name, count(*) as files
    from before join attachments using (message)
    where attachments.inside is null and not attachments.is_inline
        and attachments.extension not in ('p7s', 'p7m', 'asc', 'sig', 'pgp', 'ics', 'vcf')
        and (before.operation, attachments.sha256) not in (select (operation, sha256) from their_files)
    group by all
),
shared as (
    select before.operation, before.owner, before.message, min(leads.final_host) as host
    from before join leads using (message) join hosts on hosts.host = leads.final_host
    where hosts.is_file_host and not exists (
        select 1 from letters join leads theirs using (message)
        where letters.operation = before.operation and theirs.final_host = leads.final_host)
    group by all
),
reachable as (
    select message, arg_min(shown, number) as shown
    from mentions where kind in ('phone', 'handle') and found_in = 'written' group by message
)
select operation, owner, message, moment,
    case when kind in ('opened-it', 'gave-details') and (has_bait or (kind = 'gave-details' and asks_details))
        then 'shown' else 'possible' end as state,
    format(case kind
        when 'opened-it' then
            'A reply from this account to {} says that something was opened, or asked for a password: “{}”.'
        when 'could-not-open' then
            'A reply from this account to {} says that something did not work, which fits an attempt to open it: “{}”.'
        when 'gave-details' then
            'A reply from this account to {} says that somebody signed in, or gives a detail: “{}”.'
        else 'A reply from this account to {} speaks of another channel, which this mailbox does not show: “{}”.' end,
        address, phrase) as sentence
from before join worded using (message)
union all
select operation, owner, message, moment, 'shown',
    format('A reply from this account to {} brings {} of its own: {}.', address,
        case files when 1 then 'a file' else files || ' files' end, name)
from before join files using (operation, owner, message)
union all
select operation, owner, message, moment, 'shown',
    format('A reply from this account to {} has a link to a shared file or form at {}.', address, replace(host, '.',
        '[.]'))
from before join shared using (operation, owner, message)
union all
select operation, owner, message, moment, case when asks_details then 'shown' else 'possible' end,
    format('A reply from this account to {} names where the writer can be reached: {}.', address, shown)
from before join reachable using (message)
