"""What `knowledge/contacts.toml` says of numbers, accounts and counters, ready to be held against texts and links."""

import functools
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from urllib.parse import unquote

PHONE, ADDRESS, HANDLE, WALLET, TRACKING = "phone", "address", "handle", "wallet", "tracking"
NAMED = 25  # in the source of one page

_IN = "on|at|in|via|auf|bei|sur|en|w|в|на|у|در|على"


@dataclass(frozen=True, slots=True)
class Shape:
    """One entry that a link or a page's source is held against."""

    kind: str  # tables.Mention.kind
    prefix: str
    mark: str
    pattern: re.Pattern[str]
    never: frozenset[str]

    def read(self, text: str) -> Iterator[tuple[str, str]]:
        """Give what the text names, each as `telegram:name` and as it stands there."""
        for found in self.pattern.finditer(text):
            named = found.groupdict()
            if number := named.get("phone"):
                yield f"{self.prefix}:+{number}", found[0]
            elif exact := named.get("exact"):
                yield f"{self.prefix}:{exact}", found[0]
            else:
                name = (named.get("name") or named.get("other") or "").lower()
                if name and name not in self.never:
                    yield f"{self.prefix}:{unquote(name)}", found[0]


@dataclass(frozen=True, slots=True)
class Contacts:
    """All entries, and the patterns that are made of them."""

    hints: tuple[str, ...]  # words that announce a number
    links: Mapping[str, Sequence[Shape]]  # by host
    sources: Sequence[Shape]
    bare: re.Pattern[str]  # hosts of accounts, as they stand in a text without a scheme
    ends: Sequence[str]  # one of these stands in a text that names one of them,
    marks: Sequence[str]  # and one of these
    services: Mapping[str, str]  # what a service is called: its prefix
    before: re.Pattern[str]  # `telegram: ` before `@name`
    behind: re.Pattern[str]  # ` on telegram` behind it
    colon: re.Pattern[str]  # `skype: name`
    colon_marks: Sequence[str]
    service: re.Pattern[str]


@functools.cache
def contacts() -> Contacts:
    """Read the file, once."""
    known = tomllib.loads(files("watchword").joinpath("knowledge", "contacts.toml").read_text("utf-8"))
    links: dict[str, list[Shape]] = {}
    sources: list[Shape] = []
    hosts: dict[str, None] = {}
    for entry in (*known["link"], *known["source"]):
        flags = re.ASCII if entry["kind"] == TRACKING else re.ASCII | re.IGNORECASE
        pattern = re.compile(entry["pattern"], flags)
        shape = Shape(entry["kind"], entry["as"], entry.get("mark", ""), pattern, frozenset(entry.get("never", ())))
        for host in entry.get("hosts", ()):
            links.setdefault(host, []).append(shape)
            if shape.kind == HANDLE:
                hosts[host] = None
        if shape.mark:
            sources.append(shape)
    services = {name: entry["as"] for entry in known["service"] for name in entry["names"]}
    colon = [name for entry in known["service"] if entry.get("bare") for name in entry["names"]]
    word = rf"(?<!\w)(?P<service>{_any(services)})(?!\w)"
    asked = r"(?:(?:at|id|me|handle|username|user)[^\w@\n]{1,4}){0,2}"
    return Contacts(
        hints=tuple(known["phone"]["hints"]),
        links=links,
        sources=sources,
        bare=re.compile(rf"(?<![\w@/.-])(?:www\.)?(?:{_any(hosts)})/[^\s<>\"'()\[\]]{{2,200}}", re.IGNORECASE),
        ends=sorted({f".{host.rpartition('.')[2]}/" for host in hosts}),
        marks=[f"{host}/" for host in hosts],
        services=services,
        before=re.compile(rf"{word}[^\w@\n.!?;]{{1,6}}{asked}\Z", re.IGNORECASE),
        behind=re.compile(rf" ?(?: (?:{_IN}) |[(/])(?:the )?{word}", re.IGNORECASE),
        colon=re.compile(
            rf"(?<!\w)(?P<service>{_any(colon)})(?!\w) ?[:=：] ?(?P<name>(?:live:)?[A-Za-z0-9.][\w.-]{{5,31}})",
            re.IGNORECASE,
        ),
        colon_marks=colon,
        service=re.compile(word),
    )


def _any(words: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@functools.lru_cache(maxsize=8_192)
def shapes(host: str) -> tuple[Shape, ...]:
    """Give the entries for a host and for those above it."""
    known = contacts().links
    labels = host.split(".")[-6:]
    return tuple(shape for start in range(len(labels) - 1) for shape in known.get(".".join(labels[start:]), ()))


def in_source(source: str, lower: bytes) -> list[tuple[str, str, str]]:
    """Give the counters and accounts that scripts of a page name, each as kind, value and as written. Linear.

    `lower` is the page in lower case.
    """
    rows: dict[tuple[str, str], str] = {}
    for shape in contacts().sources:
        if shape.mark.encode() in lower:
            for value, shown in shape.read(source):
                rows.setdefault((shape.kind, value), shown)
                if len(rows) == NAMED:
                    break
    return [(kind, value, shown) for (kind, value), shown in rows.items()]
