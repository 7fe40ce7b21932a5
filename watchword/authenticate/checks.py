"""SPF and DMARC of every message, computed again from the records that the case keeps, as of its arrival.

Where a key or record is missing, a result that the receiving provider recorded stands in for it in DMARC; such a row
says `recorded`, so the two are never mixed unseen. What stands below the provider's border is never used.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from watchword.authenticate.dmarc import Identifier, dmarc, rule_at
from watchword.authenticate.kept import Kept
from watchword.authenticate.records import WEAKNESS
from watchword.authenticate.spf import Spf, spf
from watchword.engine import Connection
from watchword.observe.domain import organisation
from watchword.tables import Check

_ROWS = 5_000  # messages that are in memory at once
_PIECE = 50_000  # messages that are put together at once: lists are not spilled to disk
_UNKNOWN = frozenset(("unknown", "none", "neutral"))  # of a signature: no key, or not all of it is known
_RECORDED = frozenset(("pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"))


class _Mail(NamedTuple):
    """What SPF and DMARC need to know of one message."""

    message: str
    at: datetime | None
    from_domain: str
    from_domains: list[str]
    from_organisation: str
    ip: str
    sender: str
    helo: str
    submitted: bool  # handed over by a user who had signed in: SPF says nothing of that
    signed_domains: list[str]  # DKIM signatures: d=, what trying them came to, and on what that rests
    signed_results: list[str]
    signed_rests: list[str]
    dkim_domains: list[str]  # what the provider recorded of DKIM
    dkim_results: list[str]
    dkim_servers: list[str]
    spf_domain: str  # and of SPF
    spf_result: str
    spf_server: str
    arc_methods: list[str]  # what passed before a trusted forwarder sealed it
    arc_domains: list[str]
    arc_servers: list[str]


# The temporary table `trials` holds what trying the signatures came to, `vouched_keys` which recovered keys speak for
# which domain. `{first}` and `{last}` bound the messages by how their digests begin.
_MAILS = """
    with borders as (
        select message, arg_max(from_host, number) as helo, arg_max(protocol, number) as protocol
        from hops where trusted and message >= '{first}' and message < '{last}' group by message
    ),
    tried as (
        select message, list(trials."domain" order by number) as domains,
            list(case when trials.rests_on = 'key-recovered' and trials.result = 'pass' and vouched_keys.key is null
                then 'unknown' else trials.result end order by number) as results,
            list(trials.rests_on order by number) as rests
        from trials join signatures using (message, number) left join vouched_keys
            on vouched_keys.key = trials.key and vouched_keys."domain" = trials."domain"
        where field = 'dkim-signature' and trials.message >= '{first}' and trials.message < '{last}'
        group by message
    ),
    sealed as (
        select distinct chains.message, sealers."domain" from check_rows chains
        join signatures seals on seals.message = chains.message and seals.field = 'arc-seal'
        join sealers on seals."domain" = sealers."domain" or ends_with(seals."domain", '.' || sealers."domain")
        where chains.method = 'arc' and chains.result = 'pass' and starts_with(chains.rests_on, 'record-')
            and chains.message >= '{first}' and chains.message < '{last}'
    ),
    relayed as (
        select told.message, list(method order by number) as methods, list(told."domain" order by number) as domains,
            list(server order by number) as servers
        from authentications told join sealed on sealed.message = told.message
            and (told.server = sealed."domain" or ends_with(told.server, '.' || sealed."domain"))
        where field = 'arc-authentication-results' and method in ('spf', 'dkim') and result = 'pass'
        group by told.message
    ),
    recorded as (
        select message, list("domain" order by number) filter (method = 'dkim') as domains,
            list(result order by number) filter (method = 'dkim') as results,
            list(server order by number) filter (method = 'dkim') as servers,
            arg_min("domain", number) filter (method = 'spf') as spf_domain,
            arg_min(result, number) filter (method = 'spf') as spf_result,
            arg_min(server, number) filter (method = 'spf') as spf_server
        from authentications where trusted and method in ('spf', 'dkim')
            and message >= '{first}' and message < '{last}'
        group by message
    )
    select message, "time", from_domain, from_domains, from_organisation, origin_ip, return_address,
        coalesce(helo, ''), coalesce(protocol in ('ESMTPA', 'ESMTPSA', 'UTF8SMTPA', 'UTF8SMTPSA'), false), -- RFC 3848
        coalesce(tried.domains, []), coalesce(tried.results, []), coalesce(tried.rests, []),
        coalesce(recorded.domains, []), coalesce(recorded.results, []), coalesce(recorded.servers, []),
        coalesce(spf_domain, ''), coalesce(spf_result, ''), coalesce(spf_server, ''),
        coalesce(relayed.methods, []), coalesce(relayed.domains, []), coalesce(relayed.servers, [])
    from message_facts left join borders using (message) left join tried using (message)
        left join recorded using (message) left join relayed using (message)
    where (origin_ip <> '' or from_domain <> '') and message >= '{first}' and message < '{last}'
