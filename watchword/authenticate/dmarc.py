"""DMARC (RFC 7489, and RFC 9989 for mail that arrived since), from records that are known as of the message's arrival.

The two find an organisation in different ways: RFC 7489 by a list of public suffixes, RFC 9989 by walking up the DNS.
A record or a result that is not known can make a message pass, but never makes it fail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from watchword.authenticate.dmarc_record import DmarcRecord, Policy, is_dmarc, read_dmarc
from watchword.authenticate.records import WEAKNESS, Lookup
from watchword.observe.domain import registrable

BEGAN = datetime(2012, 1, 30, tzinfo=UTC)  # the first public draft; before, nobody could ask for anything
RFC_9989 = datetime(2026, 5, 20, tzinfo=UTC)  # published; the RFC itself says May 2026
_QUERIES = 8  # of one walk (RFC 9989 4.10)
_WALKS = 10  # of one message; honest mail has one or two identifiers

_MILDER: dict[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none", "": ""}

Rule = Literal["RFC 7489", "RFC 9989"]


@dataclass(frozen=True, slots=True)
class Identifier:
    """One domain that SPF or DKIM speaks for, and what they came to."""

    method: Literal["spf", "dkim"]
    domain: str  # lower case, A-labels
    result: str  # in the words of RFC 8601; unknown: a record or key was not kept


@dataclass(frozen=True, slots=True)
class Dmarc:
    """What DMARC comes to."""

    result: str  # pass, fail, none, temperror, permerror; unknown: a record or key was not kept
    policy: str  # what is asked for where it fails; empty if nothing
    organisation: str  # the author's organisational domain by the rule
    aligned: Identifier | None  # the identifier that passes for the author's domain
    reason: str
    rule: Rule
    when: str = ""  # the weakest of the records' dates
    source: str = ""  # the file that holds the policy record


@dataclass(frozen=True, slots=True)
class _Found:
    """What was asked at one name."""

    status: Literal["found", "none", "several", "unknown", "failed"]
    name: str
    record: DmarcRecord | None = None
    when: str = ""
    source: str = ""


def rule_at(at: datetime | None) -> Rule:
    """Give the standard that was in force; the older one where the time is not known."""
    return "RFC 9989" if at and at >= RFC_9989 else "RFC 7489"


def dmarc(
    authors: Sequence[str],
    identifiers: Sequence[Identifier],
    lookup: Lookup,
    at: datetime | None,
    rule: Rule | None = None,
) -> Dmarc:
    """Evaluate DMARC for the domains of all addresses in From (lower case, A-labels). Never raises.

    Where several domains are named, each is evaluated and the worst result counts (RFC 7489 6.6.1).
    """
    rule = rule or rule_at(at)
    domains = list(dict.fromkeys(authors))[:_WALKS]
    if not domains or not all(domains):
        return Dmarc("permerror", "", "", None, "no domain in From", rule)
    if at and at < BEGAN:
        return Dmarc("none", "", "", None, "before DMARC", rule)
    found = [_Author(domain, lookup, at, rule).evaluate(identifiers) for domain in domains]
    worst = min(found, key=lambda one: (_WORST.index(one.result), _STRICTEST.index(one.policy)))
    return worst if len(domains) == 1 else replace(worst, reason=f"{worst.reason}; {len(domains)} domains in From")


_WORST = ("fail", "permerror", "temperror", "unknown", "none", "pass")
_STRICTEST = ("reject", "quarantine", "none", "")


class _Author:
    """The evaluation for one domain of From."""

    def __init__(self, domain: str, lookup: Lookup, at: datetime | None, rule: Rule) -> None:
        self.domain, self.lookup, self.at, self.rule = domain, lookup, at, rule
        self.asked: dict[str, _Found] = {}
        self.walks = 0
        self.notes: list[str] = []

    def evaluate(self, identifiers: Sequence[Identifier]) -> Dmarc:
        own = self._ask(self.domain)
        organisation: str | None  # None: not known
        if self.rule == "RFC 7489":
            organisation = _listed(self.domain)
            found = own if own.status != "none" or organisation == self.domain else self._ask(organisation)
        else:
            organisation, policy = self._organisation(self.domain)
            found = own if own.status == "found" else policy
        if found.status != "found" or not found.record:
            result = {"unknown": "unknown", "failed": "temperror"}.get(found.status, "none")
            reason = {
                "unknown": f"no record kept for _dmarc.{found.name}",
                "failed": f"the DNS did not answer for _dmarc.{found.name}",
                "several": f"several records at _dmarc.{found.name}",
            }.get(found.status, "no DMARC record")
            return self._told(found, result, "", organisation, None, reason)
        record = found.record
        if not record.policy:
            return self._told(found, "none", "", organisation, None, f"wrong tag: {record.wrong}")
        policy_asked = self._policy(record, found.name)
        if record.wrong:
            self.notes.append(f"wrong tag: {record.wrong}")
        if record.percent < 100 and self.rule == "RFC 7489":
            self.notes.append(f"pct={record.percent}")
        return self._aligned(found, record, policy_asked, organisation, identifiers)

    def _aligned(
        self,
        found: _Found,
        record: DmarcRecord,
        policy: Policy,
        organisation: str | None,
        identifiers: Sequence[Identifier],
    ) -> Dmarc:
        """Look for an identifier that passes and is aligned (RFC 7489 3.1, RFC 9989 4.4)."""
        unsure: list[str] = []
        failed = False
        # SPF first: a message has one, and may have any number of signatures.
        for one in sorted(identifiers, key=lambda one: (one.domain != self.domain, one.method != "spf")):
            if one.result not in ("pass", "unknown", "temperror"):
                continue
            strict = record.strict_spf if one.method == "spf" else record.strict_dkim
            fits = self._fits(one.domain, strict, organisation)
            if fits is False:
                continue
            if one.result == "pass" and fits:
                return self._told(found, "pass", policy, organisation, one, f"{one.method} for {one.domain}")
            if one.result == "temperror":
                failed = True
            elif one.result == "unknown":
                unsure.append(f"{one.method} for {one.domain} is not known")
            else:
                unsure.append(f"whether {one.domain} is of the same organisation is not known")
        if unsure:
            return self._told(found, "unknown", policy, organisation, None, unsure[0])
        if failed:
            return self._told(found, "temperror", policy, organisation, None, "the DNS did not answer")
        return self._told(found, "fail", policy, organisation, None, "nothing that passes is aligned")

    def _fits(self, domain: str, strict: bool, organisation: str | None) -> bool | None:
        """Tell whether a domain is aligned with the author's; None where a record that decides it is not known."""
        if domain == self.domain:
            return True
        if strict:
            return False
        if self.rule == "RFC 7489":
            return _listed(domain) == organisation
        if organisation is None:
            return None if _listed(domain) == _listed(self.domain) else False
        if domain != organisation and not domain.endswith("." + organisation):
            return False
        self.walks += 1
        if self.walks > _WALKS:
            return None
        other, _ = self._organisation(domain)
        return None if other is None else other == organisation

    def _policy(self, record: DmarcRecord, name: str) -> Policy:
        """Give what is asked for: p for the domain whose record it is, else np or sp."""
        policy: Policy = record.policy
        if name != self.domain:
            policy = record.subdomains or record.policy
            if record.missing and record.missing != policy and self.rule == "RFC 9989":
                answer = self.lookup(self.domain, "A", self.at)
                if answer.status == "no-name":
                    policy = record.missing
                elif answer.status not in ("found", "no-data"):
                    self.notes.append(f"whether {self.domain} exists is not known")
        return _MILDER[policy] if record.testing and self.rule == "RFC 9989" else policy

    # ------------------------------------------------------------ RFC 9989 4.10

    def _organisation(self, domain: str) -> tuple[str | None, _Found]:
        """Walk up the DNS; give the organisational domain, None if not known, and the record that speaks for it."""
        none = _Found("none", domain)
        found: list[_Found] = []
        for name in _path(domain):
            one = self._ask(name)
            if one.status == "unknown" and not registrable(name, private=False):
                # Nobody keeps `_dmarc.com`. That it is a public suffix is known from the list, too.
                self._note("public suffixes by the list")
                continue
            if one.status in ("unknown", "failed"):
                return None, one
            if one.status == "found" and one.record:
                found.append(one)
                if one.record.suffix:
                    break
        if not found:
            return domain, none
        last = found[-1]
        if last.record and last.record.suffix == "y" and last.name != domain:
            below = ".".join(domain.split(".")[-(last.name.count(".") + 2) :])
            own = next((one for one in found if one.name == below), last)
            return below, own
        return last.name, last

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _ask(self, name: str) -> _Found:
        found = self.asked.get(name)
        if found is None:
            found = self.asked[name] = self._look(name)
        return found

    def _look(self, name: str) -> _Found:
        if len(name) > 246 or not all(0 < len(label) < 64 for label in name.split(".")):
            return _Found("none", name)  # such a name cannot exist
        answer = self.lookup(f"_dmarc.{name}", "TXT", self.at)
        if answer.status in ("unknown", "failed"):
            return _Found("unknown" if answer.status == "unknown" else "failed", name)
        texts = [text for text in answer.values if is_dmarc(text)]
        records = [record for record in map(read_dmarc, texts) if record]
        if len(texts) > 1:
            # RFC 7489 6.6.3 number 5 ends the search; RFC 9989 4.10 goes on as if there were none.
            status: Literal["several", "none"] = "several" if self.rule == "RFC 7489" else "none"
            return _Found(status, name, None, answer.when, answer.source)
        if not records and not answer.whole:
            return _Found("unknown", name)
        if not records:
            return _Found("none", name, None, answer.when, answer.source)
        return _Found("found", name, records[0], answer.when, answer.source)

    def _told(
        self,
        found: _Found,
        result: str,
        policy: str,
        organisation: str | None,
        aligned: Identifier | None,
        reason: str,
    ) -> Dmarc:
        weakest = max((one.when for one in self.asked.values()), key=lambda when: WEAKNESS[when], default="")
        when = found.when if result == "unknown" else weakest
        return Dmarc(
            result,
            policy,
            organisation or _listed(self.domain),
            aligned,
            "; ".join([reason, *self.notes]),
            self.rule,
            when,
            found.source,
        )


def _path(domain: str) -> Iterator[str]:
    """Give the names of a walk: the domain, then its ends, from seven labels down to one (RFC 9989 4.10)."""
    labels = domain.split(".")
    yield domain
    for count in range(min(len(labels), _QUERIES) - 1, 0, -1):
        yield ".".join(labels[-count:])


def _listed(domain: str) -> str:
    """Give the organisational domain by the list of public suffixes (RFC 7489 3.2): of today, all sections."""
    return registrable(domain) or domain
