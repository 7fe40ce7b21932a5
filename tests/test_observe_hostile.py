"""Hostile messages through everything that is seen in them: bytes to rows, within 5 CPU seconds and 512 MB each."""

import base64
import contextlib
import hashlib
import io
import json
import multiprocessing
import resource
import signal
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from watchword.observe import observe
from watchword.read.raw import RawMessage
from watchword.tables import Defect

SIZE = 500_000  # bytes of each hostile message, but for those that say otherwise
SECONDS = 5
MEMORY = 512 * 1024 * 1024
TOP = b"From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: x\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
MULTIPART = TOP + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def html(unit: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[], bytes]:
    """Repeat something in an HTML body."""
    return lambda: TOP + b"Content-Type: text/html\r\n\r\n" + before + unit * (SIZE // len(unit)) + after


def text(unit: bytes, before: bytes = b"", kind: bytes = b"text/plain; charset=utf-8") -> Callable[[], bytes]:
    """Repeat something in a text."""
    return lambda: TOP + b"Content-Type: " + kind + b"\r\n\r\n" + before + unit * (SIZE // len(unit))


def field(name: bytes, unit: bytes, size: int = SIZE) -> Callable[[], bytes]:
    """Repeat something in one field of the header."""
    return lambda: name + b": " + unit * (size // len(unit)) + b"\r\n" + TOP + b"\r\nhttps://a.example/"


def fields(unit: bytes) -> Callable[[], bytes]:
    """Repeat a whole field."""
    return lambda: unit * (SIZE // len(unit)) + TOP + b"\r\nx"


def parts(unit: bytes) -> Callable[[], bytes]:
    """Repeat a part."""
    return lambda: MULTIPART + unit * (SIZE // len(unit)) + b"--b--\r\n"


def each(form: bytes, step: int, before: bytes = b"Content-Type: text/html\r\n\r\n") -> Callable[[], bytes]:
    """Repeat something with a number in it that is different each time."""
    return lambda: TOP + before + b"".join(form.replace(b"#", b"%d" % number) for number in range(SIZE // step))


def attached(name: str, data: Callable[[], bytes]) -> Callable[[], bytes]:
    """Send something as a file."""
    head = f'--b\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return lambda: MULTIPART + head.encode() + base64.encodebytes(data()) + b"\r\n--b--\r\n"


def zipped(items: Iterator[tuple[str, bytes]]) -> bytes:
    """Make a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in items:
            archive.writestr(name, data)
    return out.getvalue()


def matryoshka(depth: int) -> bytes:
    """Put zip archives into each other."""
    data = b"x" * 1_000
    for _ in range(depth):
        data = zipped(iter([("a.zip", data)]))
    return data


def nested() -> bytes:
    """Put multiparts into each other, each with a boundary of its own."""
    levels = range(20_000)
    return TOP + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in levels)


def deep_and_long() -> bytes:
    """Put 200 multiparts into each other, with many lines in them that are almost delimiters."""
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(200))
    return TOP + levels + b"\r\n" + b"--x\r\n" * 600_000


SIGNATURE = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=a; h=from:to; bh=AAAA; b=BBBB\r\n"
HOSTILE: dict[str, Callable[[], bytes]] = {
    # HTML
    "unclosed elements": html(b"<div>"),
    "unclosed links": html(b'<a href="https://a.example/">x<p>'),
    "links": html(b'<a href="https://a.example/x">t</a>'),
    "different links": each(b'<a href="https://a#.example/x?u=https%3A%2F%2Fb#.example">t</a>', 70),
    "different styles": each(b'<p style="display:none;width:#px">t</p>', 40),
    "hidden elements in each other": html(b'<span style="display:none">'),
    "white elements in each other": html(b'<div style="color:white">x'),
    "style rules": each(b".a#{display:none}", 20, b"Content-Type: text/html\r\n\r\n<p class=a1>x<style>"),
    "attributes": each(b" a#=b", 8, b"Content-Type: text/html\r\n\r\n<p"),
    "open angle brackets": html(b"<"),
    "open comments": html(b"<!--"),
    "open conditions": html(b'<!--[if mso]><a href="x">'),
    "url(": html(b"url(", b"<style>"),
    "backgrounds": html(b" background="),
    "srcset": html(b"a 1x,", b"<img srcset='", b"'>"),
    "quotations in each other": html(b"<blockquote type=cite>x"),
    "formatting and paragraphs": html(b"<font><p>"),
    "tables in each other": html(b"<table><tr><td>"),
    "entities": html(b"&#"),
    "letters without width": html("a\u200b".encode()),
    "VML": html(b'<v:rect href="https://a.example/">'),
    "a picture in its address": html(b"A", b"<img src='data:image/png;base64,", b"'>"),
    # text and addresses in it
    "addresses": text(b"https://a.example/ "),
    "one long address": text(b"a", b"https://a.example/"),
    "an address in itself": text(b"https://a.example/?u="),
    "coded address in itself": text(b"%2525", b"https://a.example/?u=https"),
    "base64 of addresses": text(b"aHR0cDov", b"https://a.example/?u="),
    "colon and slashes": text(b"://"),
    "open brackets with an address": text(b"<https://a"),
    "Markdown": text(b"](https://a.example/)["),
    "mail addresses": text(b"a@b.example "),
    "marks of quotations": text(b">"),
    "quoted lines": text(b"> x\n"),
    "signature marks": text(b"-- \n"),
    "header blocks": text(b"From: a\nTo: b\nSubject: x\n"),
    "cues": text(b"interview password "),
    "NUL": text(b"\0"),
    "turned text": text("\u202e".encode()),
    "flowed": text(b"a \r\n", b"", b"text/plain; format=flowed; delsp=yes"),
    "blocks": text("\u2588\u2580\n".encode()),
    "events": text(b"BEGIN:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"text/calendar"),
    "uuencode": text(b"begin 644 a.exe\nM\nend\n"),
    # header
    "100,000 recipients": lambda: b"To: " + b", ".join(b"u%d@example.org" % n for n in range(100_000)) + b"\r\n" + TOP,
    "recipients on lines of their own": fields(b"To: a@example.org\r\n"),
    "open comments in To": field(b"To", b"("),
    "groups": field(b"To", b"a:"),
    "open quotes in From": field(b"From", b'"\\"'),
    "encoded words": field(b"Subject", b"=?utf-8?q?a?= "),
    "open encoded words": field(b"Subject", b"=?"),
    "a line of 5 MB": field(b"X-A", b"a", 5_000_000),
    "ids": field(b"References", b"<a@b.example> "),
    "dates": field(b"Date", b"1 Jan ("),
    "Received": fields(b"Received: from a.example ([192.0.2.1]) by c.example; Mon, 2 Mar 2026 09:00:00 +0000\r\n"),
    "words of Received": field(b"Received", b"from a (b) by c with d id e for f; "),
    "results": fields(b"Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@example.org; dkim=pass\r\n"),
    "open results": field(b"Authentication-Results", b"; dkim=pass ("),
    "signatures": fields(SIGNATURE),
    "signatures over a long body": lambda: SIGNATURE * 40 + TOP + b"\r\n" + b"a \t b\r\n" * (SIZE // 8),
    "signed fields": field(b"DKIM-Signature", b"h=from:"),
    "parameters": field(b"Content-Type", b"; a=b"),
    "names in pieces": field(b"Content-Disposition", b"; filename*0=a"),
    "unsubscribe": field(b"List-Unsubscribe", b"<https://a.example/>, "),
    # structure
    "20,000 multiparts in each other": nested,
    "200 multiparts in each other, 600,000 almost delimiters": deep_and_long,
    "messages in each other": lambda: TOP + b"Content-Type: message/rfc822\r\n\r\n" * (SIZE // 32),
    "parts": parts(b"--b\r\n\r\n"),
    "texts": parts(b"--b\r\nContent-Type: text/plain\r\n\r\nhttps://a.example/\r\n"),
    "files": parts(b"--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n"),
    "pages": parts(b"--b\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n<a href=x>y\r\n"),
    # files
    "a zip of zeros": attached("a.zip", lambda: zipped(iter([("a.txt", b"\0" * 100_000_000)]))),
    "a zip of HTML": attached("a.zip", lambda: zipped(iter([("a.html", b"<div>" * 10_000_000)]))),
    "a zip of many": attached("a.zip", lambda: zipped((f"{n}.txt", b"x") for n in range(20_000))),
    "zips in each other": attached("a.zip", lambda: matryoshka(50)),
    "a page of elements": attached("a.html", lambda: b"<div>" * (SIZE // 5)),
    "a page of script": attached("a.html", lambda: b"<script>" + b'"a"+' * (SIZE // 4)),
    "deflated zeros in an address": text(
        b" ", b"https://a.example/c/" + base64.urlsafe_b64encode(zlib.compress(b"\0" * 3_000_000))
    ),
}  # fmt: skip


def _work(connection: Connection) -> None:
    """Read each message that is asked for, and tell how that went; in a process of its own."""
    list(observe(_raw(TOP + b"Content-Type: text/html\r\n\r\n<a href=https://a.example/>interview</a>"), "s"))
    pages = [int(number) * resource.getpagesize() for number in Path("/proc/self/statm").read_text("ascii").split()[:2]]
    resource.setrlimit(resource.RLIMIT_AS, (pages[0] - pages[1] + MEMORY,) * 2)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    with contextlib.suppress(EOFError):
        while name := connection.recv():
            raw = _raw(HOSTILE[name]())
            begun = time.process_time()
            failed = [row.detail for row in observe(raw, "s") if isinstance(row, Defect) and row.kind == "not-observed"]
            connection.send(json.dumps([time.process_time() - begun, failed]))


def _raw(data: bytes) -> RawMessage:
    return RawMessage(data, hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture(scope="module")
def worker() -> Iterator[Connection]:
    """Start the process that reads, with its limit of memory."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(there,), daemon=True)
    process.start()
    there.close()
    yield here
    here.close()
    process.join(10)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str, worker: Connection) -> None:
    """No hostile message takes more than 5 CPU seconds or 512 MB, and no observer fails on it."""
    worker.send(name)
    assert worker.poll(120), "no answer"
    seconds, failed = json.loads(worker.recv())
    assert failed == []
    assert seconds < SECONDS
