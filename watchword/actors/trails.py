"""Lists with one indicator in each line, as maltrail has them: `# Reference:` blocks, `# Aliases:`, one file an actor.

The references above a block are its source: of several the first that is dated and shows more than one sample.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from watchword.actors.reports import Report, report
from watchword.actors.taken import Given, Taken
from watchword.actors.values import read_value
from watchword.tables import ActorFact

_REFERENCE = re.compile(r"#\s*(?:Refer\w{1,8}|Source|Ref)\s*:\s*(.+)", re.IGNORECASE)
_ALIASES = re.compile(r"#\s*(?:Aliases|Alias|AKA)\s*:\s*(.+)", re.IGNORECASE)
_MALTRAIL = re.compile(r"#.{0,60}Maltrail developers", re.IGNORECASE)
_COMMENT = re.compile(r"\s+(?:#|//|;).*$")
_PREFIX = re.compile(r"^apt[_-]")
_SAMPLE = 200  # lines that are looked at


def is_list(text: str) -> bool:
    """Say whether most lines hold one indicator each, and nothing else."""
    lines = [line.strip() for line in text[:200_000].splitlines()]
    if any(_REFERENCE.match(line) or _ALIASES.match(line) for line in lines[:500]):
        return True
    told = [_COMMENT.sub("", line) for line in lines if line and not line.startswith(("#", "//", ";"))][:_SAMPLE]
    if not told:
        return False
    return sum(read_value(line) is not None for line in told) > len(told) / 2


def read_list(text: str, place: str, source: str, given: Given) -> Taken:
    """Read one list. Its actor is who the user says, else who the file is named after where it names aliases."""
    is_maltrail = bool(_MALTRAIL.search(text[:2_000]))
    taken = Taken(source, form="list")
    own = Report(given.publisher or ("maltrail" if is_maltrail else ""), PurePosixPath(place).name, given.published)
    lines = text.splitlines()
    named = given.actor or _named(place, lines, is_maltrail)
    actor = taken.actor(named) if named else taken.unnamed(place)
    block: list[Report] = []
    told = own
    open_block = False  # references follow each other until an indicator comes
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line:
            continue
        where = f"{place}, line {number}"
        if line.startswith(("#", "//", ";")):
            if found := _ALIASES.match(line):
                for alias in filter(None, (one.strip() for one in found[1].split(","))):
                    taken.use(
                        [ActorFact(actor, "alias", alias, own.said_by, own.reference, own.published, given.grade)]
                    )
            elif found := _REFERENCE.match(line):
                if not open_block:
                    block, open_block = [], True
                block.append(report(found[1].strip()))
                told = _chosen(block, own)
                one = block[-1]
                taken.use(
                    [ActorFact(actor, "report", one.reference, one.said_by, own.reference, one.published, given.grade)]
                )
            continue
        open_block = False
        if (value := read_value(line)) is None and (value := read_value(_COMMENT.sub("", line))) is None:
            taken.reject(where, line, _why(line))
            continue
        taken.use([ActorFact(actor, *value, told.said_by, told.reference, told.published, given.grade)])
    return taken


def _named(place: str, lines: Sequence[str], is_maltrail: bool) -> str:
    if is_maltrail or any(_ALIASES.match(line) for line in lines[:50]):
        return _PREFIX.sub("", PurePosixPath(place).stem)
    return ""


def _chosen(block: Sequence[Report], own: Report) -> Report:
    reports = [one for one in block if not one.is_sandbox] or list(block)
    chosen = next((one for one in reports if one.published), reports[0])
    more = f" (and {len(block) - 1} more in that block)" if len(block) > 1 else ""
    published = chosen.published or own.published
    said_by = "" if chosen.is_sandbox else chosen.said_by  # that a sample did so is the list's own word
    return Report(said_by or own.said_by, chosen.reference + more, published)


def _why(line: str) -> str:
    if line.startswith("/"):
        return "A path without a host could be anybody's."
    return "It is no address, domain, host, page or hash that others could reach or hold."
