"""Records kept in a case: every form in which people have them, asked as of a time, and never more than is known."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.authenticate.dmarc import dmarc
from watchword.authenticate.exports import is_table, read_object, read_objects, read_table
from watchword.authenticate.kept import Kept, load
from watchword.authenticate.records import Record
from watchword.authenticate.spf import spf
from watchword.authenticate.statements import key_set, read_statement
from watchword.authenticate.zone import Unreadable, read_dig, read_host, read_zone
from watchword.errors import WatchwordError

ZONE = """\
$ORIGIN example.org.
$TTL 1h
@       IN SOA ns1 hostmaster ( 2019050101 ; serial
            7200 900 1209600 300 )
        IN NS   ns1.example.net.
        IN MX   10 mail
        300 IN TXT "v=spf1 mx " "-all"
mail    3600 A  192.0.2.1
        AAAA    2001:db8::1
s1._domainkey TXT ( "v=DKIM1; k=rsa; "
                    "p=AAAA" ) ; the key
odd     TXT     "a \\"quoted\\" word\\; \\226"
deep.er.sub A   192.0.2.9
*.many  TXT     "v=spf1 -all"
branch  NS      ns1.elsewhere.example.
www     CNAME   mail
strange CAA     0 issue "ca.example.net"
"""


def kept(folder: Path, name: str, content: str, seen: str = "") -> Kept:
    """Put one file into an empty `keys/` and load it."""
    (folder / name).write_text(content, "utf-8")
    (folder / "added.jsonl").write_text(json.dumps({"file": name, "seen": seen}) + "\n", "utf-8")
    return load(folder)


def day(text: str) -> datetime:
    """Give a day in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_zone_file_says_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    """Records are found, through aliases and wildcards; what a whole zone lacks does not exist; a branch is unknown."""
    zone = kept(tmp_path, "example.org.zone", ZONE, "2019-05-01")
    at = day("2019-05-01")

    def says(name: str, kind: str = "TXT") -> tuple[str, ...]:
        answer = zone(name, kind, at)
        return answer.values or (answer.status,)

    assert says("example.org") == ("v=spf1 mx -all",)
    assert says("example.org", "MX") == ("10 mail.example.org",)
    assert says("s1._domainkey.example.org") == ("v=DKIM1; k=rsa; p=AAAA",)
    assert says("odd.example.org") == ('a "quoted" word; \xe2',)
    assert says("www.example.org", "A") == ("192.0.2.1",)
    assert says("any.many.example.org") == ("v=spf1 -all",)
    assert says("er.sub.example.org") == ("no-data",)
    assert says("nobody.example.org") == ("no-name",)
    assert says("x.branch.example.org") == ("unknown",)
    assert says("example.com") == ("unknown",)


