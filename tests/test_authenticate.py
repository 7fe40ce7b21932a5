"""The step over a whole case: keys as of a time, recovered keys, what a result rests on, and nothing done twice."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.signing import LETTER, Signer, ed25519_key, record, rsa_key, sealed
from tests.small_case import ANA, START, ask, letter, mbox, run
from watchword.authenticate import authenticate as step
from watchword.authenticate import recover as recovering
from watchword.authenticate.authenticate import try_keys
from watchword.authenticate.dkim import key_record
from watchword.authenticate.modulus import modulus, without_small_factors
from watchword.authenticate.reasons import CAVEATS, REASONS
from watchword.authenticate.records import Answer, Lookup
from watchword.authenticate.recovered import attempts, recovered_keys
from watchword.observe.signatures import signatures
from watchword.parse.message import parse
from watchword.tables import Signature

NAME = "s1._domainkey.institute.example"
OTHER = "v=DKIM1; k=rsa; p=" + record(rsa_key(1)).partition("p=")[2]


def row(message: bytes) -> Signature:
    """Observe the topmost signature."""
    return signatures(parse(message), "", "institute.example")[0]


def says(**answers: Answer) -> Lookup:
    """Look-up that knows the keys of one selector."""
    return lambda name, type, at: answers["key"] if name == NAME and answers else Answer("unknown")  # noqa: A006  # the protocol's word


GOOD = Signer(rsa_key()).sign(LETTER)
BODY = GOOD.replace(b"Dear", b"dear")


@pytest.mark.parametrize(
    ("message", "answer", "result", "reason", "rests_on"),
    [
        (GOOD, Answer("unknown"), "none", "no-key", "no-key"),
        (BODY, Answer("unknown"), "fail", "body-altered", "no-key"),
        (GOOD, Answer("no-name", (), "then", "z"), "permerror", "key-not-published", "key-then"),
        (GOOD, Answer("no-name", (), "later", "z"), "none", "no-key", "no-key"),
        (GOOD, Answer("found", (record(rsa_key()),), "then", "z"), "pass", "", "key-then"),
        (GOOD, Answer("found", (record(rsa_key()),), "later", "z"), "pass", "", "key-later"),
        (GOOD, Answer("found", (OTHER, record(rsa_key())), "undated", "z"), "pass", "", "key-undated"),
        (BODY, Answer("found", (record(rsa_key()),), "before", "z"), "fail", "body-altered", "key-before"),
        (GOOD, Answer("found", (OTHER,), "then", "z"), "fail", "other-key", "key-then"),
        (GOOD, Answer("found", (OTHER,), "later", "z"), "none", "other-key", "key-later"),
        (GOOD, Answer("found", ("v=DKIM1; p=",), "then", "z"), "permerror", "key-revoked", "key-then"),
        (GOOD, Answer("found", ("v=DKIM1; p=",), "later", "z"), "none", "key-revoked", "key-later"),
    ],
)
def test_what_a_result_rests_on(message: bytes, answer: Answer, result: str, reason: str, rests_on: str) -> None:
    """A key of the time decides; one of another time can show that it signed, never that the signature is false."""
    tried = try_keys(row(message), START, says(key=answer), {})
    assert (tried.outcome.result, tried.outcome.reason, tried.rests_on) == (result, reason, rests_on)


def test_a_recovered_key_never_overrules_what_was_published() -> None:
    """Anybody can make a key and use it under another's name: a key that was published at that time stands above."""
    own = key_record(record(rsa_key())).key
    assert own is not None
    known = {("institute.example", "s1"): [own]}
    for answer, result, rests_on in (
        (Answer("unknown"), "pass", "key-recovered"),
        (Answer("found", (OTHER,), "later", "z"), "pass", "key-recovered"),
        (Answer("found", (OTHER,), "then", "z"), "fail", "key-then"),
        (Answer("no-name", (), "then", "z"), "permerror", "key-then"),
    ):
        tried = try_keys(row(GOOD), START, says(key=answer), known)
        assert (tried.outcome.result, tried.rests_on) == (result, rests_on)
        if answer.when == "later":
            assert "published-key-differs" in tried.outcome.caveats
    foreign = try_keys(row(Signer(rsa_key(1)).sign(LETTER)), START, says(), known)
    assert (foreign.outcome.result, foreign.outcome.reason) == ("none", "other-key")


# ------------------------------------------------------------ a whole case


def mails(signer: Signer, days: range) -> list[bytes]:
    """Write signed letters, one a day."""
    written = []
    for day in days:
        data = letter(day, subject=f"Letter {day}").replace(b"\n", b"\r\n")
        top, _, rest = data.partition(b"Message-ID")
        written.append(top + signer.sign(b"Message-ID" + rest))
    return written


