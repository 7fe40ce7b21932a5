"""Hostile messages: never an exception, and time that grows with the length and not faster."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_parse_structure import HIDDEN, NAMES, TOP, kinds, leaves, multipart
from watchword.parse.fields import date, mailboxes, message_ids, parameters
from watchword.parse.message import Message, parse

VALID = [data for data, _ in HIDDEN.values()] + [TOP + head + b"\nx" for head in NAMES.values()]
LINES = sorted(
    {line for data in VALID for line in data.splitlines(keepends=True)} | {b"\n", b"\r\n", b"--", b" \n", b"\0"}
)


def read_all(data: bytes) -> Message:
    """Read a message and all its fields in every way, and check what holds for every message."""
    message = parse(data)
    kinds(message)
    for part in message.parts:
        assert 0 <= part.start <= part.body_start <= part.body_stop
        assert part.inside >= 0 or part.body_stop <= len(data)
        assert part.parent < part.index
        assert message.parts[part.index] is part
    for header in message.headers:
        assert header.text is not None
        assert header.value is not None
        mailboxes(header.raw)
        parameters(header.raw)
        date(header.text)
        message_ids(header.text)
    return message


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are a message."""
    read_all(data)


@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_any_lines_of_mail(lines: list[bytes]) -> None:
    """Lines of real messages in any order are a message."""
    read_all(b"".join(lines))


@settings(max_examples=200)
@given(st.sampled_from(VALID), st.data())
def test_damaged_mail(message: bytes, data: st.DataObject) -> None:
    """A message that was cut, doubled or overwritten anywhere is still read."""
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        stop = data.draw(st.integers(start, min(len(message), start + 60)))
        new = data.draw(st.one_of(st.binary(max_size=8), st.just(message[start:stop] * 2), st.sampled_from(LINES)))
        message = message[:start] + new + message[stop:]
    read_all(message)


@given(
    st.lists(
        st.binary(max_size=60).filter(lambda body: b"--b" not in body and b"begin" not in body), min_size=1, max_size=6
    )
)
def test_parts_round_trip(bodies: list[bytes]) -> None:
    """The bodies that were put into a multipart come out, byte for byte."""
    data = multipart(b"".join(b"--b\r\nContent-Type: x/y\r\n\r\n" + body + b"\r\n" for body in bodies) + b"--b--\r\n")
    message = parse(data)
    assert [message.decode(part) for part in leaves(message)] == bodies


def field(name: bytes, unit: bytes) -> tuple[bytes, bytes, bytes]:
    """Give what stands before, what is repeated, and what stands after: here in one field."""
    return name + b": ", unit, b"\n\nx"


def head(unit: bytes) -> tuple[bytes, bytes, bytes]:
    """Repeat in the header."""
    return TOP, unit, b"\n\nx"


def parts(unit: bytes) -> tuple[bytes, bytes, bytes]:
    """Repeat in a multipart."""
    return multipart(b""), unit, b""


def encoded(encoding: bytes, unit: bytes) -> tuple[bytes, bytes, bytes]:
    """Repeat in an encoded body."""
    return TOP + b"Content-Transfer-Encoding: " + encoding + b"\n\n", unit, b""


REPEATED: dict[str, tuple[bytes, bytes, bytes]] = {
    "addresses": field(b"From", b"a@example.org, "),
    "open comments": field(b"From", b"("),
    "open angle brackets": field(b"To", b"<"),
    "escaped quotes": field(b"From", b'"\\"'),
    "groups": field(b"To", b"a:"),
    "at signs": field(b"From", b"a@"),
    "open encoded words": field(b"Subject", b"=?a?b?"),
    "question marks": field(b"Subject", b"=?utf-8?q??"),
    "encoded words": field(b"Subject", b"=?utf-8?q?a?= "),
    "semicolons": field(b"Content-Type", b";"),
    "open quotes": field(b"Content-Type", b'; a="'),
    "words without value": field(b"Content-Type", b"a "),
    "parameters": field(b"Content-Disposition", b"; a=b"),
    "dates": field(b"Date", b"1 Jan "),
    "open ids": field(b"References", b"<"),
    "one line of colons": field(b"A", b"a:"),
    "folded lines": head(b" y\n"),
    "lines of blanks": head(b" \n"),
    "lines that are no fields": head(b"junk\n"),
    "lines and fields in turn": head(b"junk\nTo: x\n"),
    "fields behind bare CR": head(b"\rY:"),
    "bare CR": (b"", b"\r", b""),
    "empty lines": (b"", b"\n", b"a"),
    "NUL": (b"", b"\0", b""),
    "empty parts": parts(b"--b\n\n"),
    "closing delimiters": parts(b"--b--\n"),
    "dashes": parts(b"\n--"),
    "almost delimiters": parts(b"\n--bx"),
    "parts without body": parts(b"--b\nA: b\n"),
    "multiparts with one boundary": parts(b"--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
    "enclosed messages": head(b"Content-Type: message/rfc822\n\n"),
    "padding": encoded(b"base64", b"QQ=="),
    "not base64": encoded(b"base64", b"!? "),
    "soft breaks": encoded(b"quoted-printable", b"= "),
    "soft breaks with CR": encoded(b"quoted-printable", b"=\ra"),
    "open uuencode": encoded(b"7bit", b"begin 644 a\n"),
    "uuencode": encoded(b"7bit", b"begin 644 a\nend\n"),
    "meta": encoded(b"8bit", b"\xff<meta "),
    "preamble": parts(b"this is MIME "),
}


@pytest.mark.parametrize("name", REPEATED)
def test_time_grows_with_length(name: str) -> None:
    """Sixteen times the length costs at most about sixteen times the CPU time; a quadratic step would cost 256."""
    before, unit, after = REPEATED[name]

    def cost(size: int) -> float:
        data = before + unit * (size // len(unit)) + after
        best = 10.0
        for _ in range(2):
            start = time.process_time()
            read_all(data)
            best = min(best, time.process_time() - start)
        return best

    small, large = cost(4_000), cost(64_000)
    # Generous for noise and warm-up; 64 kB of anything stay far below a second.
    assert large < max(60 * small, 0.1)
    assert large < 1.0
