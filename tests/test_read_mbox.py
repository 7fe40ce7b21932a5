"""The mbox scanner: which lines separate messages, and that the original bytes come back."""

import base64
import hashlib
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.read import RawMessage, Shard, Source, body_hashes, cut, fetch, find_sources, read_shard
from watchword.read import mbox as mbox_module
from watchword.read.mbox import messages, unquote
from watchword.read.window import Held, Stream
from watchword.tables import Rejection

LINE = b"From ann@press.example Mon Jan  1 08:00:00 2024\n"


def source_of(data: bytes, kind: str = "mbox") -> Source:
    """Describe bytes in memory as a source."""
    return Source("/case/box", "", kind, len(data), "")


def split(data: bytes, *, lengths: bool = False) -> list[RawMessage | Rejection]:
    """Read a whole mailbox that lies in memory."""
    return list(messages(Held(data), source_of(data), 0, len(data), lengths=lengths))


def bodies(data: bytes, *, lengths: bool = False) -> list[bytes]:
    """Give the bytes of all messages of a mailbox; none may be rejected."""
    found = split(data, lengths=lengths)
    assert all(isinstance(item, RawMessage) for item in found), found
    return [item.data for item in found if isinstance(item, RawMessage)]


def kinds(item: RawMessage | Rejection) -> list[str]:
    """Name the defects of a message."""
    assert isinstance(item, RawMessage)
    return [kind for kind, _, _ in item.defects]


def message(number: int, body: bytes = b"Good morning.\n") -> bytes:
    """Write a small message."""
    return b"From: Ann <ann@press.example>\nSubject: %d\n\n%s" % (number, body)


def box(*held: bytes, line: bytes = LINE) -> bytes:
    """Put messages into an mbox, each with separator line and final empty line, nothing quoted."""
    return b"".join(line + data + b"\n" for data in held)


@pytest.mark.parametrize(
    "line",
    [
        b"From ann@press.example Mon Jan  1 08:00:00 2024\n",
        b"From 1786543210987654321@xxx Mon Jan 01 08:00:00 +0000 2024\n",
        b"From MAILER-DAEMON Mon Apr 18 14:19:21 2022\r\n",
        b"From - Mon Jan 01 08:00:00 2024\n",
        b"From ann Mon Jan  1 08:00 EST 2024 remote from host\n",
        b"From ann@press.example Mon, 1 Jan 2024 08:00:00 +0000\n",
        b"From ???@??? Mon Jan 01 08:00:00 2024\n",
        b"From Ann With Blanks <ann@press.example> Mon Jan  1 08:00:00 2024\n",
        b"From - \n",
        b"From \r\n",
        b"From ann@press.example\n",
    ],
)
def test_separator_lines(line: bytes) -> None:
    """Every way in which mail programs write the separator line is understood."""
    assert bodies(box(message(1), message(2), line=line)) == [message(1), message(2)]


@pytest.mark.parametrize(
    "text",
    [
        b"\nFrom here on, we meet on Mondays.\nPlace: the usual\n",
        b"\nFrom Mon to Fri we are open.\nTo: nobody\n",
        b"\nFrom ann@press.example Mon Jan  1 08:00:00 2024\nand no header follows\n",
        b"\nFrom \nsomewhere: far\n",
        b"text\nFrom ann@press.example Mon Jan  1 08:00:00 2024\nhello: not a field that mail begins with\n",
        b"see: From ann@press.example Mon Jan  1 08:00:00 2024\nFrom: x\n",
    ],
)
def test_from_lines_in_bodies_survive(text: bytes) -> None:
    """A line of text that begins with `From ` does not cut a message in two."""
    assert bodies(box(message(1, text), message(2))) == [message(1, text), message(2)]


def test_missing_empty_line() -> None:
    """A mailbox whose writer left out the empty lines is read, and each such place is a defect."""
    found = split(LINE + message(1) + LINE + message(2))
    assert [item.data for item in found if isinstance(item, RawMessage)] == [message(1), message(2)]
    assert [kinds(item) for item in found] == [[], ["mbox-no-empty-line"]]


def test_crlf() -> None:
    """With CRLF the final empty line has two bytes, and the message keeps its line ends."""
    one, two = (message(number).replace(b"\n", b"\r\n") for number in (1, 2))
    data = b"".join(LINE.replace(b"\n", b"\r\n") + held + b"\r\n" for held in (one, two))
    assert bodies(data) == [one, two]


def test_truncated_last_message() -> None:
    """A file that ends in the middle of a line gives what is there of the last message, with a defect."""
    found = split(box(message(1), message(2))[:-8])
    assert [kinds(item) for item in found] == [[], ["mbox-cut-short"]]
    assert bodies(box(message(1), message(2))[:-8])[1] == message(2)[:-7]


