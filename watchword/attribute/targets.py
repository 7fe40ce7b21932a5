"""To which group of people the owners of mailboxes belong, and which groups reports say that an actor aims at."""

import functools
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from watchword.engine import Connection
from watchword.errors import WatchwordError


@dataclass(frozen=True, slots=True)
class Group:
    """One group of people."""

    name: str
    said: re.Pattern[str]
    domains: re.Pattern[str]
    identities: frozenset[str]


@functools.cache
def groups() -> tuple[Group, ...]:
    """Read the groups that are shipped."""
    content = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("targets.toml").read_text("utf-8"))
    return tuple(
        Group(name, re.compile(one["said"]), re.compile(one["domains"]), frozenset(one["identities"]))
        for name, one in content.items()
        if name != "source"
    )


def groups_said(target: str) -> list[str]:
    """Give the groups that a report means by such a target."""
    text = target.lower()[:300]
    return [group.name for group in groups() if group.said.search(text)]


def groups_of(organisation: str, identity: str) -> list[str]:
    """Give the groups that an owner's registrable domain belongs to; `identity` is the kind of a known one."""
    name = organisation.lower()[:253]
    return [one.name for one in groups() if identity in one.identities or one.domains.search(name)]


def owner_groups(connection: Connection, own: Path) -> list[tuple[str, str]]:
    """Give the groups of each owner whose mailbox an operation reached; what the case says of people comes first."""
    people = _said_here(own / "targets.toml")
    found: list[tuple[str, str]] = []
    for owner, organisation, identity in connection.execute(
        """select distinct owner, coalesce(addresses.organisation, ''), coalesce(identities.kind, '')
        from members left join addresses on addresses.address = members.owner
        left join domains on domains.organisation = addresses.organisation and not coalesce(is_freemail, false)
        left join identities on identities.id = nullif(domains.identity, '')
        order by all"""
    ).fetchall():
        said = people.get(owner.lower())
        found += [(owner, group) for group in ([said] if said else groups_of(organisation, identity))]
    return sorted(set(found))


def _said_here(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    known = [group.name for group in groups()]
    try:
        people = tomllib.loads(file.read_text("utf-8")).get("people", {})
        found = {str(address).lower(): str(group) for address, group in people.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise WatchwordError(f"{file} cannot be read: {error}.", do="Mend that line.") from None
    return _checked(found, known, file)


def _checked(found: dict[str, str], known: Iterable[str], file: Path) -> dict[str, str]:
    for address, group in found.items():
        if group not in known:
            raise WatchwordError(f"{file}: {address} is in no group {group}.", do=f"There are {', '.join(known)}.")
    return found
