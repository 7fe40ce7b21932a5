"""Messages as attackers and broken programs write them: nothing is lost, and what is ambiguous is said."""

import base64

import pytest

from watchword.defects import DEFECTS
from watchword.parse.message import Limits, Message, Part, parse

TOP = b"From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: Draft\nMIME-Version: 1.0\n"
NEEDLE = "the needle text"
ENCODED = base64.b64encode(NEEDLE.encode())


def kinds(message: Message) -> set[str]:
    """Decode everything, check what holds for every message, and give the kinds of its defects."""
    surface(message)
    assert all(one.kind in DEFECTS for one in message.defects)
    assert all(len(one.detail) <= 200 for one in message.defects)
    return {one.kind for one in message.defects}


def leaves(message: Message) -> list[Part]:
    """Give the parts that hold content."""
    return [part for part in message.parts if part.kind not in ("multipart", "message")]


def surface(message: Message) -> str:
    """Everything that a reader could see by any reading."""
    seen = []
    for part in leaves(message):
        seen.extend(message.texts(part))
    return "\n".join(seen)


def multipart(body: bytes, parameters: bytes = b"; boundary=b") -> bytes:
    """Make a multipart message."""
    return TOP + b"Content-Type: multipart/mixed" + parameters + b"\n\n" + body


def test_offsets_point_at_the_original_bytes() -> None:
    """Every header field, header and body of every part can be cut out of the message by its offsets."""
    data = multipart(b"--b\nContent-Type: text/plain; charset=utf-8\n\none\n--b\nX-A: 1\n 2\n\ntwo\n--b--\n")
    message = parse(data)
    assert [data[part.body_start : part.body_stop] for part in message.parts[1:]] == [b"one", b"two"]
    assert data[message.parts[2].start :].startswith(b"X-A: 1")
    for part in message.parts:
        for header in part.headers:
            field = data[header.start : header.stop]
            assert field.lower().startswith(header.name.encode() + b":")
            assert field.rstrip(b"\n") == field[: len(header.name) + 1] + header.raw
    assert [header.name for header in message.headers] == ["from", "to", "subject", "mime-version", "content-type"]
    assert message.defects == []


def test_crlf_and_lf_are_read_alike() -> None:
    """The same message with either line end gives the same fields and texts."""
    lines = multipart(b"--b\nContent-Type: text/html\nX-A: 1\n\t2\n\n<p>one</p>\ntwo\n--b--\n")
    plain, dos = parse(lines), parse(lines.replace(b"\n", b"\r\n"))
    assert [header.text for header in plain.headers] == [header.text for header in dos.headers]
    assert [plain.text(part) for part in leaves(plain)] == [dos.text(p).replace("\r\n", "\n") for p in leaves(dos)]


