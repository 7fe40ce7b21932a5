"""SPF and DMARC over a whole case: what they rest on is said, and recorded results are never mixed in unseen."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.signing import Signer, record, rsa_key, sealed
from tests.small_case import ask, letter, mbox, run

ZONE = """\
$ORIGIN institute.example.
@       SOA ns1 h 1 2 3 4 5
        TXT "v=spf1 ip4:192.0.2.7 -all"
_dmarc  TXT "v=DMARC1; p=reject"
"""
PROVIDER = "mx.campaign.example"


def arrived(mail: bytes, results: str = "", sender: str = "") -> bytes:
    """Put what the receiving server writes above a message: its results, and the envelope sender."""
    above = f"Return-Path: <{sender}>\n" if sender else ""
    above += f"Authentication-Results: {PROVIDER}; {results}\n" if results else ""
    return above.encode() + mail


def checks(
    folder: Path, *mails: bytes, keys: dict[str, str] | None = None, settings: str = ""
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Investigate messages with files in `keys/`; give result, rests_on and reason by subject and method."""
    (folder / "mail.mbox").write_bytes(mbox(mails))
    case = folder / "case"
    assert run("read", folder / "mail.mbox", "--case", case).exit_code == 0
    (case / "keys").mkdir(exist_ok=True)
    for name, content in (keys or {}).items():
        (case / "keys" / name).write_text(content)
    with (case / "case.toml").open("a") as stream:
        stream.write(settings)
    assert run("judge", "--case", case).exit_code == 0
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for subject, method, *said in ask(
        case,
        """select subject, method, result, rests_on, reason, aligned, policy, rule
        from checks join messages using (message)""",
    ):
        found.setdefault(subject, {})[method] = tuple(map(str, said))
    return found


def dated(zone: str, seen: str) -> dict[str, str]:
    """Give the files that `keys add --seen` would make."""
    return {"institute.zone": zone, "added.jsonl": f'{{"file": "institute.zone", "seen": "{seen}"}}\n'}


def test_a_case_without_records_says_unknown(tmp_path: Path) -> None:
    """Nothing kept: nothing is none, nothing fails."""
    found = checks(tmp_path, arrived(letter(1, subject="one"), sender="ben@institute.example"))
    assert found["one"]["spf"][:3] == ("unknown", "no-record", "no record kept for institute.example")
    assert found["one"]["dmarc"][:3] == ("unknown", "no-record", "no record kept for _dmarc.institute.example")


@pytest.mark.parametrize(
    ("seen", "rests_on"),
    [
        ("2024-03-02", "record-then"),
        ("2026-01-01", "record-later"),
        ("2020-01-01", "record-before"),
        ("", "record-undated"),
    ],
)
def test_spf_and_dmarc_by_records_of_a_zone_file(tmp_path: Path, seen: str, rests_on: str) -> None:
    """The border host's address and the envelope sender are judged by the zone, and the row says when it was seen."""
    good = arrived(letter(1, subject="good"), sender="ben@institute.example")
    forged = arrived(
        letter(1.1, subject="forged").replace(b"192.0.2.7", b"198.51.100.9"), sender="ben@institute.example"
    )
    bounce = letter(1.2, subject="bounce")
    found = checks(tmp_path, good, forged, bounce, keys=dated(ZONE, seen))
    assert found["good"]["spf"] == ("pass", rests_on, "ip4:192.0.2.7", "True", "", "RFC 7208")
    assert found["good"]["dmarc"] == ("pass", rests_on, "spf for institute.example", "True", "reject", "RFC 7489")
    assert found["forged"]["spf"][:3] == ("fail", rests_on, "-all")
    assert found["forged"]["dmarc"] == (
        "fail",
        rests_on,
        "nothing that passes is aligned",
        "False",
        "reject",
        "RFC 7489",
    )
    assert found["bounce"]["spf"][:3] == ("none", rests_on, "no SPF record")  # of the HELO name


def test_a_recorded_result_stands_in_and_is_named(tmp_path: Path) -> None:
    """With the policy but not the SPF record, the provider's own result decides; below its border nothing counts."""
    policy = '_dmarc.institute.example. TXT "v=DMARC1; p=reject"\n'
    said = "spf=pass smtp.mailfrom=ben@institute.example"
    trusted = arrived(letter(1, subject="trusted"), said, "ben@institute.example")
    claimed = letter(
        1.1, subject="claimed", Authentication_Results=f"{PROVIDER}; {said}", Return_Path="<ben@institute.example>"
    )
    found = checks(tmp_path, trusted, claimed, keys={"policy.zone": policy})
    assert found["trusted"]["spf"][0] == "unknown"
    assert found["trusted"]["dmarc"][:3] == (
        "pass",
        "recorded",
        "spf for institute.example, as mx.campaign.example recorded",
    )
    assert found["claimed"]["dmarc"][:3] == ("unknown", "record-undated", "spf for institute.example is not known")