def test_zero_bytes() -> None:
    """A run of zero bytes left by a crash neither hides the next message nor belongs to the one before."""
    found = split(box(message(1)) + b"\0" * 5000 + box(message(2)))
    assert [item.data for item in found if isinstance(item, RawMessage)] == [message(1), message(2)]
    assert [kinds(item) for item in found] == [["mbox-nul-run"], ["mbox-nul-run"]]


def test_no_message_after_separator() -> None:
    """A separator line with nothing after it is a rejection, not an empty message."""
    rejected = split(box(message(1)) + LINE)
    assert isinstance(rejected[1], Rejection)
    assert rejected[1].length == len(LINE)


def test_bytes_before_the_first_message() -> None:
    """What stands before the first separator line is named, so that the bytes add up."""
    data = b"Subject: the end of a lost message\n\n" + box(message(1))
    found = split(data)
    assert isinstance(found[0], Rejection)
    assert sum(item.length for item in found) == len(data)


def test_content_length() -> None:
    """In mboxcl2, where nothing is quoted, Content-Length protects a forged message inside a body."""
    inner = b"\n" + box(message(666))
    outer = b"From: a@b.example\nContent-Length: %d\n\n%s" % (len(inner), inner)
    last = b"From: a@b.example\nContent-Length: 3\n\nHi\n"
    data = box(outer, last)
    assert bodies(data, lengths=True) == [outer, last]
    assert len(bodies(data, lengths=False)) == 3


def test_wrong_content_length_is_ignored() -> None:
    """A length that does not lead to a separator line is not believed."""
    lying = b"From: a@b.example\nContent-Length: 100000\n\nHi\n"
    assert bodies(box(lying, message(2)), lengths=True) == [lying, message(2)]


def test_mboxcl_is_found_and_cut_at_messages(tmp_path: Path) -> None:
    """A file that keeps Content-Length is cut only where a message begins, whatever the shard size."""
    inner = b"\n" + box(message(666))
    held = [b"From: a@b.example\nSubject: %d\nContent-Length: %d\n\n%s" % (n, len(inner), inner) for n in range(9)]
    path = tmp_path / "box"
    path.write_bytes(box(*held))
    (source,), rejected = find_sources([path], spool=tmp_path)
    assert (source.kind, rejected) == ("mboxcl", [])
    for size in (1, 100, 500, 1 << 20):
        found = [item for shard in cut(source, size) for item in read_shard(shard)]
        assert [item.data for item in found if isinstance(item, RawMessage)] == held


def signed(body: bytes) -> bytes:
    """Write a message whose DKIM-Signature has the right body hash (the signature itself is not looked at)."""
    canonical = body.rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    digest = base64.b64encode(hashlib.sha256(canonical).digest())
    return b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=press.example; bh=" + digest + b"; b=AA\n\n" + body


MBOXRD, MBOXO, NOTHING = "mboxrd", "mboxo", "mboxcl2"


@pytest.mark.parametrize("variant", [MBOXRD, MBOXO, NOTHING])
def test_signature_decides_quoting(variant: str) -> None:
    """Whichever way a mailbox quoted lines, the bytes whose body hash was signed come back."""
    original = signed(b"Hello\n>From here\n>>From there\n")
    quoted = {
        MBOXRD: original.replace(b"\n>From", b"\n>>From").replace(b"\n>>From there", b"\n>>>From there"),
        MBOXO: original,
        NOTHING: original,
    }[variant]
    data, ((kind, _, rule),) = unquote(quoted)
    assert (data, kind, rule) == (original, "mbox-quoting-signed", MBOXRD if variant == MBOXRD else NOTHING)
    with_from = signed(b"Hello\nFrom here\n>>From there\n")
    if variant == MBOXO:
        data, ((_, _, rule),) = unquote(with_from.replace(b"\nFrom", b"\n>From"))
        assert (data, rule) == (with_from, MBOXO)


def test_unsigned_quoting_is_ambiguous() -> None:
    """Without a signature one `>` goes, and only the line `>From ` is noted as ambiguous."""
    data, notes = unquote(b"Subject: x\n\n>From a\n>>From b\n")
    assert data == b"Subject: x\n\nFrom a\n>From b\n"
    assert notes == [("mbox-quoting-ambiguous", 12, "")]
    assert unquote(b"Subject: x\n\n>>From b\n") == (b"Subject: x\n\n>From b\n", [])