def case_of(folder: Path, messages: list[bytes], keys: str = "") -> Path:
    """Read and judge messages as Ana's mailbox, with what the case's `keys/` holds."""
    (folder / "mail.mbox").write_bytes(mbox([one.replace(b"\r\n", b"\n") for one in messages]))
    case = folder / "case"
    (case / "keys").mkdir(parents=True)
    (case / "case.toml").write_text('name = "x"\n')
    if keys:
        (case / "keys" / "keys.jsonl").write_text(keys)
    result = run("investigate", folder / "mail.mbox", "--case", case, "--owner", ANA)
    assert result.exit_code == 0, result.output
    return case


def seen(signer: Signer, first: datetime, last: datetime) -> str:
    """Write what passive DNS saw of a key."""
    name = f"{signer.selector}._domainkey.{signer.domain}"
    times = {"time_first": int(first.timestamp()), "time_last": int(last.timestamp())}
    return json.dumps({"rrname": name, "rrtype": "TXT", "rdata": [record(signer.key)], **times}) + "\n"


def test_tables(tmp_path: Path) -> None:
    """Every signature has one verification and every message one check of DKIM; keys say what they signed and when."""
    signer = Signer(rsa_key())
    messages = mails(signer, range(4))
    messages[2] = messages[2].replace(b"here is", b"there is")
    messages += [letter(5), sealed(messages[3], Signer(rsa_key(1), "list.example", "a1")).replace(b"<3", b"<33")]
    case = case_of(tmp_path, messages, seen(signer, START - timedelta(days=9), START + timedelta(days=9)))
    assert ask(
        case, "select result, reason, rests_on, same_key, count(*) from verifications group by all order by 5"
    ) == [
        ("fail", "body-altered", "key-then", 5, 1),
        ("none", "no-key", "no-key", 0, 2),
        ("pass", "", "key-then", 5, 4),
    ]
    assert ask(case, "select count(*) from signatures") == ask(case, "select count(*) from verifications")
    assert ask(case, "select count(*), count(distinct message) from checks where method = 'dkim'") == ask(
        case, "select count(*), count(*) from messages"
    )
    assert ask(case, "select method, result, aligned, rests_on, count(*) from checks where method in ('dkim', 'arc') "
                     "group by all order by 1, 2") == [
        ("arc", "unknown", False, "no-record", 1),
        ("dkim", "fail", True, "record-then", 1),
        ("dkim", "none", False, "no-record", 1),
        ("dkim", "pass", True, "record-then", 4),
    ]  # fmt: skip
    (key,) = ask(case, """select domain, selector, key_bits, source, "first", messages from signing_keys""")
    assert key == ("institute.example", "s1", 1024, "keys.jsonl", START - timedelta(days=9), 5)
    known = REASONS.keys() | {""}
    assert {reason for (reason,) in ask(case, "select distinct reason from verifications")} <= known
    assert {one for (one,) in ask(case, "select distinct unnest(caveats) from verifications")} <= CAVEATS.keys()


