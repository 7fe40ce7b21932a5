"""What the name of a host and the path of a link share with others of the same making.

Who registers by the dozen has habits: the same label under several suffixes, one label counted up, the same few words
in another order, one word that nobody else uses. Each such value is a string, so that names are compared by equality
joins. What a shared value weighs says `watchword.connect.background`.

| kind | family | example: `a7.mail-check2.ru/a/9/in.php?id=1` |
|---|---|---|
| host, domain | name | `a7.mail-check2.ru`, `mail-check2.ru`; under shared hosting the tenant stands for the domain |
| label | name | `mail-check2`: the name as registered, whatever follows it |
| counted | name | `mail-check0`: digits are all one |
| words | name | `check mail`: all its words, sorted |
| pair | name | `mail check`: two words that follow each other, of three or more |
| word | name | a word that no list of words has |
| pattern | name | `s-s1.ru`: s for words of services, w for others, digits counted |
| below | name | `a0`: what stands below the domain, digits are all one; four characters or more |
| address, network | address | an IPv4 address, and its /24 |
| path, file, form, parameters | path | `/a/9/in.php`, `in.php`, `/w/9/w.php`, `id` |
"""

import functools
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from watchword.observe.domain import is_address, organisation
from watchword.observe.known import hosting, identities

SHORT = 4  # letters: shorter words and labels are abbreviations that anybody uses
LONGEST = 40  # characters of a label; what is longer was made by a machine, and its words are chance
DEEPEST = 8  # segments of a path, and parameters, that are looked at

LETTERS = re.compile(r"[a-z]+", re.ASCII)
_RUN = re.compile(r"[a-z]+|[0-9]+", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_SEGMENT = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9]+", re.ASCII | re.IGNORECASE)
# Letters and digits mixed, or long hexadecimal numbers: made by a machine, other at every turn.
_TOKEN = re.compile(r"(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[a-z0-9_=-]{8,}|[0-9a-f]{12,}", re.ASCII | re.IGNORECASE)
# What files and folders of web servers are called, beside the words of services.
_FILES = frozenset(
    "about action ajax api asp aspx assets bin board cache cgi class common config content core css default dll error "
    "exe hta htm html image images img inc include includes index ini jpg json jsp lib libraries list load local main "
    "modules php plugins png post public script scripts search shtml src static style styles temp templates test theme "
    "themes tmp top txt uploads vendor wordpress xml zip".split()
)
_SPLIT = re.compile(r"[&;]")


class Value(NamedTuple):
    """One thing about a host or path that another may share."""

    kind: str
    family: str
    value: str


def owner(host: str) -> str:
    """Give who a host name belongs to: its registrable domain, or its name below a domain that is open to anybody."""
    found = organisation(host)
    if found in open_domains():
        below = host[: -len(found) - 1]
        return f"{below.rpartition('.')[2]}.{found}" if below else found
    return found


def naming(host: str) -> Iterator[Value]:
    """Give what a host name, or an IPv4 address, may share with others; `host` in lower-case A-label form."""
    if is_address(host):
        if ":" not in host:
            yield Value("address", "address", host)
            yield Value("network", "address", host.rpartition(".")[0])
        return
    domain = owner(host)
    if "." not in domain:
        return
    yield Value("host", "name", host)
    yield Value("domain", "name", domain)
    yield from below_values(host, domain)
    yield from label_values(domain)


def below_values(host: str, domain: str) -> Iterator[Value]:
    """Give what stands in a host name below its domain, with digits folded."""
    below = _DIGITS.sub("0", host[: -len(domain) - 1])
    if len(below) >= SHORT:
        yield Value("below", "name", below)


