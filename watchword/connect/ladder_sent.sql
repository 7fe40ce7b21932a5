-- The owners' own mail. An owner's address in From is anybody's word: it lies among sent mail, never came in from
-- outside, came back from a list, or was authenticated.
select kept.owner, facts.message, coalesce(facts.time, facts.date) as moment, facts.message_id, facts.in_reply_to,
    facts."references", facts.subject, facts.subject_reply, facts.structure, facts.is_auto, facts.mailer,
    facts.header_order, facts.date_offset, letters.message is not null as is_member
from kept
join message_facts facts using (message)
join owner_addresses own on own.owner = kept.owner and own.address = facts.from_address
left join (select distinct message from letters) letters using (message)
where coalesce(facts.time, facts.date) is not null and (
    kept.is_in_sent or facts.is_list or (facts.origin_ip = '' and facts.origin_host = '')
    or facts.message in (select message from genuine))