# What is hidden in the body, how it is found, and the defect that says so.
HIDDEN: dict[str, tuple[bytes, str]] = {
    "base64 after padding": (
        TOP + b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n" + ENCODED,
        "base64-after-padding",
    ),
    "text after base64": (
        TOP
        + b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n_____\n"
        + NEEDLE.encode()
        + b"\nhttps://lists.example/\n",
        "text-after-base64",
    ),
    "base64 after text after base64": (
        TOP + b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n%%%%\n" + ENCODED + b"\n",
        "text-after-base64",
    ),
    "base64 cut short": (
        TOP + b"Content-Transfer-Encoding: base64\n\n" + ENCODED + base64.b64encode(b"abcd")[:-2],
        "base64-cut-short",
    ),
    "quoted encoding": (TOP + b'Content-Transfer-Encoding: "base64"\n\n' + ENCODED, "transfer-encoding-unclean"),
    "commented encoding": (TOP + b"Content-Transfer-Encoding: (x) base64\n\n" + ENCODED, "transfer-encoding-unclean"),
    "encoding with semicolon": (TOP + b"Content-Transfer-Encoding: base64;\n\n" + ENCODED, "transfer-encoding-unclean"),
    "two encodings, the first hides": (
        TOP + b"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n" + NEEDLE.encode(),
        "transfer-encoding-twice",
    ),
    "two encodings, the second hides": (
        TOP + b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n" + ENCODED,
        "transfer-encoding-twice",
    ),
    "soft break with blanks": (
        TOP + b"Content-Transfer-Encoding: quoted-printable\n\nthe nee=  \ndle text",
        "quoted-printable-blank",
    ),
    "two content types, the first hides": (
        TOP + b"Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--b--\n",
        "content-type-twice",
    ),
    "two content types with a boundary each": (
        TOP + b"Content-Type: multipart/mixed; boundary=a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--b--\n--a\n\nx\n--a--\n",
        "two-boundaries",
    ),
    "two boundary parameters": (
        multipart(
            b"--a\n\nhello\n--a--\n--b\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--b--\n",
            b"; boundary=a; boundary=b",
        ),
        "two-boundaries",
    ),
    "preamble": (multipart(NEEDLE.encode() + b"\n--b\n\nhello\n--b--\n"), "preamble"),
    "epilogue": (multipart(b"--b\n\nhello\n--b--\n" + NEEDLE.encode() + b"\n"), "epilogue"),
    "parts after the end": (
        multipart(b"--b\n\nhello\n--b--\n--b\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n"),
        "parts-after-end",
    ),
    "no boundary declared": (
        multipart(b"--b\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--b--\n", b""),
        "boundary-missing",
    ),
    "multipart without parts": (multipart(NEEDLE.encode()), "multipart-without-parts"),
    "multipart not closed": (multipart(b"--b\n\n" + NEEDLE.encode()), "multipart-not-closed"),
    "delimiter in the header that declares it": (
        multipart(
            b"--b\nContent-Type: multipart/mixed; boundary=c\nX-A: 1\n--c\nContent-Transfer-Encoding: base64\n\n"
            + ENCODED
            + b"\n--c--\n--b--\n"
        ),
        "header-without-end",
    ),
    "boundary used twice": (
        multipart(
            b"--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n"
            + ENCODED
            + b"\n--b--\n--b--\n"
        ),
        "boundary-reused",
    ),
    "line of blanks ends the header": (
        TOP + b"Content-Transfer-Encoding: base64\n \t\n" + ENCODED + b"\n",
        "blank-line-ends-header",
    ),
    "byte order mark": (b"\xef\xbb\xbfContent-Transfer-Encoding: base64\n" + TOP + b"\n" + ENCODED, "byte-order-mark"),
    "empty line first": (b"\nContent-Transfer-Encoding: base64\n" + TOP + b"\n" + ENCODED, "blank-line-before-header"),
    "bare CR for line end": (
        (TOP + b"Content-Transfer-Encoding: base64\n\n" + ENCODED).replace(b"\n", b"\r"),
        "bare-cr-message",
    ),
    "NUL in a name": (TOP + b"Content-Transfer\0-Encoding: base64\n\n" + ENCODED, "nul-in-header"),
    "blank before colon": (TOP + b"Content-Transfer-Encoding : base64\n\n" + ENCODED, "blank-before-colon"),
    "field behind a bare CR": (TOP + b"X-A: 1\rContent-Transfer-Encoding: base64\n\n" + ENCODED, "bare-cr-in-header"),
    "line among the fields": (TOP + b"hello\nContent-Transfer-Encoding: base64\n\n" + ENCODED, "line-in-header"),
    "no empty line": (TOP + NEEDLE.encode() + b"\nand more\n", "header-without-end"),
    "encoded enclosed message": (
        TOP
        + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(b"From: eve@example.com\nContent-Transfer-Encoding: base64\n\n" + ENCODED),
        "nested-message-encoded",
    ),
    "enclosed message only said to be encoded": (
        TOP
        + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + b"From: eve@example.com\n\n"
        + NEEDLE.encode(),
        "nested-message-not-encoded",
    ),
    "uuencode in a text": (
        TOP + b"\nhello\nbegin 644 a.txt\n/=&AE(&YE961L92!T97AT\n`\nend\nbye\n",
        "uuencode",
    ),
    "unknown encoding": (TOP + b"Content-Transfer-Encoding: x-none\n\n" + NEEDLE.encode(), "transfer-encoding-unknown"),
    "UTF-7": (TOP + b"Content-Type: text/plain; charset=utf-7\n\nthe +AG4-eedle text", "charset-utf-7"),
    "unknown charset": (TOP + b"Content-Type: text/plain; charset=rot13\n\n" + NEEDLE.encode(), "charset-unknown"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_is_lost(name: str) -> None:
    """Whatever some mail program would show is found in one of the readings, and the oddity is a defect."""
    data, kind = HIDDEN[name]
    message = parse(data)
    assert kind in kinds(message)
    assert NEEDLE in surface(message)


QUIET: dict[str, bytes] = {
    "boundary by RFC 2231 continuation": multipart(
        b"--abcd\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--abcd--\n",
        b'; boundary*0="ab"; boundary*1="cd"',
    ),
    "long boundary": multipart(
        b"--" + b"x" * 200 + b"\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--" + b"x" * 200 + b"--\n",
        b'; boundary="' + b"x" * 200 + b'"',
    ),
    "blanks after the delimiter": multipart(
        b"--b \t\nContent-Transfer-Encoding: base64\n\n" + ENCODED + b"\n--b--  \n"
    ),
    "folded Content-Type": TOP
    + b"Content-Type:\n text/plain;\n charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    + ENCODED,
    "boilerplate before the first part": multipart(
        b"This is a multi-part message in MIME format.\n--b\n\n" + NEEDLE.encode() + b"\n--b--\n"
    ),
    "a delimiter's beginning in the text": multipart(b"--b\n\n--bc\n" + NEEDLE.encode() + b"\n--b--\n"),
}


@pytest.mark.parametrize("name", QUIET)
def test_uncommon_but_right(name: str) -> None:
    """What the RFCs allow is read without complaint."""
    message = parse(QUIET[name])
    assert NEEDLE in surface(message)
    assert kinds(message) == set()


NAMES: dict[str, bytes] = {
    "name and filename": b'Content-Type: application/pdf; name="a.pdf"\nContent-Disposition: x; filename="b.exe"\n',
    "filename and filename*": b"Content-Disposition: attachment; filename=a.pdf; filename*=utf-8''b%2Eexe\n",
    "filename twice": b"Content-Disposition: attachment; filename=a.pdf; filename=b.exe\n",
    "two dispositions": b"Content-Disposition: x; filename=a.pdf\nContent-Disposition: x; filename=b.exe\n",
    "continuation and plain": b"Content-Disposition: attachment; filename=a.pdf; filename*0=b.; filename*1=exe\n",
    "two types": b"Content-Type: text/plain; name=a.pdf\nContent-Type: text/html; name=b.exe\n",
    "encoded words": b'Content-Type: x/y; name="=?utf-8?B?Yi5leGU=?="\nContent-Disposition: x; filename=a.pdf\n',
}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_file_is_given(name: str) -> None:
    """Where a file has two names, both are returned, and that they differ is a defect."""
    message = parse(TOP + NAMES[name] + b"\ncontent")
    assert set(message.parts[0].names) == {"a.pdf", "b.exe"}
    assert "file-names-differ" in kinds(message)


def test_blank_before_the_colon_of_the_first_line() -> None:
    """`From : x` on top is a From field, not the separator line of a mailbox file."""
    message = parse(b"From : eve@example.com\nTo: bob@example.net\n\nhello")
    assert [one.value for one in message.all("from")] == ["eve@example.com"]
    assert kinds(message) == {"blank-before-colon"}


def test_separator_line_is_passed_over() -> None:
    """A real mailbox separator line on top is noted and is not part of the header."""
    message = parse(b"From eve@example.com Mon Nov 23 10:00:00 2026\n" + TOP + b"\nhello")
    assert message.headers[0].name == "from"
    assert message.headers[0].value == "Ann <ann@example.org>"
    assert kinds(message) == {"envelope-line"}


def test_senders_that_can_be_read_in_two_ways() -> None:
    """Several From fields, several addresses in one, and a From behind a bare CR are each noted."""
    assert "two-from-fields" in kinds(parse(b"From: a@example.org\nFrom: b@example.org\n\nx"))
    assert "two-from-fields" in kinds(parse(b"From: a@example.org\nX-A: 1\rFrom: b@example.org\n\nx"))
    assert "several-from-addresses" in kinds(parse(b"From: a@example.org, b@example.org\n\nx"))
    assert "several-from-addresses" in kinds(parse(b"From: a@example.org]<b@example.org>\n\nx"))
    assert kinds(parse(b"From: Ann (of example, Inc.) <a@example.org>\n\nx")) == set()
    assert "from-missing" in kinds(parse(b"To: a@example.org\n\nx"))
    assert "field-twice" in kinds(parse(TOP + b"Subject: Other\n\nx"))


def test_enclosed_messages_join_the_parts() -> None:
    """Parts of an enclosed message stand in the same list, with their parent, in the order of the bytes."""
    inner = b"From: eve@example.com\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\none\n--i\n\ntwo\n--i--\n"
    message = parse(multipart(b"--b\n\nzero\n--b\nContent-Type: message/rfc822\n\n" + inner + b"--b\n\nthree\n--b--\n"))
    assert [(part.kind, part.parent, part.depth) for part in message.parts] == [
        ("multipart", -1, 0), ("leaf", 0, 1), ("message", 0, 1), ("multipart", 2, 2), ("leaf", 3, 3), ("leaf", 3, 3),
        ("leaf", 0, 1),
    ]  # fmt: skip
    assert [message.text(part) for part in leaves(message)] == ["zero", "one", "two", "three"]
    assert message.parts[3].headers[0].value == "eve@example.com"


def test_parts_of_a_digest_are_messages() -> None:
    """In multipart/digest a part without Content-Type is a message (RFC 2046 5.1.5)."""
    body = b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: eve@example.com\n\nhello\n--b--\n"
    message = parse(TOP + body)
    assert [part.kind for part in message.parts] == ["multipart", "message", "leaf"]


def test_uuencoded_file_is_cut_out() -> None:
    """An inline uuencoded file becomes a part with its name, and its lines no longer stand in the text."""
    message = parse(HIDDEN["uuencode in a text"][0])
    text, cut = message.parts
    assert (cut.kind, cut.names, cut.parent) == ("uuencode", ["a.txt"], 0)
    assert message.decode(cut).startswith(NEEDLE.encode()[:14])
    assert message.text(text) == "hello\n\nbye\n"


def test_encoded_message_says_where_its_offsets_count() -> None:
    """Parts inside base64 point into the decoded bytes of the part that holds them."""
    message = parse(HIDDEN["encoded enclosed message"][0])
    assert [(part.kind, part.inside) for part in message.parts] == [("message", -1), ("leaf", 0)]
    assert message.text(message.parts[1]) == NEEDLE


def test_fragments_and_outside_bodies_are_noted() -> None:
    """message/partial and message/external-body are told; the message that a first piece begins is read."""
    piece = b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + base64.b64encode(NEEDLE.encode())
    first = parse(TOP + b"Content-Type: message/partial; id=a; number=1; total=2\n\n" + piece)
    assert [part.kind for part in first.parts] == ["message", "leaf"]
    assert first.text(first.parts[1]) == NEEDLE
    assert "message-partial" in kinds(parse(TOP + b"Content-Type: message/partial; id=a; number=1\n\nx"))
    assert "message-external-body" in kinds(parse(TOP + b"Content-Type: message/external-body; access-type=url\n\nx"))


def test_limits_are_kept_and_noted() -> None:
    """Beyond a limit nothing is cut further, the defect says so, and the text stays readable."""
    nested = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (i, i + 1) for i in range(100))
    message = parse(multipart(nested + NEEDLE.encode(), b"; boundary=b0"))
    assert "limit-depth" in kinds(message)
    assert max(part.depth for part in message.parts) <= Limits().depth
    assert NEEDLE in surface(message)

    message = parse(multipart(b"--b\n\nx\n" * 50 + b"--b--\n"), Limits(parts=10))
    assert len(message.parts) == 10
    assert "limit-parts" in kinds(message)

    message = parse(multipart(b"--b\nContent-Type: multipart/mixed\n\nx\n" * 50 + b"--b--\n"), Limits(defects=10))
    assert len(message.defects) == 11
    assert "limit-defects" in kinds(message)

    message = parse(b"A: b\n" * 50 + b"\nx", Limits(headers=10))
    assert len(message.headers) == 10
    assert "limit-headers" in kinds(message)

    message = parse(b"Subject: " + b"x" * 500 + b"\n\nx", Limits(header_bytes=100))
    assert len(message.headers[0].raw) == 100
    assert "limit-header-bytes" in kinds(message)

    assert "limit-header-block" in kinds(parse(b"A: b\n" * 50 + b"\nx", Limits(header_block=100)))
    assert "limit-addresses" in kinds(parse(TOP + b"Cc: " + b"a@example.org, " * 1_001 + b"\n\nx"))
    assert "limit-decoded" in kinds(parse(TOP + b"\n" + b"x" * 500, Limits(decoded=100)))


def test_a_closing_delimiter_over_and_over_is_told_once() -> None:
    """The same oddity repeated without end is one defect."""
    message = parse(multipart(b"--b\n\nx\n" + b"--b--\n" * 100))
    assert [one.kind for one in message.defects] == ["delimiter-after-end"]


def test_a_boundary_that_does_not_occur() -> None:
    """Parts under another boundary than the declared one are read, if they look like parts; mere dashes are text."""
    message = parse(multipart(b"--c\nContent-Type: text/html\n\n<p>x\n--c--\n"))
    assert [part.content_type for part in leaves(message)] == ["text/html"]
    assert "boundary-wrong" in kinds(message)
    dashes = parse(multipart(b"--c\nWe met: it was good.\n"))
    assert [part.content_type for part in leaves(dashes)] == ["text/plain"]
    assert "boundary-wrong" not in kinds(dashes)


def test_text_up_to_the_padding() -> None:
    """Base64 that goes on after its padding with what is no text is also read up to there."""
    coded = base64.b64encode("päivää, yö".encode()) + b"\n" + base64.b64encode(b"\xff\xfe\xfd" * 9) + b"\n"
    assert b"=" in coded
    message = parse(TOP + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + coded)
    assert message.texts(message.parts[0])[-1] == "päivää, yö"


def test_empty_and_headless() -> None:
    """Nothing, a lone body and a lone header are messages too."""
    assert parse(b"").parts[0].kind == "leaf"
    assert parse(b"\n\nhello").text(parse(b"\n\nhello").parts[0]).strip() == "hello"
    assert parse(b"Subject: x").first("subject") is not None
    assert "hello" in surface(parse(b"hello, this is no mail"))