def test_each_message_is_checked_once_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages that are put together in many pieces come to the same rows as in one."""
    mails = [arrived(letter(number, subject=f"number {number}"), sender="ben@institute.example") for number in range(9)]
    for name in ("whole", "pieces"):
        (tmp_path / name).mkdir()
    whole = checks(tmp_path / "whole", *mails, keys=dated(ZONE, "2026-04-01"))
    monkeypatch.setattr("watchword.authenticate.checks._PIECE", 1)
    assert checks(tmp_path / "pieces", *mails, keys=dated(ZONE, "2026-04-01")) == whole
    assert len(ask(tmp_path / "pieces" / "case", "select * from checks where method = 'dmarc'")) == len(whole) == 9


def test_every_address_in_from_is_looked_at(tmp_path: Path) -> None:
    """A second author whose domain did not authenticate makes the message fail, wherever the first one stands."""
    two = letter(1, subject="two").replace(b"From: ben@", b"From: eve@evil.test, ben@")
    zone = ZONE + '_dmarc.evil.test. TXT "v=DMARC1; p=none"\nevil.test. TXT "v=spf1 ip4:192.0.2.7 -all"\n'
    found = checks(
        tmp_path,
        arrived(two, sender="eve@evil.test"),
        keys=dated(zone.replace("@       SOA ns1 h 1 2 3 4 5\n        ", "@ "), ""),
    )
    assert found["two"]["dmarc"][0] == "fail"
    assert found["two"]["dmarc"][2] == "nothing that passes is aligned; 2 domains in From"


def test_a_user_who_signed_in_is_no_server(tmp_path: Path) -> None:
    """Mail handed in by a signed-in user of the same server (RFC 3848) comes from where he is: SPF does not apply."""
    home = letter(1, subject="home").replace(b"192.0.2.7", b"203.0.113.9").replace(b"ESMTPS;", b"ESMTPSA;")
    assert b"ESMTPSA;" in home
    found = checks(tmp_path, arrived(home, sender="ben@institute.example"), keys=dated(ZONE, "2024-03-02"))
    assert "spf" not in found["home"]
    assert found["home"]["dmarc"][0] == "unknown"


SEALER = Signer(rsa_key(1), "forwarder.example", "a1")
SAID = "mx.forwarder.example; spf=pass smtp.mailfrom=ben@institute.example"


@pytest.mark.parametrize(
    ("sealers", "key", "said", "result"),
    [
        ('["forwarder.example"]', rsa_key(1), SAID, ("pass", "recorded", "mx.forwarder.example (ARC) recorded")),
        ("[]", rsa_key(1), SAID, ("fail", "record-then", "nothing that passes is aligned")),
        ('["other.example"]', rsa_key(1), SAID, ("fail", "record-then", "nothing that passes is aligned")),
        ('["forwarder.example"]', rsa_key(0), SAID, ("fail", "record-then", "nothing that passes is aligned")),
        ('["forwarder.example"]', None, SAID, ("fail", "record-then", "nothing that passes is aligned")),
        ('["forwarder.example"]', rsa_key(1), "mx.bank.example; spf=pass smtp.mailfrom=institute.example",
         ("fail", "record-then", "nothing that passes is aligned")),
    ],
    ids=["trusted", "nobody", "another", "wrong key", "no key", "in another's name"],
)  # fmt: skip
def test_a_forwarder_s_word_counts_only_sealed_and_trusted(
    tmp_path: Path, sealers: str, key: rsa.RSAPrivateKey | None, said: str, result: tuple[str, str, str]
) -> None:
    """ARC results are used where the chain holds with a key of the DNS and the user trusts who sealed it (RFC 8617)."""
    top, start, rest = letter(1, subject="sent on").replace(b"192.0.2.7", b"198.51.100.9").partition(b"Message-ID")
    mail = top + sealed((start + rest).replace(b"\n", b"\r\n"), SEALER, results=said).replace(b"\r\n", b"\n")
    zone = ZONE + (f'a1._domainkey.forwarder.example. TXT "{record(key)}"\n' if key else "")
    zone = zone.replace("@       SOA ns1 h 1 2 3 4 5\n        ", "@ ")
    found = checks(
        tmp_path,
        arrived(mail, sender="ben@institute.example"),
        keys=dated(zone, "2024-03-02"),
        settings=f"\ntrusted_sealers = {sealers}\n",
    )["sent on"]
    assert found["arc"][0] == ("unknown" if key is None else "pass" if key is rsa_key(1) else "fail")
    assert found["dmarc"][:2] == result[:2]
    assert found["dmarc"][2].endswith(result[2])


def test_a_key_recovered_from_a_stranger_s_mail_passes_nobody(tmp_path: Path) -> None:
    """Two messages signed with a key of one's own in another's name give that key, but no pass of DMARC."""
    signer = Signer(rsa_key())
    mails = []
    for day in (1, 2):
        top, start, rest = letter(day, subject=f"forged {day}").partition(b"Message-ID")
        mails.append(top + signer.sign((start + rest).replace(b"\n", b"\r\n")).replace(b"\r\n", b"\n"))
    spki = record(rsa_key()).partition("p=")[2]
    recovered = {"domain": "institute.example", "selector": "s1", "key": spki, "bits": 1024, "exponent": 65537}
    policy = '_dmarc.institute.example. TXT "v=DMARC1; p=reject"\n'
    keys = {"policy.zone": policy, "recovered.jsonl": json.dumps({**recovered, "rests_on": []}) + "\n"}
    (tmp_path / "one").mkdir()
    found = checks(tmp_path / "one", *mails, keys=keys)
    assert found["forged 1"]["dkim"][:3] == ("unknown", "recovered", "key-unvouched")
    assert found["forged 1"]["dmarc"][:3] == ("unknown", "record-undated", "dkim for institute.example is not known")
    # once the receiving provider recorded that a signature by that key passed, the key speaks for the domain
    (tmp_path / "two").mkdir()
    vouched = checks(tmp_path / "two", arrived(mails[0], "dkim=pass header.d=institute.example"), mails[1], keys=keys)
    assert vouched["forged 2"]["dmarc"][:3] == ("pass", "recovered", "dkim for institute.example")
