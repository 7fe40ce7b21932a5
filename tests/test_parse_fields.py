"""Addresses, parameters, encoded words, charsets, dates and ids, as they are written in the wild."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.parse.charset import codec, read
from watchword.parse.fields import date, decode_words, mailboxes, message_ids, parameters

ADDRESSES: dict[bytes, list[tuple[str, str]]] = {
    b"ann@example.org": [("", "ann@example.org")],
    b"Ann@Example.ORG": [("", "ann@example.org")],
    b'"Lee, Ann" <ann@example.org>, bob@example.net': [("Lee, Ann", "ann@example.org"), ("", "bob@example.net")],
    b'"Ann \\"A\\" Lee" <ann@example.org>': [('Ann "A" Lee', "ann@example.org")],
    b"ann@example.org (Ann (A) Lee)": [("Ann (A) Lee", "ann@example.org")],
    b"Friends: ann@example.org, bob@example.net;": [("", "ann@example.org"), ("", "bob@example.net")],
    b"undisclosed-recipients:;": [("undisclosed-recipients", "")],
    b"<@relay.example,@other.example:ann@example.org>": [("", "ann@example.org")],
    b"ann . lee @ example . org": [("", "ann.lee@example.org")],
    b'"ann lee"@example.org': [("", '"ann lee"@example.org')],
    b"ann@[192.0.2.1]": [("", "ann@[192.0.2.1]")],
    b"Ann Lee ann@example.org": [("Ann Lee", "ann@example.org")],
    b"Dr. ann@example.org": [("Dr.", "ann@example.org")],
    b"Ann <ann@example.org": [("Ann", "ann@example.org")],
    b"Ann <ann@example.org, Bob <bob@example.net>": [("Ann", "ann@example.org"), ("Bob", "bob@example.net")],
    b"<ann@example.org><bob@example.net>": [("", "ann@example.org"), ("", "bob@example.net")],
    b"Ann\r\n\t<ann@example.org>": [("Ann", "ann@example.org")],
    b"<root>": [("", "root")],
    b"Ann Lee": [("Ann Lee", "")],
    # A name that holds an address stays a name; the encoded word never makes an address.
    b"ann@example.org <eve@example.com>": [("ann@example.org", "eve@example.com")],
    b"=?utf-8?q?ann=40example=2Eorg=2C?= <eve@example.com>": [("ann@example.org,", "eve@example.com")],
    b"=?utf-8?q?ann=40example=2Eorg?=": [("ann@example.org", "")],
    # Programs differ: every address is given.
    b"ann@example.org]<eve@example.com>": [("ann@example.org]", "eve@example.com"), ("", "ann@example.org")],
    b"ann@example.org\r<eve@example.com>": [("", "ann@example.org"), ("", "eve@example.com")],
    # Hosts in A-label form, also by the full stops and widths that browsers and resolvers accept.
    "ann@bücher.example".encode(): [("", "ann@xn--bcher-kva.example")],
    "ann@example。org".encode(): [("", "ann@example.org")],
    b"": [],
    b" , ;": [],
}


@pytest.mark.parametrize("value", ADDRESSES)
def test_addresses(value: bytes) -> None:
    """Addresses are tokenised first and decoded after; odd ones give every reading."""
    assert [(one.name, one.address) for one in mailboxes(value)] == ADDRESSES[value]


def test_addresses_stop_at_the_limit() -> None:
    """Of a list of very many addresses so many are given as asked for."""
    assert len(mailboxes(b"ann@example.org, " * 50, limit=7)) == 7
    assert len(mailboxes(b"(x) ann@example.org, " * 50, limit=7)) == 7


@given(st.lists(st.tuples(st.text("abcXYZ 1éß,;<>@()", max_size=12), st.text("abc1-.", min_size=1)), max_size=5))
def test_quoted_names_round_trip(people: list[tuple[str, str]]) -> None:
    """Any display name in quotes comes back, and never adds or removes an address."""
    field = ", ".join(f'"{name}" <{local}@example.org>' for name, local in people)
    found = mailboxes(field.encode())
    assert [one.address for one in found] == [f"{local}@example.org" for _, local in people]
    assert [one.name.split() for one in found] == [name.split() for name, _ in people]


WORDS: dict[bytes, str] = {
    b"plain": "plain",
    b" folded\r\n line ": "folded line",
    b"=?utf-8?Q?caf=C3=A9?=": "café",
    b"=?UTF-8?B?Y2Fmw6k=?= =?UTF-8?B?IG5vaXI=?=": "café noir",
    b"=?utf-8?Q?a?= b =?utf-8?Q?c?=": "a b c",
    b"a=?utf-8?Q?b?=c": "abc",
    b"=?utf-8*en?Q?a_b?=": "a b",
    b"=?gb2312?B?xOO6ww==?=": "你好",
    b"=?iso-8859-1?Q?=93quoted=94?=": "“quoted”",
    b"=?utf-8?Q?Is it you??=": "Is it you?",
    b"=?utf-8?Q?not closed": "=?utf-8?Q?not closed",
    b"=?rot13?Q?uryyb?=": "uryyb",
    "café".encode(): "café",
    b"caf\xe9": "café",
}


@pytest.mark.parametrize("value", WORDS)
def test_encoded_words(value: bytes) -> None:
    """Encoded words are decoded as mail programs do it, joined across folds, and unknown charsets do no harm."""
    assert decode_words(value) == WORDS[value]


def test_letters_cut_between_words_are_joined() -> None:
    """A letter whose bytes stand in two encoded words is whole again."""
    assert decode_words(b"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=") == "café"


PARAMETERS: dict[bytes, tuple[str, dict[str, list[str]]]] = {
    b" Text/HTML; Charset=UTF-8": ("text/html", {"charset": ["UTF-8"]}),
    b'text/plain; charset="utf-8"; format=flowed': ("text/plain", {"charset": ["utf-8"], "format": ["flowed"]}),
    b'a/b; name="x;y.pdf"': ("a/b", {"name": ["x;y.pdf"]}),
    b"a/b; name=two words.pdf": ("a/b", {"name": ["two words.pdf"]}),
    b'a/b; name="open': ("a/b", {"name": ["open"]}),
    b"a/b; name*=utf-8'en'caf%C3%A9.pdf": ("a/b", {"name": ["café.pdf"]}),
    b"a/b; name*0*=iso-8859-1''caf%E9; name*1=.pdf": ("a/b", {"name": ["café.pdf"]}),
    b"a/b; name*1=.pdf; name*0=x": ("a/b", {"name": ["x.pdf"]}),
    b"a/b; name=x; name=y; name*=z": ("a/b", {"name": ["z", "x", "y"]}),
    b"a/b (a comment); name=x (y)": ("a/b", {"name": ["x"]}),
    b'a/b; name="=?utf-8?Q?caf=C3=A9?="': ("a/b", {"name": ["café"]}),
    b"a/b boundary=x; name=y": ("a/b", {"boundary": ["x"], "name": ["y"]}),
    b"boundary=x": ("", {"boundary": ["x"]}),
    b"a/b;;; rubbish; name = x": ("a/b", {"name": ["x"]}),
    b"": ("", {}),
}


@pytest.mark.parametrize("value", PARAMETERS)
def test_parameters(value: bytes) -> None:
    """Parameters are read in every form, and a doubled one gives every reading."""
    assert parameters(value) == PARAMETERS[value]


DATES: dict[str, tuple[tuple[int, int, int, int, int] | None, int | None]] = {
    "Mon, 23 Nov 2026 10:30:00 +0100": ((2026, 11, 23, 9, 30), 60),
    "23 Nov 2026 10:30 -0500": ((2026, 11, 23, 15, 30), -300),
    "Mon, 23 Nov 2026 10:30:00 -0000": ((2026, 11, 23, 10, 30), None),
    "Mon, 23 Nov 2026 10:30:00 GMT": ((2026, 11, 23, 10, 30), 0),
    "Mon, 23 Nov 26 10:30:00 EST": ((2026, 11, 23, 15, 30), -300),
    "Mon, 23 Nov 98 10:30:00 PDT (summer)": ((1998, 11, 23, 17, 30), -420),
    "Tue, 17 Sep 0102 10:30:00 +0000": ((2002, 9, 17, 10, 30), 0),
    "Mon Nov 23 10:30:00 2026": ((2026, 11, 23, 10, 30), None),
    "Mon Nov 23 10:30:00 CET 2026": ((2026, 11, 23, 9, 30), 60),
    "2026-11-23T10:30:00Z": ((2026, 11, 23, 10, 30), 0),
    "2026-11-23 10:30:00 +05:30": ((2026, 11, 23, 5, 0), 330),
    "mar., 5 mai 2026 10:30:00 +0200": ((2026, 5, 5, 8, 30), 120),
    "Do, 5 Mär 2026 10:30:00 +0100": ((2026, 3, 5, 9, 30), 60),
    "Monday, November 23, 2026 10:30 PM": ((2026, 11, 23, 22, 30), None),
    "11/23/2026 10:30:00": ((2026, 11, 23, 10, 30), None),
    "23.11.2026 10:30": ((2026, 11, 23, 10, 30), None),
    "Mon, 31 Feb 2026 10:30:00 +0000": (None, None),
    "Mon, 23 Nov 2026 25:30:00 +0000": (None, None),
    "Mon, 23 Nov 9999 10:30:00 +0000": (None, None),
    "Mon, 23 Nov 2026 10:30:00 +9999": (None, None),
    "Whenever": (None, None),
    "": (None, None),
}


@pytest.mark.parametrize("value", DATES)
def test_dates(value: str) -> None:
    """Dates of RFC 5322, its obsolete forms and those of the wild are read; what cannot be is None."""
    moment, offset = DATES[value]
    assert date(value) == (datetime(*moment, tzinfo=UTC) if moment else None, offset)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2198, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_dates_round_trip(moment: datetime, offset: int) -> None:
    """Any date that RFC 5322 can write comes back with its offset."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    sign = "-" if offset < 0 else "+"
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    clock = f"{moment:%H:%M:%S} {sign}{abs(offset) // 60:02}{abs(offset) % 60:02}"
    written = f"{moment.day} {names[moment.month - 1]} {moment.year} {clock}"
    read_back, found = date(written)
    assert found == offset
    assert read_back is not None
    assert (moment - read_back).total_seconds() == offset * 60


