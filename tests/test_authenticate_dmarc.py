"""DMARC: the examples of RFC 7489 and RFC 9989, what either says of odd records, and that unknown never fails."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dns_answers import Answers
from watchword.authenticate.dmarc import Dmarc, Identifier, Rule, dmarc, rule_at
from watchword.authenticate.dmarc_record import is_dmarc, read_dmarc
from watchword.authenticate.records import Status

OLD: Rule = "RFC 7489"
NEW: Rule = "RFC 9989"
R = "v=DMARC1; p=reject"
Q = "v=DMARC1; p=quarantine"


def evaluate(
    zone: dict[str, str | list[str]], author: str | list[str], speaks: str, rule: Rule = OLD, rest: Status = "no-name"
) -> tuple[Dmarc, list[str]]:
    """Evaluate with policies at `_dmarc.` names; `speaks` is as `spf:example.com dkim?example.net`, ? for unknown."""
    records = {
        key if " " in key else f"_dmarc.{key} TXT" if key != "." else "_dmarc TXT": value for key, value in zone.items()
    }
    signs = {":": "pass", "?": "unknown", "!": "fail", "~": "temperror"}
    identifiers = []
    for word in speaks.split():
        mark = next(sign for sign in signs if sign in word)
        method, _, domain = word.partition(mark)
        identifiers.append(Identifier("spf" if method == "spf" else "dkim", domain, signs[mark]))
    answers = Answers(records, rest)
    told = dmarc([author] if isinstance(author, str) else author, identifiers, answers, None, rule)
    return told, [name.removesuffix(" TXT") for name in answers.asked]


# From | what SPF and DKIM say (: pass, ? unknown, ! fail, ~ temperror) | result and policy | the zone's policies.
# R, Q and N begin a record: v=DMARC1; p=reject, quarantine, none. A plus stands between two records of one name.
BOTH = """
# RFC 7489 B.1.1 and B.1.2: identifiers in alignment, at the level of the organisation, and not
example.com | spf:example.com | pass reject | example.com = R
example.com | spf:child.example.com | pass reject | example.com = R
example.com | spf:child.example.com | fail reject | example.com = R; aspf=s
example.com | spf:sample.net | fail reject | example.com = R
example.com | dkim:example.com | pass reject | example.com = R
child.example.com | dkim:example.com | pass reject | example.com = R
child.example.com | dkim:example.com | fail reject | example.com = R; adkim=s
child.example.com | dkim:sample.net | fail reject | example.com = R
# strictness counts for one method alone
child.example.com | dkim:example.com spf:example.com | pass reject | example.com = R; adkim=s
child.example.com | spf:example.com | fail reject | example.com = R; aspf=S
example.com | dkim:example.com | pass reject | example.com = R; adkim=s
# RFC 7489 B.2: the records of the examples
example.com |  | fail none | example.com = N; rua=mailto:dmarc-feedback@example.com
example.com |  | fail quarantine | example.com = Q; rua=mailto:a@example.com; pct=25
# whose policy
example.com | spf:example.com | none | example.net = R
example.com |  | fail reject | example.com = R; sp=quarantine
a.example.com |  | fail quarantine | example.com = R; sp=quarantine
a.example.com |  | fail reject | example.com = N & a.example.com = R; sp=none
mail.example.co.uk | dkim:example.co.uk | pass reject | example.co.uk = R
a.xn--bcher-kva.example | spf:xn--bcher-kva.example | pass reject | xn--bcher-kva.example = R
# what is no DMARC record, and what is one all the same
example.com |  | fail reject | example.com = some text + v=spf1 -all + R
example.com |  | none | example.com = v=DMARC1x; p=reject
example.com |  | none | example.com = v=dmarc1; p=reject
example.com |  | none | example.com = p=reject; v=DMARC1
example.com |  | none | example.com = v=DMARC2; p=reject
example.com |  | none | example.com =  v=DMARC1; p=reject
a.example.com | dkim:example.com | fail reject | example.com = v = DMARC1 ;p = Reject ; adkim = s
example.com |  | fail reject | example.com = V=DMARC1;P=reject
example.com |  | fail reject | example.com = v=DMARC1;p=reject;;foo;=bar;x=y
example.com | spf:example.com | none | example.com = R + Q
example.com |  | none | example.com = N; p=reject
# policies that are missing or wrong (RFC 7489 6.6.3 number 6, RFC 9989 4.10.1)
example.com |  | none | example.com = v=DMARC1
example.com |  | none | example.com = v=DMARC1; pct=100
example.com |  | none | example.com = v=DMARC1; p=block
example.com |  | none | example.com = v=DMARC1; p=n
example.com |  | fail none | example.com = v=DMARC1; rua=mailto:a@example.com
example.com |  | fail none | example.com = v=DMARC1; p=block; rua=mailto:a@example.com!10m
a.example.com |  | fail none | example.com = R; sp=bounce; rua=https://example.com/r
example.com |  | none | example.com = R; sp=bounce; rua=a@example.com
example.com |  | none | example.com = R; sp=bounce; rua=mailto:
# values that are wrong and do not matter
a.example.com | spf:example.com | pass reject | example.com = R; adkim=bob; aspf=bob; pct=500; ri=x; rf=x; fo=9
example.com | spf:example.net | fail reject | example.com = R; pct=0
example.com |  | fail reject | example.com = R; ruf=ftp://example.com
# results that are no pass
example.com | spf!example.com dkim!example.com | fail reject | example.com = R
example.com | spf~example.com | temperror reject | example.com = R
example.com | spf~example.com dkim:example.com | pass reject | example.com = R
example.com | spf?example.com | unknown reject | example.com = R
example.com | spf?example.com dkim:example.com | pass reject | example.com = R
example.com | spf?example.net | fail reject | example.com = R
"""

ONLY_OLD = """
# the list of public suffixes decides, and a second record ends the search
mail.example.com | dkim:example.com | pass reject | mail.example.com = R
a.example.com |  | none | a.example.com = R + Q & example.com = R
a.b.example.com |  | fail quarantine | b.example.com = R & example.com = Q
example.com |  | none | com = R
# tags that it does not know
gone.example.com |  | fail reject | example.com = R; t=y; np=none; psd=y
"""

ONLY_NEW = """
# B.4.1, B.4.2: a simple walk, and a name of many labels
example.com | spf:example.com | pass reject | example.com = R & signing.example.com = R
example.com | dkim:signing.example.com | pass reject | example.com = R & signing.example.com = R
a.b.c.d.e.f.g.h.i.j.k.example.com | dkim:signing.example.com | pass reject | example.com = R
# B.4.3: a public suffix that says so keeps its registrants apart
giant.bank.example | dkim:mail.mega.bank.example | fail quarantine | bank.example = R; psd=y & giant.bank.example = Q
giant.bank.example | spf:mail.giant.bank.example | pass quarantine | bank.example = R; psd=y & giant.bank.example = Q
mail.giant.bank.example | dkim:giant.bank.example | pass quarantine | bank.example = R; psd=y; sp=quarantine
giant.bank.example | spf:bank.example dkim:mega.bank.example | fail reject | bank.example = R; psd=y
bank.example | spf:mail.bank.example | fail reject | bank.example = R; psd=y; sp=none
foo.example |  | fail none | example = R; psd=y & foo.example = N
# psd=n makes an organisation of its own
a.b.example.com | dkim:example.com | fail reject | b.example.com = R; psd=n & example.com = N
mail.example.com | dkim:example.com | fail reject | mail.example.com = R; psd=n & example.com = R
# the record with the fewest labels counts; without one above, a name stands for itself
a.b.example.com | dkim:example.com | pass quarantine | b.example.com = R & example.com = Q
mail.example.com | dkim:example.com spf:bounce.example.com | fail reject | mail.example.com = R
alice.github.io | dkim:bob.github.io | pass reject | github.io = R
# several records at one name count as none there
a.example.com |  | fail quarantine | a.example.com = R + Q & example.com = N; sp=quarantine
a.b.example.com |  | fail quarantine | b.example.com = R; psd=n + R & example.com = Q
a.example.com |  | none | a.example.com = v=DMARC1; adkim=s & example.com = R
# np: subdomains that do not exist; t: one step milder
gone.example.com |  | fail quarantine | example.com = R; sp=none; np=quarantine
here.example.com |  | fail none | example.com = R; sp=none; np=quarantine & here.example.com A = 192.0.2.1
mx.example.com |  | fail none | example.com = R; sp=none; np=quarantine & mx.example.com A = nothing
gone.example.com |  | fail reject | example.com = Q; np=reject
example.com |  | fail reject | example.com = R; np=quarantine
gone.example.com |  | fail none | example.com = R; np=; rua=mailto:a@example.com
agency.gov.example |  | fail reject | gov.example = R; sp=none; np=reject; psd=y
example.com |  | fail quarantine | example.com = R; t=y
a.example.com |  | fail none | example.com = R; sp=quarantine; t=Y
example.com |  | fail reject | example.com = R; t=yes
"""

BEGIN = {"R": R, "Q": Q, "N": "v=DMARC1; p=none"}


def cases(text: str, rules: tuple[Rule, ...]) -> list[tuple[dict[str, str | list[str]], str, str, str, str, Rule]]:
    """Read cases from their lines."""
    found = []
    for line in text.strip().split("\n"):
        if line.startswith("#"):
            continue
        author, speaks, wanted, records = line.split(" | ")
        zone: dict[str, str | list[str]] = {}
        for entry in filter(None, records.split(" & ")):
            name, _, said = entry.partition(" = ")
            parts = [
                BEGIN.get(one[:1], one[:1]) + one[1:] if one[1:2] in ("", ";") else one for one in said.split(" + ")
            ]
            zone[name] = [] if said == "nothing" else parts
        result, _, policy = wanted.partition(" ")
        found += [(zone, author, speaks, result, policy, rule) for rule in rules]
    return found


CASES = cases(BOTH, (OLD, NEW)) + cases(ONLY_OLD, (OLD,)) + cases(ONLY_NEW, (NEW,))


@pytest.mark.parametrize(("zone", "author", "speaks", "result", "policy", "rule"), CASES)
def test_what_the_standards_say(
    zone: dict[str, str | list[str]], author: str, speaks: str, result: str, policy: str, rule: Rule
) -> None:
    """Result and policy of every example, by the rule that it belongs to."""
    told, _ = evaluate(zone, author, speaks, rule)
    assert (told.result, told.policy, told.rule) == (result, policy, rule)


def test_a_walk_asks_at_most_eight_names() -> None:
    """A name of more than eight labels is cut to seven after the first question (RFC 9989 4.10)."""
    _, asked = evaluate({"example.com": R}, "a.b.c.d.e.f.g.h.i.j.k.example.com", "", NEW)
    assert [name.removeprefix("_dmarc.") for name in asked] == [
        "a.b.c.d.e.f.g.h.i.j.k.example.com",
        "g.h.i.j.k.example.com",
        "h.i.j.k.example.com",
        "i.j.k.example.com",
        "j.k.example.com",
        "k.example.com",
        "example.com",
        "com",
    ]


@pytest.mark.parametrize("rule", [OLD, NEW])
def test_what_was_not_kept_never_fails(rule: Rule) -> None:
    """A policy, a key or a record on the way that is not known makes the result unknown, unless something passes."""
    assert evaluate({}, "example.com", "", rule, "unknown")[0].result == "unknown"
    assert evaluate({"example.com": R}, "a.example.com", "", rule, "unknown")[0].result == "unknown"
    assert evaluate({"example.com": R}, "example.com", "spf:example.com", rule, "unknown")[0].result == "pass"
    assert evaluate({"example.com": R}, "example.com", "spf:example.net", rule, "unknown")[0].result == "fail"
    assert evaluate({"example.com": R}, "example.com", "", rule, "failed")[0].result == "fail"
    assert evaluate({}, "example.com", "spf:example.com", rule, "failed")[0].result == "temperror"


def test_a_record_in_the_middle_of_a_walk_that_was_not_kept() -> None:
    """By RFC 9989 it could part the two names, so nothing is said; an identical domain needs no walk."""
    zone: dict[str, str | list[str]] = {"a.b.example.com": R, "example.com": R}
    assert evaluate(zone, "a.b.example.com", "dkim:example.com", NEW, "unknown")[0].result == "unknown"
    assert evaluate(zone, "a.b.example.com", "dkim:a.b.example.com", NEW, "unknown")[0].result == "pass"
    assert evaluate(zone, "a.b.example.com", "dkim:example.net", NEW, "unknown")[0].result == "fail"


def test_several_authors_are_judged_by_the_worst() -> None:
    """With addresses of two domains in From, the one that fails under the stricter policy counts (RFC 7489 6.6.1)."""
    zone: dict[str, str | list[str]] = {"bank.example": R, "evil.test": "v=DMARC1; p=none"}
    told, _ = evaluate(zone, ["evil.test", "bank.example"], "spf:evil.test")
    assert (told.result, told.policy, told.organisation) == ("fail", "reject", "bank.example")
    assert evaluate(zone, ["bank.example", "bank.example"], "spf:bank.example")[0].result == "pass"
    assert evaluate(zone, ["", "bank.example"], "spf:bank.example")[0].result == "permerror"
    assert dmarc([], [], Answers({}), None).result == "permerror"


def test_the_rule_is_that_of_the_message_s_time() -> None:
    """RFC 9989 since May 2026, RFC 7489 before, and nothing before there was DMARC."""
    assert rule_at(datetime(2026, 5, 19, tzinfo=UTC)) == OLD
    assert rule_at(datetime(2026, 5, 20, tzinfo=UTC)) == NEW
    early = dmarc(["example.com"], [], Answers({"_dmarc.example.com TXT": R}), datetime(2010, 1, 1, tzinfo=UTC))
    assert (early.result, early.reason) == ("none", "before DMARC")


def test_many_identifiers_cost_little() -> None:
    """A message with thousands of signatures leads to few questions."""
    domains = " ".join(f"dkim:s{number}.example.com" for number in range(2_000))
    _, asked = evaluate({"example.com": R + "; psd=n", **{f"s{n}.example.com": R + "; psd=n" for n in range(50)}},
                        "example.com", domains, NEW)  # fmt: skip
    assert len(asked) < 100


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from("v=DMARC1 ; p= sp= np= none reject t=y psd=y \x00 é".split(" "))).map("".join)
)
def test_no_record_makes_it_raise(text: str) -> None:
    """Any record is read, and any evaluation over it gives one of the results."""
    assert is_dmarc(text) in (True, False)
    read_dmarc(text)
    for rule in (OLD, NEW):
        assert evaluate({"example.com": f"v=DMARC1;{text}"}, "a.example.com", "spf:example.com", rule)[0].result in (
            "pass",
            "none",
        )
