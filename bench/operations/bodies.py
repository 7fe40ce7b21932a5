"""Another text in the MIME structure of a real message: same parts, same encodings, same prelude, new boundary."""

import base64
import html
import quopri
import re
import textwrap
from random import Random

from bench.operations.fields import Field, Form, like_boundary

_URL = re.compile(r"https?://[^\s<>\"]+")


def parts(kind: str, body: str) -> tuple[str, list[Form]] | None:
    """Cut a multipart body into its preamble and parts; None where the boundary is not found."""
    match = re.search(r"boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;]+))", kind)
    if not match:
        return None
    boundary = re.escape(match.group(1) or match.group(2))
    pieces = re.split(rf"(?:\A|\n)--{boundary}(?:--)?[ \t]*(?:\n|\Z)", body)
    if len(pieces) < 3:
        return None
    out = []
    for piece in pieces[1:-1]:
        head, _, rest = ("", "", piece[1:]) if piece.startswith("\n") else piece.partition("\n\n")
        fields: list[Field] = []
        for line in head.split("\n") if head else []:
            if line[:1] in (" ", "\t") and fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + "\n" + line)
            elif ":" in line:
                name, _, value = line.partition(":")
                fields.append((name, value))
        out.append(Form(tuple(fields), rest, "\n"))
    return pieces[0], out


def simple(fields: tuple[Field, ...], body: str) -> bool:
    """Tell whether a message is one text part, or alternatives of one plain and one HTML part."""
    kind = Form(fields, "", "\n").get("content-type").lower() or "text/plain"
    if kind.startswith("text/plain"):
        return True
    if kind.startswith("text/html"):
        return "<body" not in body[20_000:]
    cut = parts(Form(fields, "", "\n").get("content-type"), body) if kind.startswith("multipart/alternative") else None
    kinds = [p.get("content-type").partition(";")[0].strip().lower() for p in cut[1]] if cut else []
    return kinds == ["text/plain", "text/html"]


def written(text: str, encoding: str, charset: str) -> str:
    """Encode text for a body, as Latin-1 text of the bytes."""
    data = text.encode(charset, "replace")
    if encoding == "base64":
        return base64.encodebytes(data.replace(b"\n", b"\r\n")).decode("ascii").replace("\r", "")
    if encoding == "quoted-printable":
        return quopri.encodestring(data).decode("ascii")
    return data.decode("latin-1")