"""


def spf_and_dmarc(connection: Connection, kept: Kept, sealers: Collection[str]) -> Iterator[Check]:
    """Give the rows of SPF, for messages that an outside host handed over, and of DMARC, for those with a From.

    `sealers` are domains whose ARC results are believed where the chain holds, as the temporary `check_rows` says.
    """
    connection.execute("create or replace temp table sealers as select unnest(?) as domain", [sorted(sealers)])
    ((messages,),) = connection.execute("select count(*) from message_facts").fetchall()
    pieces = messages // _PIECE + 1
    borders = [f"{number * 0x1000 // pieces:03x}" for number in range(pieces)]
    for first, last in itertools.pairwise([*borders, "g"]):
        # A table of its own, read in pieces: the caller writes rows while these are read.
        connection.execute(f"create or replace temp table mails as {_MAILS.format(first=first, last=last)}")
        for start in itertools.count(0, _ROWS):
            rows = connection.execute(
                "select * from mails where rowid >= ? and rowid < ?", [start, start + _ROWS]
            ).fetchall()
            if not rows:
                break
            for row in rows:
                yield from _checks(_Mail(*row), kept)
    connection.execute("drop table mails")
    connection.execute("drop table sealers")


def _checks(mail: _Mail, kept: Kept) -> Iterator[Check]:
    checked: Spf | None = None
    if mail.ip and not mail.submitted:
        # Without Return-Path the sender's domain is the one for which the provider recorded its result.
        sender = mail.sender or (f"postmaster@{mail.spf_domain}" if mail.spf_domain else "")
        checked = spf(mail.ip, mail.helo, sender, kept, mail.at)
        owner = organisation(checked.domain) if checked.domain else ""
        yield Check(
            message=mail.message,
            method="spf",
            result=checked.result,
            domain=checked.domain,
            organisation=owner,
            aligned=bool(owner) and owner == mail.from_organisation,
            rule="RFC 7208",
            policy="",
            rests_on=_rests_on([checked.when]),
            source=checked.source,
            reason=checked.reason,
        )
    if mail.from_domain:
        yield _dmarc(mail, checked, kept)


def _dmarc(mail: _Mail, checked: Spf | None, kept: Kept) -> Check:
    identifiers: list[Identifier] = []
    rests: dict[Identifier, str] = {}  # on what a result rests: a date, recovered, or recorded
    recorded: dict[str, tuple[str, str]] = {}  # of two signatures for one domain, the one that passed
    for domain, result, server in zip(mail.dkim_domains, mail.dkim_results, mail.dkim_servers, strict=True):
        if recorded.get(domain, ("", ""))[0] != "pass":
            recorded[domain] = (result, server)
    servers: dict[Identifier, str] = {}
    for domain, result, rest in zip(mail.signed_domains, mail.signed_results, mail.signed_rests, strict=True):
        rest, server = rest.removeprefix("key-"), ""
        if result != "pass" and recorded.get(domain, ("", ""))[0] in ("pass", "fail"):
            # The key is not known, or what lies here was altered since: what it came to on arrival is recorded.
            rest = "recorded"
            result, server = recorded[domain]
        elif result in _UNKNOWN:
            result = "unknown"
        one = Identifier("dkim", domain, result)
        if one not in rests:
            identifiers.append(one)
            rests[one] = rest
            servers[one] = server
    domain, result, rest = (checked.domain, checked.result, checked.when) if checked else ("", "unknown", "")
    if result == "unknown" and mail.spf_result in _RECORDED:
        domain, result, rest = mail.spf_domain, mail.spf_result, "recorded"
    one = Identifier("spf", domain or mail.from_domain, result)
    identifiers.append(one)
    rests[one] = rest
    servers[one] = mail.spf_server if rest == "recorded" else ""
    for method, domain, server in zip(mail.arc_methods, mail.arc_domains, mail.arc_servers, strict=True):
        one = Identifier("spf" if method == "spf" else "dkim", domain, "pass")
        if one not in rests:
            identifiers.append(one)
            rests[one], servers[one] = "recorded", f"{server} (ARC)"
    told = dmarc(mail.from_domains or [mail.from_domain], identifiers, kept, mail.at, rule_at(mail.at))
    # A pass rests on the policy and on what passed; a fail on all that might have passed.
    owner = organisation(mail.from_domain)
    used = [told.aligned] if told.aligned else []
    if told.result == "fail":
        used = [one for one in identifiers if organisation(one.domain) == owner]
    server = next((servers[one] for one in used if servers[one]), "")
    return Check(
        message=mail.message,
        method="dmarc",
        result=told.result,
        domain=mail.from_domain,
        organisation=told.organisation,
        aligned=told.aligned is not None,
        rule=told.rule,
        policy=told.policy,
        rests_on=_rests_on([told.when, *(rests[one] for one in used)]),
        source=told.source,
        reason=f"{told.reason}, as {server} recorded" if server else told.reason,
    )


def _rests_on(parts: Iterable[str]) -> str:
    """Give the weakest of what a result rests on; what somebody recorded is named before anything that was computed."""
    known = [part for part in parts if part and part != "no-key"]
    for word in ("recorded", "recovered"):
        if word in known:
            return word
    return f"record-{max(known, key=lambda part: WEAKNESS[part])}" if known else "no-record"