def label_values(domain: str) -> Iterator[Value]:
    """Give what the label of a registrable domain may share with others."""
    label, _, suffix = domain.partition(".")
    if len(label) > LONGEST or label[:4] == "xn--":
        return
    if len(label) >= SHORT:
        yield Value("label", "name", label)
    folded, digits = _DIGITS.subn("0", label)
    if digits and len(folded) > SHORT:
        yield Value("counted", "name", folded)
    known = _known()
    pattern = ""
    spelled: list[str] = []
    end = 0
    for run in _RUN.finditer(label):
        piece = run[0]
        pattern += "-" * (run.start() - end)
        end = run.end()
        if piece[0] <= "9":
            pattern += str(len(piece))
            continue
        cut = words(piece)
        spelled += cut
        rare = False
        for word in cut:
            if word not in known:
                rare = True
                if len(word) >= SHORT and word != label:
                    yield Value("word", "name", word)
        pattern += "w" if rare else "s"
    if len(spelled) > 1:
        yield Value("words", "name", " ".join(sorted(spelled)))
        if len(spelled) > 2:
            for one, other in itertools.pairwise(spelled):
                yield Value("pair", "name", f"{one} {other}")
    yield Value("pattern", "name", f"{pattern}.{suffix}")


def words(piece: str) -> list[str]:
    """Cut letters into words: known words are taken off either end, longest first, and what is left is one word."""
    known = _known()
    front: list[str] = []
    back: list[str] = []
    while piece not in known:
        size = len(piece)
        for length in _lengths():
            # A rest of one or two letters is no word: it was not cut there.
            if length > size - 3:
                continue
            if piece[:length] in known:
                front.append(piece[:length])
                piece = piece[length:]
                break
            if piece[size - length :] in known:
                back.append(piece[size - length :])
                piece = piece[: size - length]
                break
        else:
            break
    return [*front, piece, *reversed(back)]


def path_values(path: str, query: str = "") -> Iterator[Value]:
    """Give what the path and query of a link may share with others: itself, its last part, its form, its parameters."""
    segments = [segment for segment in path.split("/") if segment]
    if segments and len(segments) <= DEEPEST:
        if len(path) > SHORT:
            yield Value("path", "path", path)
        if len(segments) > 1 and len(segments[-1]) > SHORT:
            yield Value("file", "path", segments[-1])
        form = "/".join(_form(segment) for segment in segments)
        yield Value("form", "path", f"/{form}/" if path[-1] == "/" else f"/{form}")
    names = sorted({part.partition("=")[0] for part in _SPLIT.split(query.removeprefix("?")) if part})
    if names and len(names) <= DEEPEST:
        yield Value("parameters", "path", "&".join(names))


def _form(segment: str) -> str:
    stem, dot, extension = segment.rpartition(".")
    if not dot or not extension.isalnum() or len(extension) > 5:
        stem, dot, extension = segment, "", ""
    if _TOKEN.fullmatch(stem):
        return f"t{dot}{extension}"
    runs = (run[0] for run in _SEGMENT.finditer(stem))
    return "".join("9" if run.isdigit() else "w" if run.isalnum() else run for run in runs) + dot + extension


@functools.cache
def _known() -> frozenset[str]:
    """Give words that many put into names: of services, of imitations, of places, and the names that are imitated."""
    data = tomllib.loads(files("watchword").joinpath("knowledge", "lookalike.toml").read_text("utf-8"))
    found = {word for table in ("families", "services", "generic") for word in data[table]["words"]}
    for one in identities():
        found.update(one.mimics)
        found.update(domain.partition(".")[0] for domain in one.domains)
    return frozenset(word for word in found if len(word) >= 3 and word.isascii() and word.isalpha())


def is_known(word: str) -> bool:
    """Tell whether many put a word into names; one of less than three letters is none."""
    return len(word) < 3 or word in _known() or word in _FILES


@functools.cache
def _lengths() -> tuple[int, ...]:
    return tuple(sorted({len(word) for word in _known()}, reverse=True))


@functools.cache
def open_domains() -> frozenset[str]:
    """Give the domains below which each name is somebody else's."""
    data = tomllib.loads(files("watchword").joinpath("knowledge", "naming.toml").read_text("utf-8"))
    return frozenset(data["dynamic"]["domains"]) | frozenset(listed("dynamic-dns")) | hosting().shared_hosting


def listed(name: str) -> Iterator[str]:
    """Read one list that pymispwarninglists ships."""
    place = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists", name, "list.json")
    return (entry.strip(".").lower() for entry in json.loads(place.read_text("utf-8"))["list"])
