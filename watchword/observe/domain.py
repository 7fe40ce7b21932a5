"""Who a host name belongs to: its registrable domain, by the Public Suffix List that publicsuffixlist ships.

A tenant of shared hosting (`somebody.github.io`, the list's PRIVATE section) is an organisation of its own, because the
tenant is who acts. `registrable(host, private=False)` asks the ICANN section alone: who owns the name in the registry.
"""

import functools
import importlib.resources
import re

import ada_url

_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[.*\]|[0-9a-f]*:[0-9a-f:.]*", re.ASCII)
_PLAIN = re.compile(r"[a-z0-9_.-]+", re.ASCII)

_ICANN, _PRIVATE = 1, 2
_LABELS = 12  # the longest rule has 5 labels; what stands further left cannot change the answer


@functools.cache
def _rules() -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Read the list: plain rules, wildcards (without `*.`) and exceptions (without `!`), each with its section."""
    plain: dict[str, int] = {}
    wild: dict[str, int] = {}
    exceptions: dict[str, int] = {}
    section = _ICANN
    source = importlib.resources.files("publicsuffixlist").joinpath("public_suffix_list.dat")
    for line in source.read_text("utf-8").splitlines():
        rule = line.strip()
        if rule.startswith("// ===BEGIN PRIVATE"):
            section = _PRIVATE
        if not rule or rule.startswith("//"):
            continue
        table = plain
        if rule[0] == "!":
            table, rule = exceptions, rule[1:]
        elif rule.startswith("*."):
            table, rule = wild, rule[2:]
        table[rule if rule.isascii() else ascii_host(rule)] = section
    return plain, wild, exceptions


@functools.lru_cache(maxsize=65_536)
def ascii_host(host: str) -> str:
    """Give a host in lower-case A-label form (UTS 46), without a final dot; lower case alone if no browser takes it."""
    lower = host.strip().lower()
    while lower[-1:] == ".":
        lower = lower[:-1].rstrip()
    if _PLAIN.fullmatch(lower):
        return lower
    try:
        return str(ada_url.idna_to_ascii(lower).decode("ascii")) or lower
    except ValueError:
        return lower


@functools.lru_cache(maxsize=65_536)
def unicode_host(host: str) -> str:
    """Give a host as it is shown to people; a label that is not valid A-label form stays as it is."""
    name = ascii_host(host)
    if "xn--" not in name:
        return name
    try:
        return str(ada_url.idna_to_unicode(name)) or name
    except ValueError:
        return name


def is_address(host: str) -> bool:
    """Tell whether the host is an IP address: dotted IPv4, or IPv6 with or without brackets."""
    return _ADDRESS.fullmatch(host) is not None


@functools.lru_cache(maxsize=65_536)
def registrable(host: str, private: bool = True) -> str:
    """Give the registrable domain in A-label form, empty if there is none (publicsuffix.org/list, "Algorithm").

    With `private` false only the list's ICANN section counts.
    """
    name = ascii_host(host)
    if is_address(name) or name.startswith(".") or ".." in name:
        return ""
    plain, wild, exceptions = _rules()
    most = _PRIVATE if private else _ICANN
    labels = name.rsplit(".", _LABELS)[-_LABELS:]
    suffix = 1  # labels of the public suffix; 1 by the default rule `*`
    for length in range(len(labels), 0, -1):
        candidate = ".".join(labels[-length:])
        if exceptions.get(candidate, 9) <= most:
            suffix = length - 1
            break
        if plain.get(candidate, 9) <= most or wild.get(candidate.partition(".")[2], 9) <= most:
            suffix = length
            break
    return ".".join(labels[-suffix - 1 :]) if len(labels) > suffix else ""


@functools.lru_cache(maxsize=65_536)
def organisation(host: str) -> str:
    """Give the registrable domain of a host; tenants of shared hosting stand for themselves.

    IP addresses, single labels and public suffixes come back as they are, in lower case.
    """
    return registrable(host) or registrable(host, private=False) or ascii_host(host)


def is_listed(label: str) -> bool:
    """Tell whether a label is a top-level domain that the list knows."""
    plain, wild, _ = _rules()
    return label in plain or label in wild
