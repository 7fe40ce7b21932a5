"""SPF: the examples of RFC 7208, its limits, and that what nobody kept never becomes a fail."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.dns_answers import Answers
from watchword.authenticate.macro import domain, is_telling, read_domain, read_template
from watchword.authenticate.spf import Spf, spf
from watchword.authenticate.spf_record import is_spf, read_spf

# RFC 7208 appendix A: the zone of its examples.
ZONE: dict[str, str | list[str]] = {
    "example.com MX": ["10 mail-a.example.com", "20 mail-b.example.com"],
    "example.com A": ["192.0.2.10", "192.0.2.11"],
    "amy.example.com A": "192.0.2.65",
    "bob.example.com A": "192.0.2.66",
    "mail-a.example.com A": "192.0.2.129",
    "mail-b.example.com A": "192.0.2.130",
    "example.org MX": "10 mail-c.example.org",
    "example.org A": [],
    "mail-c.example.org A": "192.0.2.140",
    "10.2.0.192.in-addr.arpa PTR": "example.com",
    "65.2.0.192.in-addr.arpa PTR": "amy.example.com",
    "66.2.0.192.in-addr.arpa PTR": "bob.example.com",
    "140.2.0.192.in-addr.arpa PTR": "mail-c.example.org",
    "4.0.0.10.in-addr.arpa PTR": "bob.example.com",
}


def check(record: str | list[str], ip: str = "192.0.2.10", sender: str = "someone@example.com", **more: str) -> Spf:
    """Evaluate one record of example.com in the zone of the RFC."""
    answers = Answers({**ZONE, "example.com TXT": record, **{f"{key} TXT": text for key, text in more.items()}})
    return spf(ip, "mail.example.com", sender, answers, None)


@pytest.mark.parametrize(
    ("record", "passes", "fails"),
    [
        ("v=spf1 +all", ["192.0.2.1", "2001:db8::1"], []),
        ("v=spf1 a -all", ["192.0.2.10", "192.0.2.11"], ["192.0.2.65"]),
        ("v=spf1 a:example.org -all", [], ["192.0.2.10", "192.0.2.140"]),
        ("v=spf1 mx -all", ["192.0.2.129", "192.0.2.130"], ["192.0.2.10"]),
        ("v=spf1 mx:example.org -all", ["192.0.2.140"], ["192.0.2.129"]),
        ("v=spf1 mx mx:example.org -all", ["192.0.2.129", "192.0.2.140"], ["192.0.2.10"]),
        ("v=spf1 mx/30 mx:example.org/30 -all", ["192.0.2.131", "192.0.2.143"], ["192.0.2.132"]),
        ("v=spf1 ptr -all", ["192.0.2.65", "192.0.2.10"], ["192.0.2.140", "10.0.0.4"]),
        ("v=spf1 ip4:192.0.2.128/28 -all", ["192.0.2.129", "192.0.2.140"], ["192.0.2.65"]),
    ],
)
def test_the_simple_examples_of_appendix_a(record: str, passes: list[str], fails: list[str]) -> None:
    """Every record of RFC 7208 A.1 authorises the hosts that the RFC says, and no others."""
    assert {ip: check(record, ip).result for ip in passes + fails} == dict.fromkeys(passes, "pass") | dict.fromkeys(
        fails, "fail"
    )


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("%{s}.", "strong-bad@email.example.com"),
        ("%{o}.", "email.example.com"),
        ("%{d4}.", "email.example.com"),
        ("%{d1}.", "com"),
        ("%{dr}.", "com.example.email"),
        ("%{d2r}.", "example.email"),
        ("%{l-}.", "strong.bad"),
        ("%{lr-}.", "bad.strong"),
        ("%{l1r-}.", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
    ],
)
def test_the_macro_examples(template: str, wanted: str) -> None:
    """Macros expand as in RFC 7208 7.4."""
    values = {
        "s": "strong-bad@email.example.com",
        "l": "strong-bad",
        "o": "email.example.com",
        "d": "email.example.com",
        "i": "192.0.2.3",
        "v": "in-addr",
    }
    read = read_template(template)
    assert read is not None
    assert domain(read, lambda letter: values[letter]) == wanted


def test_a_record_that_was_not_kept_never_becomes_a_fail() -> None:
    """Where one of the records that `-all` rests on is unknown, the result is unknown, and says which."""
    answers = Answers({"example.com TXT": "v=spf1 include:sender.example ip4:192.0.2.0/28 -all"}, rest="unknown")
    unknown = spf("198.51.100.7", "mail.example.com", "a@example.com", answers, None)
    assert (unknown.result, unknown.reason) == ("unknown", "not kept: include:sender.example")
    # whatever the included record says, a match gives pass
    assert spf("192.0.2.1", "mail.example.com", "a@example.com", answers, None).result == "pass"


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 include:unknown.example ?all",
        "v=spf1 -exists:unknown.example +all",
        "v=spf1 redirect=unknown.example",
        "v=spf1 mx:unknown.example a:unknown.example ~all",
        "v=spf1 include:unknown.example a:b:c",
    ],
)
def test_what_hangs_on_an_unknown_record_is_unknown(record: str) -> None:
    """Neither softfail nor neutral nor a pass comes out where an earlier term might have decided otherwise."""
    answers = Answers({"example.com TXT": record}, rest="unknown")
    found = spf("198.51.100.7", "mail.example.com", "a@example.com", answers, None)
    assert found.result == ("permerror" if "a:b:c" in record else "unknown")


def test_no_sender_means_postmaster_at_the_helo_name() -> None:
    """A bounce has no sender; then the HELO name is asked (RFC 7208 2.4)."""
    answers = Answers({"mail.example.com TXT": "v=spf1 ip4:192.0.2.1 -all"})
    found = spf("192.0.2.1", "mail.example.com", "", answers, None)
    assert (found.result, found.domain) == ("pass", "mail.example.com")
    assert spf("192.0.2.1", "localhost", "", answers, None).result == "none"


def test_the_limits_of_the_standard() -> None:
    """The eleventh look-up, the third empty one, and the eleventh host of `mx` are errors (RFC 7208 4.6.4)."""
    assert check("v=spf1 " + "a:amy.example.com " * 10 + "+all").result == "pass"
    assert check("v=spf1 " + "a:amy.example.com " * 11 + "+all").result == "permerror"
    assert check("v=spf1 a:x1.example a:x2.example +all").result == "pass"
    assert check("v=spf1 a:x1.example a:x2.example a:x3.example +all").result == "permerror"
    assert check("v=spf1 include:example.com -all").result == "permerror"
    many = Answers(
        {"example.com TXT": "v=spf1 mx -all", "example.com MX": [f"1 m{number}.example.com" for number in range(11)]}
    )
    assert spf("192.0.2.1", "h.example", "a@example.com", many, None).result == "permerror"


def test_an_explanation_is_kept_apart() -> None:
    """The owner's text on a fail is expanded, but is no part of the reason that is shown."""
    found = check("v=spf1 -all exp=why.example.net", **{"why.example.net": "%{i} is not ours, call 555"})
    assert (found.result, found.reason, found.explanation) == ("fail", "-all", "192.0.2.10 is not ours, call 555")


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        ("v=spf1 ip4:192.0.2.1/33", True),
        ("v=spf1 ip4:192.0.2.256", True),
        ("v=spf1 a:example.com:8080", True),
        ("v=spf1 include:", True),
        ("v=spf1 all:x", True),
        ("v=spf1 redirect=a.example redirect=b.example", True),
        ("v=spf1 unknown", True),
        ("v=spf1 a:%{c}.example.com", True),
        ("v=spf1 exists:%{i}.example.123", True),
        ("v=spf1 mx/24//64 a:%{d/}/24 ?all x=%{s}", False),
        ("v=spf1 ip6:2001:db8::/32 ip4:192.0.2.0/24", False),
    ],
)
def test_one_wrong_term_makes_the_record_wrong(record: str, wrong: bool) -> None:
    """A record is read whole or not at all (RFC 7208 4.6)."""
    assert bool(read_spf(record).wrong) == wrong