def test_marks_of_mail_programs() -> None:
    """Gmail's labels and thread id, and the flags of Unix mail programs and Thunderbird, are read from the header."""
    takeout = (
        b"X-GM-THRID: 1786543210987654321\r\nX-Gmail-Labels: =?UTF-8?Q?Posteingang,Wichtig,Caf=C3=A9?=\r\n"
        b' =?UTF-8?Q?,"B=C3=BCro, alt"?=\r\nFrom: a@b.example\r\n\r\nHi\r\n'
    )
    unix = b"From: a@b.example\nStatus: RO\nX-Status: AF\nX-Mozilla-Status: 1000\n\nHi\n"
    first, second = split(box(takeout, unix))
    assert isinstance(first, RawMessage)
    assert isinstance(second, RawMessage)
    assert first.labels == ("Posteingang", "Wichtig", "Café", "Büro, alt")
    assert first.thread == "1786543210987654321"
    assert first.data == takeout
    assert second.flags == ("seen", "answered", "flagged", "forwarded")
    assert second.envelope == LINE.decode().strip().removeprefix("From ")


_FRAGMENTS = st.sampled_from(
    [
        LINE, b"From x Mon Jan  1 08:00:00 2024\r\n", b"From - \n", b"From here on\n", b">From me\n", b">>From you\n",
        b"\n", b"\r\n", b"\0\0", b"Subject: x\n", b"Received: y\r\n", b"text without end", b"Content-Length: 4\n", b"F",
        b"From ", b"\xff\xfe\n", b"From: a@b.example\n\n",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_FRAGMENTS, max_size=40).map(b"".join), st.integers(1, 200))
def test_any_cutting_gives_the_same(data: bytes, size: int) -> None:
    """However a mailbox is cut into shards, each message comes exactly once, and lengths add up to the file."""
    data = LINE + b"From: a@b.example\n" + data
    source = source_of(data)
    pieces: list[RawMessage | Rejection] = []
    for start in range(0, len(data), size):
        pieces += messages(Held(data), source, start, min(start + size, len(data)), lengths=False)
    whole = split(data)
    assert pieces == whole
    assert sum(item.length for item in whole) == len(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(_FRAGMENTS, max_size=40).map(b"".join), st.integers(0, 2**32))
def test_a_stream_reads_like_a_file(data: bytes, seed: int) -> None:
    """The same messages come from a stream, however small the pieces in which it arrives."""
    chance = random.Random(seed)  # noqa: S311 - sizes of pieces, no secret
    rest = bytearray(data)

    def read(size: int) -> bytes:
        piece = bytes(rest[: chance.randint(1, 9)])
        del rest[: len(piece)]
        return piece

    assert list(messages(Stream(read), source_of(data), 0, len(data), lengths=False)) == split(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_FRAGMENTS, max_size=8).map(b"".join), min_size=1, max_size=6))
def test_mboxrd_round_trip(texts: list[bytes]) -> None:
    """Any messages that are put into an mboxrd come back byte for byte."""
    held = [b"From: a@b.example\n\n" + text.replace(b"\0", b"0") + b"\n" for text in texts]
    quoted = [_quote(data) for data in held]
    assert bodies(box(*quoted)) == held


def _quote(data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)


def test_a_message_too_long_is_hashed_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a message beyond the limit only the beginning is kept, but its digest and size are those of all of it."""
    monkeypatch.setattr(mbox_module, "MESSAGE_BYTES", 5_000)
    monkeypatch.setattr(mbox_module, "STEP", 700)
    long = message(2, b"a line\n>From x\nFrom\n" * 2_000)
    data = box(message(1), _quote(long), message(3))
    for window in (Held(data), Stream(_reader(data))):
        first, second, third = messages(window, source_of(data), 0, len(data), lengths=False)
        assert isinstance(second, RawMessage)
        assert (first.member, kinds(second), kinds(third)) == ("", ["message-too-long"], [])
        assert (second.sha256, second.size) == (hashlib.sha256(long).hexdigest(), len(long))
        assert second.data == long[:5_000]
        assert first.length + second.length + third.length == len(data)


def _reader(data: bytes) -> Callable[[int], bytes]:
    return io.BytesIO(data).read


def test_one_message_again(tmp_path: Path) -> None:
    """`fetch` gives the very message that a sighting names."""
    path = tmp_path / "box"
    path.write_bytes(box(*(message(number) for number in range(20))))
    (source,), _ = find_sources([path], spool=tmp_path)
    for item in read_shard(Shard(source, 0, source.size, source.size)):
        assert isinstance(item, RawMessage)
        assert fetch(source, item.member, item.offset, item.length).sha256 == item.sha256


def test_takeout_signature_survives(tmp_path: Path) -> None:
    """A signed message with CRLF and a line `From ` has its signed body after Takeout's quoting is undone."""
    original = signed(b"Dear all,\nFrom Monday on\n\n\n").replace(b"\n", b"\r\n")
    path = tmp_path / "All mail.mbox"
    path.write_bytes(LINE.replace(b"\n", b"\r\n") + original.replace(b"\nFrom", b"\n>From") + b"\r\n")
    (source,), _ = find_sources([path], spool=tmp_path)
    (item,) = read_shard(cut(source)[0])
    assert isinstance(item, RawMessage)
    assert item.data == original
    assert source.folder == "All mail"
    assert body_hashes(item.data) == [True]