def test_our_reader_agrees_with_dnspython() -> None:
    """For the types that matter here, dnspython reads the same names and values from the same zone."""
    import dns.zone
    from dns.rdtypes.ANY.TXT import TXT

    ours = {(row.name, row.type, row.values[0].lower()) for row in read_zone(ZONE, "", None) if row.type != "SOA"}
    theirs = set()
    for name, _, data in dns.zone.from_text(ZONE, relativize=False).iterate_rdatas():
        kind = type(data).__name__
        if kind in {row[1] for row in ours}:
            value = data.to_text().rstrip(".")
            if isinstance(data, TXT):
                value = b"".join(data.strings).decode("latin-1")
            theirs.add((name.to_text().rstrip("."), kind, value.lower()))
    assert ours == theirs


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("$ORIGIN example.org.\na TXT (\n", "Line 2"),
        ('$ORIGIN example.org.\na TXT "x\nb A 192.0.2.1\n', "Line 2"),
        ("mail A 192.0.2.1\n", "no $ORIGIN"),
        ("$INCLUDE other.zone\n", "$INCLUDE is not followed"),
        ("a.example.org. what is this\n", "no type of record"),
        ('{"rrname": "a.example.org"\n', "Line 1"),
        ('{"colour": "blue"}', "no form of DNS answer"),
        ("name,type,value,first\na.example.org,TXT,x,yesterday\n", "no time"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    """The error names the file, the line and why."""
    with pytest.raises(WatchwordError, match="records cannot be read") as raised:
        kept(tmp_path, "records", content)
    assert told in raised.value.what


DIG = """\
; <<>> DiG 9.18.1 <<>> txt s1._domainkey.example.org
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 0

;; QUESTION SECTION:
;s1._domainkey.example.org.\tIN\tTXT

;; ANSWER SECTION:
s1._domainkey.example.org. 300 IN CNAME s1.keys.example.net.
s1.keys.example.net. 60 IN\tTXT\t"v=DKIM1; " "p=AAAA"

;; AUTHORITY SECTION:
example.net. 60 IN SOA ns1.example.net. h.example.net. 1 2 3 4 5

;; Query time: 1 msec
;; WHEN: Tue Nov 12 10:00:00 CET 2019

;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 2
;; QUESTION SECTION:
;gone.example.org.\t\tIN\tTXT
;; WHEN: Wed Nov 13 10:00:00 CET 2019
"""

FORMS = {
    "dig": DIG,
    "host": "s1._domainkey.example.org is an alias for s1.keys.example.net.\n"
    's1.keys.example.net descriptive text "v=DKIM1; " "p=AAAA"\nHost gone.example.org not found: 3(NXDOMAIN)\n',
    "nslookup": "Server:\t\t192.0.2.53\n\nNon-authoritative answer:\n"
    's1._domainkey.example.org\ttext =\n\n\t"v=DKIM1; "\n\t"p=AAAA"\n\n'
    "** server can't find gone.example.org: NXDOMAIN\n",
    "https": '{"Status":0,"Question":[{"name":"s1._domainkey.example.org.","type":16}],"Answer":['
    '{"name":"s1._domainkey.example.org.","type":16,"TTL":60,"data":"\\"v=DKIM1; \\" \\"p=AAAA\\""}]}\n'
    '{"Status":3,"Question":[{"name":"gone.example.org","type":16}]}\n',
    "rfc8427": '{"QNAME":"s1._domainkey.example.org.","QTYPE":16,"RCODE":0,"answerRRs":[{"NAME":'
    '"s1._domainkey.example.org.","TYPE":16,"TYPEname":"TXT","RDATAHEX":"09763d444b494d313b2006703d41414141"}]}\n'
    '{"QNAME":"gone.example.org.","QTYPE":16,"RCODE":3}\n',
    "table": 'name,type,value\ns1._domainkey.example.org,TXT,"v=DKIM1; p=AAAA"\n',
    "passive": '{"rrname":"s1._domainkey.example.org","rrtype":"TXT","rdata":["\\"v=DKIM1; p=AAAA\\""],'
    '"time_first":1573000000,"time_last":1574000000,"count":3}\n',
    "archive": '[{"domain":"example.org","selector":"s1","value":"v=DKIM1; p=AAAA","observations":['
    '{"source":"live_dns","firstSeenAt":"2019-11-01T00:00:00.000Z","lastSeenAt":"2019-11-30T00:00:00.000Z"},'
    '{"source":"gcd_recovered","firstSeenAt":"2001-01-01T00:00:00Z","lastSeenAt":"2031-01-01T00:00:00Z"}]}]',
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_export_gives_the_same_answer(tmp_path: Path, form: str) -> None:
    """A key is found with its strings joined, and a name that was said not to exist does not."""
    records = kept(tmp_path, "records", FORMS[form], "2019-11-12")
    answer = records("s1._domainkey.example.org", "TXT", day("2019-11-12"))
    assert answer.values == ("v=DKIM1; p=AAAA",)
    assert answer.when == "then"
    assert records("s1._domainkey.example.org", "TXT", day("2019-09-01")).when == "later"
    if "gone" in FORMS[form]:
        assert records("gone.example.org", "A", day("2019-11-12")).status == "no-name"


def test_files_as_windows_writes_them(tmp_path: Path) -> None:
    """UTF-16 of PowerShell, a byte order mark, and CRLF at line ends are read like any other text."""
    for name, content in (("nslookup", FORMS["nslookup"].encode("utf-16")), ("zone", b"\xef\xbb\xbf" + ZONE.encode())):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "records").write_bytes(content.replace(b"\n", b"\r\n") if name == "zone" else content)
        assert load(folder)("s1._domainkey.example.org", "TXT", None).status == "found"


def test_records_are_asked_as_of_a_time(tmp_path: Path) -> None:
    """Before, at, between and after what was seen; a change is dated by what lies nearer; no date is said so."""
    lines: list[dict[str, object]] = [
        {"name": "same.example.org", "type": "TXT", "values": ["x"], "time": "2018-01-01T00:00:00Z"},
        {"name": "same.example.org", "type": "TXT", "values": ["x"], "time": "2020-01-01T00:00:00Z"},
        {"name": "bare.example.org", "type": "TXT", "values": ["x"]},
    ]
    lines += [
        {"rrname": "k.example.org", "rrtype": "TXT", "rdata": value, "time_first": first, "time_last": last}
        for value, first, last in [
            ("old", "2018-01-01", "2018-12-31"),
            ("new", "2020-01-01", "2020-12-31"),
            ("side", "2020-06-01", "2020-12-31"),
        ]
    ]
    records = kept(tmp_path, "pdns.jsonl", "\n".join(map(json.dumps, lines)))

    def says(name: str, at: str) -> tuple[str, ...]:
        answer = records(name, "TXT", day(at))
        return (answer.when, *answer.values)

    assert says("k.example.org", "2017-06-01") == ("later", "old")
    assert says("k.example.org", "2018-06-01") == ("then", "old")
    assert says("k.example.org", "2019-01-31") == ("before", "old")
    assert says("k.example.org", "2019-12-01") == ("later", "new")
    assert says("k.example.org", "2020-07-01") == ("then", "new", "side")
    assert says("k.example.org", "2026-01-01") == ("before", "new", "side")
    assert says("same.example.org", "2019-01-01") == ("then", "x")
    assert says("bare.example.org", "2019-01-01") == ("undated", "x")
    assert records("k.example.org", "TXT", None).when == "undated"
    assert says("nothing.example.org", "2019-01-01") == ("",)


def test_one_value_in_a_row_may_not_be_all(tmp_path: Path) -> None:
    """What a sensor saw can show a match, never that there was none: SPF and DMARC stay unknown where more may be."""
    seen = {"time_first": "2019-01-01", "time_last": "2019-12-31"}
    said = [("example.org", "TXT", "v=spf1 a:out.example.org -all"), ("out.example.org", "A", "192.0.2.1")]
    said += [("example.net", "TXT", "site-verification=1"), ("_dmarc.example.net", "TXT", "something else")]
    rows = [{"rrname": name, "rrtype": kind, "rdata": value, **seen} for name, kind, value in said]
    at = day("2019-06-01")
    records = kept(tmp_path, "pdns.jsonl", "\n".join(map(json.dumps, rows)))
    assert spf("192.0.2.1", "h.example", "a@example.org", records, at).result == "pass"
    assert spf("192.0.2.9", "h.example", "a@example.org", records, at).result == "unknown"
    assert spf("192.0.2.9", "h.example", "a@example.net", records, at).result == "unknown"
    assert dmarc(["example.net"], [], records, at).result == "unknown"
    (tmp_path / "pdns.jsonl").unlink()
    whole = [{**row, "rdata": [row["rdata"]]} for row in rows]
    records = kept(tmp_path, "sets.jsonl", "\n".join(map(json.dumps, whole)))
    assert spf("192.0.2.9", "h.example", "a@example.org", records, at).result == "fail"
    assert spf("192.0.2.9", "h.example", "a@example.net", records, at).result == "none"


def test_aliases_end(tmp_path: Path) -> None:
    """Two names that point at each other are an error of the DNS, not an endless walk."""
    records = kept(tmp_path, "loop.zone", "a.example. CNAME b.example.\nb.example. CNAME a.example.\n")
    assert records("a.example", "TXT", None).status == "failed"


def statement(algorithm: str, **record: str) -> tuple[str, str]:
    """Sign a statement as an archive would; give it and the archive's key set."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    def code(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    said = {
        "domain": "example.org",
        "selector": "s1",
        "value": "v=DKIM1; p=AAAA",
        "source": "live_dns",
        "first_seen_at": "2019-01-01T00:00:00.000Z",
        "last_seen_at": "2019-12-31T00:00:00.000Z",
    } | record
    head = code(json.dumps({"alg": algorithm, "kid": "k1"}).encode())
    body = code(json.dumps({"v": 1, "iss": "archive.example", "iat": 1, "record": said}).encode())
    data = f"{head}.{body}".encode()
    if algorithm == "EdDSA":
        edwards = ed25519.Ed25519PrivateKey.generate()
        raw = edwards.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key = {"kty": "OKP", "crv": "Ed25519", "x": code(raw), "kid": "k1"}
        signature = edwards.sign(data)
    else:
        curve = ec.generate_private_key(ec.SECP256R1())
        numbers = curve.public_key().public_numbers()
        x, y = (code(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        key = {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1"}
        r, s = decode_dss_signature(curve.sign(data, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{head}.{body}.{code(signature)}", json.dumps({"keys": [key]})


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_an_archive_s_statement_counts_only_when_its_signature_verifies(tmp_path: Path, algorithm: str) -> None:
    """With the key that the user gave it counts; without, with another one, or if only recovered, it does not."""
    signed, keys = statement(algorithm)
    (tmp_path / "statements.json").write_text(json.dumps([signed]))
    assert load(tmp_path)("s1._domainkey.example.org", "TXT", day("2019-06-01")).status == "unknown"
    (tmp_path / "archive.jwks.json").write_text(keys)
    assert load(tmp_path)("s1._domainkey.example.org", "TXT", day("2019-06-01")).when == "then"
    trusted = key_set(json.loads(keys))
    head, body, signature = signed.split(".")
    for wrong, why in [
        (statement(algorithm)[0], "does not verify"),
        (f"{head}.{body}A.{signature}", "does not verify"),
        (statement("ES256" if algorithm == "EdDSA" else "EdDSA")[0], "no public key"),
        ("eyJhbGciOiJub25lIn0.e30.", "not accepted"),
        ("eyJ.e30.x", "no statement"),
    ]:
        record, told = read_statement(wrong, trusted, "file")
        assert record is None
        assert why in told
    other, others = statement(algorithm, source="gcd_recovered")
    assert read_statement(other, key_set(json.loads(others)), "file")[1] == "the archive did not see it in the DNS"


NAMES = st.text("abc-_", min_size=1, max_size=8).map(lambda label: f"{label}.example.org")
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_written_to_a_zone_is_read_from_it(values: dict[str, str]) -> None:
    """Any text in quotes comes back as it was, whatever stands in it."""
    lines = ['{}. IN TXT "{}"'.format(n, v.replace("\\", "\\\\").replace('"', '\\"')) for n, v in values.items()]
    assert [(row.name, row.values[0]) for row in read_zone("\n".join(lines), "", None)] == list(values.items())


@given(
    st.text(max_size=300) | st.lists(st.sampled_from(DIG.split("\n") + ZONE.split("\n")), max_size=12).map("\n".join)
)
def test_no_file_makes_a_reader_raise_anything_else(content: str) -> None:
    """Readers give records or say which line is wrong."""
    for reader in (read_zone, read_dig, read_host, read_table):
        try:
            rows = list(reader(content, "file", None))
        except Unreadable:
            continue
        assert all(isinstance(row, Record) and row.name == row.name.lower() for row in rows)
    is_table(content)


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)
KEYS = (
    "rrname rrtype rdata time_first Question Answer Status QNAME answerRRs RCODE selector domain observations name type"
)


@given(st.dictionaries(st.sampled_from(KEYS.split()), JSON, max_size=6))
def test_no_json_makes_a_reader_raise_anything_else(said: dict[str, object]) -> None:
    """Whatever an export holds, there are records, none, or the line that is wrong."""
    for line, entry in read_objects(json.dumps([said])):
        try:
            rows = read_object(line, entry, "file", None)
        except Unreadable:
            continue
        assert all(isinstance(row, Record) for row in rows)
