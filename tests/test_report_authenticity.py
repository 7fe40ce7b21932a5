"""What the report says of a sender's authenticity: recorded and tried again are never mixed, and limits are said."""

import pytest

from tests.report_case import Rows, connect
from watchword.disclose.authenticity import authenticity


def _told(rows: Rows) -> tuple[str, ...]:
    return authenticity(connect(rows.tables), ["m"]).get("m", ())


def _signed(**verified: object) -> Rows:
    rows = Rows()
    rows.add(
        "signatures", message="m", number=0, field="dkim-signature", domain="a.example", selector="s1", aligned=True
    )
    rows.add("verifications", message="m", number=0, **verified)
    return rows


def test_nothing_known_is_nothing_said() -> None:
    """A message without results and signatures gets no sentence."""
    assert _told(Rows()) == ()


def test_a_claim_below_the_border_is_not_told() -> None:
    """Only results that the receiving provider wrote are told; the sender's own are not."""
    rows = Rows()
    rows.add(
        "authentications",
        message="m",
        number=0,
        method="dmarc",
        result="pass",
        domain="a.example",
        server="mx.b.example",
        trusted=True,
    )
    rows.add(
        "authentications",
        message="m",
        number=1,
        method="dkim",
        result="pass",
        domain="c.example",
        server="mx.b.example",
    )
    assert _told(rows) == ("DMARC passed for a.example, as mx.b.example recorded.",)


def test_a_recovered_key_proves_only_the_same_key() -> None:
    """A pass with a key computed from the mailbox says what it does not prove."""
    (said,) = _told(_signed(result="pass", rests_on="key-recovered", source="recovered", key_bits=2048, same_key=12))
    assert "2,048-bit key" in said
    assert "computed from signatures in this case" in said
    assert "only that the same key signed 12 messages" in said


@pytest.mark.parametrize(
    ("reason", "words"),
    [("body-altered", "the body is not"), ("header-altered", "over other header fields"), ("expired", "expired")],
)
def test_why_a_signature_does_not_hold(reason: str, words: str) -> None:
    """A failure names what differs, and which record of the key it rests on."""
    (said,) = _told(_signed(result="fail", reason=reason, rests_on="key-then", source="zone.txt"))
    assert "does not hold" in said
    assert words in said
    assert "known from before and after the message (zone.txt)" in said


def test_no_key_is_no_failure() -> None:
    """Without a key the signature is neither held nor broken."""
    (said,) = _told(_signed(result="none", reason="no-key", rests_on="no-key"))
    assert said == "The signature of a.example (selector s1) cannot be tried: nobody kept the key."


def test_caveats_stand_beside_a_pass() -> None:
    """What a pass does not cover is said in the same sentence."""
    (said,) = _told(_signed(result="pass", rests_on="key-undated", source="dns.json", caveats=["partial-body"]))
    assert "only the beginning of the body" in said
    assert "kept without a date" in said


def test_checks_name_their_rule_and_record() -> None:
    """A recomputed policy names the standard, what the domain asks for, and which record it rests on."""
    rows = Rows()
    rows.add(
        "checks", message="m", method="dmarc", result="fail", domain="a.example", rule="RFC 7489", policy="reject",
        rests_on="record-later", source="dns.json", reason="nothing aligned",
    )  # fmt: skip
    rows.add("checks", message="m", method="spf", result="unknown", domain="a.example", rests_on="no-record")
    rows.add("checks", message="m", method="arc", result="pass", rule="RFC 8617", rests_on="recorded")
    said, chain = _told(rows)
    assert chain.endswith("it rests on a result that the receiving provider recorded.")
    assert said == (
        "DMARC failed for a.example when it is tried again by RFC 7489 (nothing aligned); "
        "the domain asks for “reject”; record seen only after the message (dns.json)."
    )


@pytest.mark.parametrize(
    ("rests_on", "said"),
    [
        ("record-later", "; record seen only after the message (z)."),
        ("recorded", "; it rests on a result that the receiving provider recorded."),
        ("recovered", "; the key was computed from signatures in this case."),
    ],
)
def test_a_recomputed_policy_says_what_it_rests_on(rests_on: str, said: str) -> None:
    """Recorded results that stand in for what was not kept, and keys that were computed, are named."""
    rows = Rows()
    rows.add(
        "checks",
        message="m",
        method="dmarc",
        result="pass",
        domain="a.example",
        rule="RFC 7489",
        rests_on=rests_on,
        source="z",
    )
    (sentence,) = _told(rows)
    assert sentence.endswith(said)
