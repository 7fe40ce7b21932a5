"""What is a host name or address of the net, and what only looks like one."""

import functools
import ipaddress
import json
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from watchword.observe.domain import ascii_host, is_address, is_listed, registrable

# Endings that the list of public suffixes does not have: names of Tor, and those for examples (RFC 2606).
_ALSO = frozenset({"onion", "example"})
_TITLE = re.compile(r"[A-Z][a-z]+")
_LABELS = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/3",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    extensions: frozenset[str]
    also_common: frozenset[str]
    products: frozenset[str]
    packages: frozenset[str]
    file_words: re.Pattern[str]
    version_words: re.Pattern[str]


@functools.cache
def _words() -> _Words:
    data = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("names.toml").read_text("utf-8"))
    return _Words(
        frozenset(data["extensions"]["words"]),
        frozenset(data["extensions"]["also_common"]),
        frozenset(data["products"]["names"]),
        frozenset(data["products"]["packages"]),
        re.compile(data["file_words"]["pattern"], re.IGNORECASE),
        re.compile(data["version_words"]["pattern"], re.IGNORECASE),
    )


@functools.lru_cache(maxsize=16_384)
def is_host(host: str) -> bool:
    """Tell whether a host in A-label form can be reached: its ending is known, and it is more than that ending."""
    if is_address(host):
        return is_public(host) if ":" not in host else bool(six(host.strip("[]")))
    if len(host) > 253 or not all(_LABELS.fullmatch(label) for label in host.split(".")):
        return False
    if not is_listed(host.rpartition(".")[2]) and host.rpartition(".")[2] not in _ALSO:
        return False
    return bool(registrable(host, private=False))


def is_product(host: str) -> bool:
    """Tell whether a name is a program's, which scripts that defang take for a host, too."""
    return host in _words().products


def is_name(word: str) -> bool:
    """Tell whether a word reads as a host name by itself."""
    return "." in word and word.isascii() and is_host(ascii_host(word)) and not _doubted(word.lower())


def is_public(address: str) -> bool:
    """Tell whether an IPv4 address belongs to a machine that others can reach; those for examples count, too."""
    if any(len(part) > 1 and part[0] == "0" for part in address.split(".")):
        return False
    try:
        number = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return not any(number in network for network in _PRIVATE)


def six(address: str) -> str:
    """Give an IPv6 address as the tables have it, empty if it is none."""
    try:
        return str(ipaddress.IPv6Address(address))
    except ValueError:
        return ""


def is_version(text: str, start: int, written: str) -> bool:
    """Tell whether four numbers are rather a version or a place in a text than an address of the net."""
    if all(len(part) == 1 for part in written.split(".")):
        return True
    if start and (text[start - 1] in "/_-" and text[start - 2 : start - 1].isalpha()):
        return True
    return _words().version_words.search(text, max(0, start - 40), start) is not None


def is_likely(text: str, start: int, stop: int) -> bool:
    """Tell whether a name that was not defanged can be a host by what stands around it and how it is written."""
    written = text[start:stop]
    lower = written.lower()
    words = _words()
    if lower in words.products or (lower.partition(".")[0] in words.packages and lower.count(".") > 1):
        return False
    before, after = text[max(0, start - 1) : start], text[stop : stop + 1]
    if before in ("\\", "/", "$", "#", "&") or after in ("(", "\\", "="):
        return False
    last = written.rpartition(".")[2]
    # A sentence that begins without a blank: `the server.It fell`.
    if _TITLE.fullmatch(last) and not _TITLE.fullmatch(written.rpartition(".")[0].rpartition(".")[2]):
        return False
    # Names that virus scanners give: `Spy.Thing.AF`.
    return not (len(last) == 2 and (_TITLE.fullmatch(last) or (last.isupper() and not written.isupper())))


def is_doubtful(text: str, start: int, stop: int, has_path: bool) -> bool:
    """Tell whether a name that was not defanged is as likely a file, a member of a program or the end of a sentence."""
    lower = text[start:stop].lower()
    if _words().file_words.search(text, max(0, start - 40), start):
        return True
    return _doubted(lower) and not (has_path and lower.rpartition(".")[2] not in ("py", "md", "sh", "pl", "rs", "zip"))


def _doubted(lower: str) -> bool:
    words = _words()
    last = lower.rpartition(".")[2]
    name = registrable(lower, private=False)
    label = name.partition(".")[0]
    if label.isdigit() and len(last) == 2:
        return True
    if last not in words.extensions or lower.startswith("www.") or name.count(".") > 1:
        return False
    # `some-name.support`, `mail.some.one`: nobody calls a member or a file so, if the ending is a common one.
    return not (last in words.also_common and ("-" in label or lower.count(".") > 1))


@functools.cache
def empty_files() -> frozenset[str]:
    """Give digests of what everybody has: no bytes at all, and what scanners name by mistake."""
    found: set[str] = set()
    for name in ("empty-hashes", "common-ioc-false-positive", "nioc-filehash"):
        place = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists", name, "list.json")
        found.update(entry.lower() for entry in json.loads(place.read_text("utf-8"))["list"])
    return frozenset(found)