def test_names_that_would_give_somebody_away_are_known() -> None:
    """A name made from the sender, the host or the time is told from one made from domains alone."""
    told = {
        text: is_telling(read_domain(text) or ()) for text in ("%{d}.x.org", "_spf.x.org", "%{l}.x.org", "%{ir}.x.org")
    }
    assert told == {"%{d}.x.org": False, "_spf.x.org": False, "%{l}.x.org": True, "%{ir}.x.org": True}


WORDS = st.sampled_from(
    "a mx ptr all include: exists: redirect= exp= ip4: ip6: - ~ ? %{s} %{l1r-} %{d99} %{p} %% %_ / // 24 . example.com "
    "192.0.2.1 2001:db8:: : = é \x00".split(" ")
)


@given(st.lists(WORDS | st.text(max_size=8), max_size=30).map("".join), st.text(max_size=40), st.text(max_size=40))
@example("%{s}" * 2_000 + ".example.com", "x" * 5_000 + "@" + "y" * 5_000, "z" * 5_000)
def test_no_record_makes_it_raise_or_run_away(text: str, sender: str, helo: str) -> None:
    """Whatever a record, a sender or a host says, there is a result, and few, short names are asked for."""
    answers = Answers({"example.com TXT": f"v=spf1 {text}"})
    for sent in (sender, "someone@example.com"):
        assert spf("192.0.2.10", helo, sent, answers, None).result in (
            "pass fail softfail neutral none temperror permerror".split()
        )
    assert len(answers.asked) < 300
    assert all(len(name) <= 260 for name in answers.asked)


@given(st.text(max_size=60))
def test_only_spf_records_are_read(text: str) -> None:
    """What does not begin with the version and a blank is none (RFC 7208 4.5)."""
    assert is_spf(text) == (text.lower() == "v=spf1" or text.lower().startswith("v=spf1 "))