def wrapped(text: str, width: int = 74) -> str:
    """Break long lines as mail programs do; quoted lines and links stay whole."""
    out = []
    for line in text.split("\n"):
        if len(line) <= width or line.startswith(">"):
            out.append(line)
        else:
            out.extend(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
    return "\n".join(out)


def _web(text: str, old: str, pixel: str) -> str:
    """Make HTML of a text, in the manner of the old part: its prelude up to the body, its kind of block."""
    prelude = re.match(r"(?is)\A.{0,8000}?<body[^>]{0,500}>", old)
    block = "p" if re.search(r"(?i)<p[\s>]", old[:20_000]) else "div"

    def linked(line: str) -> str:
        out, at = [], 0
        for match in _URL.finditer(line):
            url = html.escape(match.group().rstrip(".,)"))
            out.append(html.escape(line[at : match.start()], quote=False) + f'<a href="{url}">{url}</a>')
            at = match.start() + len(match.group().rstrip(".,)"))
        return "".join(out) + html.escape(line[at:], quote=False)

    said, mark, quoted = text.partition("\n\nOn ") if " wrote:\n\n> " in text else (text, "", "")
    paragraphs = [linked(p).replace("\n", "<br>\n") for p in re.split(r"\n{2,}", said.strip())]
    gap = "" if block == "p" else "<div><br></div>\n"
    inner = gap.join(f"<{block}>{p}</{block}>\n" for p in paragraphs)
    if mark:
        head, _, lines = quoted.partition("\n\n")
        before = "<br>\n".join(linked(line.removeprefix(">").strip()) for line in lines.strip().split("\n"))
        inner += f'<div class="gmail_quote"><div class="gmail_attr">On {linked(head)}<br></div>\n'
        inner += f'<blockquote class="gmail_quote">{before}</blockquote></div>\n'
    if pixel:
        inner += f'<img src="{html.escape(pixel)}" width="1" height="1" alt="">\n'
    if prelude:
        return f"{prelude.group()}\n{inner}</body></html>\n"
    return f'<div dir="ltr">{inner}</div>\n'


def _kind_of(fields: tuple[Field, ...], text: str, charset: str, encoding: str) -> tuple[tuple[Field, ...], str, str]:
    """Charset and transfer encoding that can hold the text, and the fields that say so."""
    needs = any(ord(c) > 127 for c in text)
    if not needs and charset.lower() not in ("utf-16", "utf-7", "gb2312", "gb18030", "big5", "iso-2022-jp"):
        if encoding in ("7bit", "8bit", "quoted-printable", "base64", ""):
            return fields, charset or "us-ascii", encoding
        return fields, charset, "7bit"
    wide = sum(ord(c) > 0x24F for c in text) > len(text) / 4
    try:
        text.encode(charset or "us-ascii")
        good = charset
    except (UnicodeEncodeError, LookupError):
        good = "utf-8"
    new = encoding if encoding in ("quoted-printable", "base64", "8bit") else ("base64" if wide else "quoted-printable")
    if not needs:
        new = encoding
    out, said = [], False
    for name, value in fields:
        if name.lower() == "content-type" and good != charset:
            if re.search(r"(?i)charset\s*=", value):
                value = re.sub(r"(?i)(charset\s*=\s*)(\"?)[^\s\";]+\"?", rf"\1\2{good}\2", value)
            else:
                value = value.rstrip() + f"; charset={good}"
        elif name.lower() == "content-transfer-encoding":
            said, value = True, f" {new}"
        out.append((name, value))
    if not said and new:
        out.append(("Content-Transfer-Encoding", f" {new}"))
    if not any(name.lower() == "content-type" for name, _ in out):
        out.append(("Content-Type", f" text/plain; charset={good}"))
    return tuple(out), good, new


def filled(fields: tuple[Field, ...], body: str, text: str, pixel: str, rng: Random) -> tuple[tuple[Field, ...], str]:
    """Put a text in the place of the old body; gives the fields (content fields changed where needed) and the body."""
    shell = Form(fields, body, "\n")
    kind = shell.get("content-type") or "text/plain"
    low = kind.lower()
    if low.startswith("multipart/"):
        cut = parts(kind, body)
        match = re.search(r"boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;]+))", kind)
        if not cut or not match:
            raise ValueError("not a simple structure")
        old = match.group(1) or match.group(2)
        new = like_boundary(old, rng)
        lines = [cut[0]] if cut[0] else []
        for part in cut[1]:
            inner_fields, inner = filled(part.fields, part.body, text, pixel, rng)
            head = "".join(f"{n}:{v}\n" for n, v in inner_fields)
            lines.append(f"--{new}\n{head}\n{inner}")
        out = tuple((n, v.replace(old, new)) if n.lower() == "content-type" else (n, v) for n, v in fields)
        return out, "\n".join(lines) + f"\n--{new}--\n"
    found = re.search(r"(?i)charset\s*=\s*\"?([^\s\";]+)", kind)
    charset = found.group(1) if found else ""
    encoding = shell.get("content-transfer-encoding").lower()
    content = wrapped(text)
    if low.startswith("text/html"):
        plain = body
        if encoding == "quoted-printable":
            plain = quopri.decodestring(body.encode("latin-1")).decode("latin-1")
        elif encoding == "base64":
            try:
                plain = base64.b64decode(body).decode("latin-1")
            except ValueError:
                plain = ""
        plain = plain if plain.isascii() else plain.encode("ascii", "ignore").decode("ascii")
        content = _web(text, plain, pixel)
    fields, charset, encoding = _kind_of(fields, content, charset, encoding)
    try:
        return fields, written(content, encoding, charset)
    except LookupError:
        return fields, written(content, encoding, "utf-8")
