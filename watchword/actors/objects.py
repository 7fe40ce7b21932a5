"""STIX objects, 2.0 and 2.1, cut down to what knowledge of actors needs: bundles of them are big."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from watchword.actors.reports import read_date
from watchword.actors.taken import about
from watchword.actors.tree import Node, node, nodes, text, texts

ACTORS = ("intrusion-set", "threat-actor", "campaign")
SOFTWARE = ("malware", "tool")
OBSERVED = ("domain-name", "url", "ipv4-addr", "ipv6-addr", "email-addr", "file", "artifact")
_TYPES = frozenset({*ACTORS, *SOFTWARE, *OBSERVED, "relationship", "indicator", "attack-pattern", "identity", "report"})
_KINDS = {
    "nation-state": "state", "government": "state", "spy": "state", "crime-syndicate": "criminal",
    "criminal": "criminal", "activist": "activist", "hacktivist": "activist",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cited:
    """One external reference."""

    name: str
    number: str  # external_id
    address: str
    words: str


@dataclass(slots=True)
class Thing:
    """One object."""

    id: str
    type: str
    place: str
    name: str
    names: tuple[str, ...]  # aliases
    about: str
    kind: str
    created: datetime | None
    modified: str
    published: datetime | None
    by: str  # created_by_ref
    withdrawn: bool
    cited: tuple[Cited, ...]
    relation: str
    source: str
    target: str
    pattern: str
    refs: tuple[str, ...]  # object_refs
    values: tuple[str, ...]  # of what was observed
    labels: tuple[str, ...]


def is_stix(tree: object) -> bool:
    """Say whether JSON is a STIX bundle, one object, or a list of objects."""
    first = nodes(tree)[:1]
    return bool(first) and "--" in text(first[0], "id") and text(first[0], "id").startswith(text(first[0], "type"))


def things_in(tree: object, place: str) -> Iterator[Thing]:
    """Give the objects of a file, those in bundles of bundles too, but no deeper."""
    for one in nodes(tree):
        if text(one, "type") == "bundle":
            for inner in nodes(one.get("objects")):
                yield _thing(inner, place)
        else:
            yield _thing(one, place)


def _thing(one: Node, place: str) -> Thing:
    kind = text(one, "type")
    is_wanted = kind in _TYPES
    actor = kind in ACTORS
    refs = nodes(one.get("external_references")) if is_wanted else []
    labels = texts(one, "threat_actor_types") + texts(one, "labels") + texts(one, "indicator_types")
    motives = [text(one, "resource_level"), text(one, "primary_motivation"), *labels]
    return Thing(
        id=text(one, "id"),
        type=kind,
        place=place,
        name=text(one, "name"),
        names=tuple(texts(one, "aliases")) if actor else (),
        about=about(text(one, "description")) if actor else "",
        kind=next((_KINDS[motive] for motive in motives if motive in _KINDS), "unknown") if actor else "",
        created=read_date(text(one, "created")),
        modified=text(one, "modified"),
        published=read_date(text(one, "published")) or read_date(text(one, "valid_from")),
        by=text(one, "created_by_ref"),
        withdrawn=one.get("revoked") is True or one.get("x_mitre_deprecated") is True,
        cited=tuple(
            Cited(text(ref, "source_name"), text(ref, "external_id"), text(ref, "url"), text(ref, "description"))
            for ref in (refs if kind not in ("attack-pattern", *SOFTWARE) else refs[:1])
        ),
        relation=text(one, "relationship_type"),
        source=text(one, "source_ref"),
        target=text(one, "target_ref"),
        pattern=text(one, "pattern") if text(one, "pattern_type") in ("", "stix") else "",
        refs=tuple(texts(one, "object_refs")),
        values=tuple(_observed(one)),
        labels=tuple(labels),
    )


def _observed(one: Node) -> list[str]:
    """Give the values that an observed object holds; observed data of STIX 2.0 holds them within it."""
    kind = text(one, "type")
    if kind == "observed-data":
        return [value for inner in nodes(list(node(one.get("objects")).values())) for value in _observed(inner)]
    if kind in ("file", "artifact"):
        hashes = node(one.get("hashes"))
        return [text(hashes, name) for name in hashes if name.upper() in ("MD5", "SHA-1", "SHA-256", "SHA-512")]
    return [text(one, "value")] if kind in OBSERVED else []
