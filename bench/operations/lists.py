"""The same message as it would have come without the mailing list: list hops and list fields taken away."""

import re
from email.utils import getaddresses

from bench.operations.bodies import parts
from bench.operations.fields import Field, Form

_LIST_FIELDS = re.compile(
    r"(?i)\A(?:list-.*|x-beenthere|x-mailman-.*|precedence|errors-to|archived-at|message-id-hash|x-message-id-hash"
    r"|x-mailfrom|x-antiabuse|x-get-message-sender-via|x-authenticated-sender|x-source|x-source-args|x-source-dir"
    r"|x-content-filtered-by|content-length)\Z"
)
_FOOTER = re.compile(r"\n_{40,}\n[^\n]{0,80}mailing list[\s\S]{0,400}\Z")


def is_list(read: Form) -> bool:
    """Tell whether a message came through a list."""
    return bool(read.get("list-id"))


def is_munged(read: Form) -> bool:
    """Tell whether the list put its own address in From."""
    return re.search(r"[ _]via[ _]", read.get("from").lower()) is not None and bool(read.get("reply-to"))


def direct(read: Form, owner: str) -> Form | None:
    """Undo a list: what the receiving server would have stored, had the sender written to the owner directly.

    None where the hop into the list is not found or the body was wrapped in a way that cannot be undone.
    """
    hops = [(i, re.sub(r"\s+", " ", v)) for i, (n, v) in enumerate(read.fields) if n.lower() == "received"]
    if len(hops) < 2:
        return None
    final = re.search(r"\bby (\S+)", hops[0][1])
    listed = re.search(r"\bfrom (\S+)", hops[0][1])
    if not final or not listed:
        return None
    host = listed.group(1)
    inside = 0
    within = re.compile(rf" ?from (?:{re.escape(host)}|\[::1\]|\S+ \((?:localhost|{re.escape(host)}))[ (\[]?")
    while inside + 1 < len(hops) and within.match(hops[inside + 1][1]):
        inside += 1
    if inside + 1 >= len(hops) or f"by {host}" not in hops[inside + 1][1]:
        return None
    sender = next((a for _, a in getaddresses([read.get("from")])), "")
    reply = read.get("reply-to")
    if is_munged(read):
        sender = next((a for _, a in getaddresses([reply])), "")
    if not sender:
        return None
    domain = host.partition(".")[2]
    mailto = re.search(r"mailto:([^>?]+@[^>?]+)>", read.get("list-post"))
    post = read.get("x-beenthere") or (mailto.group(1) if mailto else "")
    fields: list[Field] = [
        ("Return-Path", f" <{sender}>"),
        ("X-Original-To", f" {owner}"),
        ("Delivered-To", f" {owner}"),
    ]
    for name, value in read.fields[hops[inside][0] + 1 :]:
        low = name.lower()
        if low in ("x-original-to", "delivered-to", "return-path") or _LIST_FIELDS.match(name):
            continue
        if low == "sender" and ("-bounces" in value or domain in value):
            continue
        if low == "dkim-signature" and re.search(rf"\bd={re.escape(domain)}\b", value):
            continue
        if low == "from" and is_munged(read):
            value = f" {reply}"
        if low == "reply-to" and is_munged(read):
            continue
        if low == "subject":
            value = re.sub(rf"(?i)\[{re.escape(post.partition('@')[0])}\]\s*", "", value) if post else value
        if low in ("received", "authentication-results", "received-spf"):
            value = re.sub(rf"(?i)(\bfor\s+<?){re.escape(post)}(>?)", rf"\g<1>{owner}\2", value) if post else value
            value = value.replace(host, final.group(1))
            value = value.replace(post.partition("@")[2] or host, owner.partition("@")[2])
        fields.append((name, value))
    return _unwrapped(Form(tuple(fields), read.body, read.eol))


def _unwrapped(read: Form) -> Form | None:
    """Take away the list's footer: a last part of its own, or lines at the end of the text."""
    kind = read.get("content-type")
    cut = parts(kind, read.body) if kind.lower().startswith("multipart/mixed") else None
    if cut and len(cut[1]) == 2 and "mailing list" in cut[1][1].body[:400]:
        inner = cut[1][0]
        if any("===============" in v for n, v in read.fields if n.lower() == "content-type"):
            content = {n.lower(): v for n, v in inner.fields}
            fields: list[Field] = []
            for name, value in read.fields:
                if name.lower() == "content-type":
                    fields.append((name, content.pop("content-type", " text/plain")))
                elif name.lower() != "content-transfer-encoding":
                    fields.append((name, value))
            encoding = content.pop("content-transfer-encoding", "")
            if encoding:
                fields.append(("Content-Transfer-Encoding", encoding))
            body = inner.body if inner.body.endswith("\n") else inner.body + "\n"
            return Form(tuple(fields), body, read.eol)
        return None
    match = _FOOTER.search(read.body[-800:])
    if match:
        before = max(0, len(read.body) - 800) + match.start()
        return Form(read.fields, read.body[:before] + "\n", read.eol)
    return read
