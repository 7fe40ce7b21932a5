"""STIX patterns: the values that simple comparisons name. What matches by likeness or excludes names none."""

import re

from watchword.actors.values import read_value

LENGTH = 100_000  # characters of one pattern
_COMPARISON = re.compile(
    r"(?P<path>[a-z0-9-]+:[A-Za-z0-9_.'\"\[\]*-]+?)\s*(?P<not>NOT\s+)?"
    r"(?P<how>!=|<>|<=|>=|=|<|>|IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET)\s*"
    r"(?P<value>\(\s*'(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')*\s*\)|'(?:[^'\\]|\\.)*'|[\w.+-]+)"
)
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_ESCAPED = re.compile(r"\\(.)")
_PATHS = re.compile(
    r"(?:domain-name|url|ipv4-addr|ipv6-addr|email-addr):value|file:hashes\..+|artifact:hashes\..+|"
    r"network-traffic:(?:dst|src)_(?:ref\.value|ip)|email-message:(?:from|sender)_ref\.value|"
    r"file:content_ref\.hashes\..+|x-phone-number:value"
)


def read_pattern(pattern: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Give kind and value of what a pattern names, and its comparisons that name nothing of use."""
    found: dict[tuple[str, str], None] = {}
    left = []
    for one in _COMPARISON.finditer(pattern[:LENGTH]):
        values = [_ESCAPED.sub(r"\1", text) for text in _TEXT.findall(one["value"])]
        is_plain = one["how"] in ("=", "IN", "ISSUBSET") and not one["not"]
        read = [value for text in values if (value := read_value(text))] if is_plain else []
        if read and _PATHS.fullmatch(one["path"]):
            found |= dict.fromkeys(read)
        else:
            left.append(one[0])
    return list(found), left