def test_nothing_is_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging again tries no signature, until a key is added."""
    signer = Signer(rsa_key())
    case = case_of(tmp_path, mails(signer, range(2)))
    with monkeypatch.context() as patch:
        patch.setattr(step, "try_keys", None)
        assert run("judge", "--case", case).exit_code == 0
    (case / "keys" / "more.jsonl").write_text(seen(signer, START, START + timedelta(days=9)))
    assert run("judge", "--case", case).exit_code == 0
    assert ask(case, "select distinct result from verifications") == [("pass",)]


# ------------------------------------------------------------ recovery


def test_keys_are_recovered_from_the_mailbox(tmp_path: Path) -> None:
    """Two keys that one selector used in turn are found from signatures alone, and what was altered is told."""
    first, second = (Signer(rsa_key(number, exponent=3)) for number in (1, 2))
    messages = mails(first, range(6)) + mails(second, range(20, 24))
    messages[1] = messages[1].replace(b"Subject: ", b"Subject: [list] ")
    messages += mails(Signer(ed25519_key(), selector="e1"), range(30, 32))
    case = case_of(tmp_path, messages)
    result = run("keys", "recover", "--case", case, "--domain", "institute.example")
    assert result.exit_code == 0, result.output
    assert "institute.example  s1  1024 bits: verifies 9 of 10 signatures; header-altered 1" in result.output
    assert "Ed25519" in result.output
    assert ask(case, "select source, key_bits, messages from signing_keys order by messages") == [
        ("recovered", 1024, 4),
        ("recovered", 1024, 6),
    ]
    assert ask(case, "select distinct rests_on, same_key from verifications where rests_on = 'key-recovered' "
                     "order by 2") == [("key-recovered", 4), ("key-recovered", 6)]  # fmt: skip
    checks = "select result, reason, rests_on, count(*) from checks where method = 'dkim' group by all order by 4"
    assert ask(case, checks)[-1] == ("unknown", "key-unvouched", "recovered", 9)
    kept = recovered_keys(case / "keys")["institute.example", "s1"]
    published = [key_record(record(one.key)).key for one in (first, second)]
    assert {key.text for key in kept} == {key.text for key in published if key}
    before = (case / "keys" / "recovered.jsonl").read_bytes()
    assert run("keys", "recover", "--case", case).exit_code == 0
    assert (case / "keys" / "recovered.jsonl").read_bytes() == before


def test_a_recovered_key_speaks_for_a_domain_that_a_server_vouched_for(tmp_path: Path) -> None:
    """One pass that the receiving provider recorded vouches for the key under that domain, and under no other."""
    signer = Signer(rsa_key(1, exponent=3))
    messages = mails(signer, range(3)) + mails(Signer(signer.key, "bank.example"), range(5, 8))
    told = b"Authentication-Results: mx.campaign.example; dkim=pass header.d=institute.example header.s=s1\r\n"
    for place in (1, 4):  # of each domain one
        messages[place] = told + messages[place]
    case = case_of(tmp_path, messages)
    assert run("keys", "recover", "--case", case).exit_code == 0
    assert ask(
        case, "select domain, result, rests_on, count(*) from checks where method = 'dkim' group by all order by 1"
    ) == [("bank.example", "unknown", "recovered", 3), ("institute.example", "pass", "recovered", 3)]


def test_what_gives_no_key_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signatures without a common key are given up after a few attempts, which are kept: the next run makes none."""
    messages = [mails(Signer(rsa_key(10 + day, exponent=3)), range(day, day + 1))[0] for day in range(3)]
    case = case_of(tmp_path, messages)
    monkeypatch.setattr(recovering, "EXPONENTS", (3,))
    result = run("keys", "recover", "--case", case)
    assert "No key was recovered." in result.output
    assert [one.key for one in attempts(case / "keys")] == [""] * 3
    run("keys", "recover", "--case", case)
    assert len(attempts(case / "keys")) == 3


def test_without_gmpy2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, the user is told what to install."""
    monkeypatch.setattr(recovering, "find_spec", lambda _: None)
    case = case_of(tmp_path, mails(Signer(rsa_key()), range(2)))
    result = run("keys", "recover", "--case", case)
    assert (result.exit_code, "watchword[recover]" in result.output) == (2, True)


def test_a_damaged_file_of_recovered_keys(tmp_path: Path) -> None:
    """A line that cannot be read is named."""
    case = case_of(tmp_path, [letter(1)])
    (case / "keys" / "recovered.jsonl").write_text('{"domain": 1}\n')
    result = run("judge", "--case", case)
    assert (result.exit_code != 0, "Line 1 of" in result.output) == (True, True)


PRIMES = 2**127 - 1, 2**107 - 1  # Mersenne's: large enough to show it, small enough for a test


@pytest.mark.parametrize("exponent", [3, 65_537])
def test_the_modulus(exponent: int) -> None:
    """Of several signatures one unaltered besides the first is enough; altered ones beside it do no harm."""
    if exponent > 3:
        pytest.importorskip("gmpy2")
    one, two = PRIMES
    private = pow(exponent, -1, (one - 1) * (two - 1)) if exponent > 3 else 0
    digests = [(1 << 200) + 7**number for number in range(4)]
    if exponent == 3:  # any cube is a signature
        made = [(12_345 + number) ** 7 for number in range(4)]
        pairs = [(s, pow(s, 3, one * two)) for s in made]
    else:
        pairs = [(pow(digest, private, one * two), digest) for digest in digests]
    pairs[1] = pairs[1][0], pairs[1][1] + 1
    assert modulus(pairs, exponent) == one * two
    assert modulus(pairs[:2], exponent) != one * two


@pytest.mark.slow
def test_a_key_as_they_are_used(tmp_path: Path) -> None:
    """A 1,024-bit key with the exponent that all use is recovered in a process of its own, past an altered message."""
    pytest.importorskip("gmpy2")
    signer = Signer(rsa_key())
    messages = mails(signer, range(4))
    messages[0] = messages[0].replace(b"Subject: ", b"Subject: [list] ")
    case = case_of(tmp_path, messages)
    result = run("keys", "recover", "--case", case)
    assert "1024 bits: verifies 3 of 4 signatures; header-altered 1" in result.output


def test_small_factors() -> None:
    """What is there by chance is taken out."""
    assert without_small_factors(2**5 * 3 * 999_983 * PRIMES[0]) == PRIMES[0]
    assert without_small_factors(1) == 1