def test_message_ids() -> None:
    """Ids are given without brackets and folds; bare ones are known by their @."""
    assert message_ids("<a@example.org>\r\n <b@example.org>") == ["a@example.org", "b@example.org"]
    assert message_ids("<a@exam\r\n ple.org>") == ["a@example.org"]
    assert message_ids("a@example.org") == ["a@example.org"]
    assert message_ids("Your message of Monday") == []


def test_charsets_are_read_as_browsers_do() -> None:
    """A subset's label stands for the superset that was really used (WHATWG), and no byte is lost."""
    assert read(b"\x93hi\x94", "iso-8859-1") == ("“hi”", "")
    assert read(b"\x81\x93", "windows-1252") == ("\x81“", "")
    assert read("你好嗎".encode("gb18030"), "gb2312") == ("你好嗎", "")
    assert read("믜".encode("cp949"), "ks_c_5601-1987") == ("믜", "")
    assert read(b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1") == ("café", "")
    assert read(b'<meta charset="koi8-r">\xc1', "") == ('<meta charset="koi8-r">а', "")
    assert read("café".encode(), "us-ascii") == ("café", "charset-wrong")
    assert read(b"caf\xe9", "") == ("café", "charset-missing")
    assert read(b"caf\xe9 " * 10, "utf-8") == ("café " * 10, "charset-wrong")
    assert read(b"plain", "x-unheard-of") == ("plain", "charset-unknown")


@pytest.mark.parametrize(
    "label", ["rot13", "rot_13", "zlib", "bz2", "hex", "base64", "uu", "quopri", "unicode_escape", "raw-unicode-escape",
              "idna", "punycode", "undefined", "aliases", "..", "\0"]
)  # fmt: skip
def test_codecs_that_are_no_charsets_are_refused(label: str) -> None:
    """Python's codecs that act instead of mapping letters cannot be named by mail."""
    assert codec(label) == ""


@given(st.binary(max_size=300), st.text(max_size=20))
def test_fields_never_raise(value: bytes, label: str) -> None:
    """Any bytes can be read as any field."""
    mailboxes(value)
    parameters(value)
    text = decode_words(value)
    date(text)
    message_ids(text)
    read(value, label)
