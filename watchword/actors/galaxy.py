"""MISP galaxy clusters of actors: names, synonyms, countries, victims, what they use, and what they resemble.

The galaxy says of an actor what reports it read; which of them says what, it does not keep. So its facts are the
galaxy's word, and the reports are listed by themselves (kind `report`).
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from watchword.actors.countries import country_code
from watchword.actors.reports import publisher
from watchword.actors.taken import Given, Taken, about
from watchword.actors.tree import Node, node, nodes, text, texts
from watchword.tables import ActorFact

LICENSED = ("malpedia", "tidal")  # not free for every use, whatever the galaxy says of itself
_SOURCES = {  # type of a cluster: `actors.source`, and whose word it is
    "threat-actor": ("misp-galaxy", "MISP galaxy"),
    "mitre-intrusion-set": ("mitre-attack", "MITRE"),
    "microsoft-activity-group": ("microsoft", "Microsoft"),
}
_RESEMBLES = frozenset({"similar", "overlaps", "related-to", "associated-with", "linked-to"})
_USES = frozenset({"uses", "deploys", "delivers"})
_LISTS = {  # of `meta`: kind of fact
    "cfr-suspected-victims": "country-targeted",
    "suspected-victims": "country-targeted",
    "cfr-target-category": "target",
    "target-category": "target",
    "targeted-sector": "target",
    "sector": "target",
    "victimology": "target",
    "spoken-language": "language",
    "refs": "report",
    "references": "report",
    "sources": "report",
    "synonyms": "alias",
}
_SPONSORS = ("country", "cfr-suspected-state-sponsor", "microsoft-origin-threat")
_MOTIVES = {"cybercrime": "criminal", "crime": "criminal", "financial": "criminal", "hacktivis": "activist"}


class Entry(NamedTuple):
    """What an id in a galaxy stands for."""

    kind: str  # actor, technique or software
    name: str


def is_galaxy(tree: object) -> bool:
    """Say whether JSON is a file of MISP galaxy clusters."""
    found = node(tree)
    return isinstance(found.get("values"), list) and bool(text(found, "type")) and "uuid" in found


def holds_actors(galaxy: Node) -> bool:
    """Say whether its clusters are actors."""
    return text(galaxy, "category").lower() == "actor" or text(galaxy, "type") in _SOURCES


def entries(galaxy: Node) -> dict[str, Entry]:
    """Give what the ids of a galaxy stand for, so that clusters of others can point there."""
    kind = text(galaxy, "type")
    sort = "actor" if holds_actors(galaxy) else "technique" if kind.endswith("attack-pattern") else ""
    sort = sort or ("software" if kind.endswith(("malware", "tool", "software")) else "")
    if not sort or kind.startswith(LICENSED):
        return {}
    found = {}
    for value in nodes(galaxy.get("values")):
        name = text(value, "value")
        number = text(node(value.get("meta")), "external_id")
        found[text(value, "uuid")] = Entry(sort, number if sort == "technique" else name.removesuffix(f" - {number}"))
    return found


def read_galaxy(galaxy: Node, place: str, source: str, given: Given, known: Mapping[str, Entry]) -> Taken:
    """Read one file of clusters; `known` says what ids of other files stand for."""
    kind = text(galaxy, "type")
    title = f"MISP galaxy {kind}, version {text(galaxy, 'version')}"
    source, said_by = _SOURCES.get(kind, (source, text(galaxy, "name") or text(galaxy, "source") or "MISP galaxy"))
    taken = Taken(source, title, "galaxy", version=f"0:{text(galaxy, 'version').zfill(8)}")
    taken.series = source if kind in _SOURCES else f"galaxy {kind}"
    if kind.startswith(LICENSED):
        taken.reject(place, kind, "Its licence does not allow every use; it is left out.")
        return taken
    if not holds_actors(galaxy):
        taken.reject(place, kind, "Its clusters are no actors.")
        return taken
    for number, value in enumerate(nodes(galaxy.get("values"))):
        _cluster(value, f"{place}, cluster {number}", taken, said_by, title, given.grade, known)
    return taken


def _cluster(
    value: Node, place: str, taken: Taken, said_by: str, title: str, grade: str, known: Mapping[str, Entry]
) -> None:
    name = text(value, "value")
    if not name:
        taken.reject(place, str(value)[:200], "It has no name.")
        return
    number = text(node(value.get("meta")), "external_id")
    name = name.removesuffix(f" - {number}")
    if value.get("revoked") is True:
        taken.reject(place, name, "Withdrawn by its publisher.")
        return
    meta = node(value.get("meta"))
    page = f"https://attack.mitre.org/groups/{number}" if number.startswith("G") else ""
    reference = f"{title}: {name}" + (f", {page}" if page else "")
    actor = taken.actor(name, about=about(text(value, "description")), kind=_kind(meta))

    def fact(kind: str, what: str, more: str = "") -> ActorFact:
        return ActorFact(actor, kind, what[:2_000], said_by, reference + more, None, grade)

    if number:
        taken.use([fact("alias", number)])  # G0059 is a name, too
    else:
        taken.explain()  # the name itself is in `actors`
    for key, held in meta.items():
        if key == "external_id":
            continue
        _meta(key, texts(meta, key), (name, number), place, taken, fact)
        if held and not texts(meta, key):
            taken.reject(place, f"{key}: {held}"[:200], "It is no text.")
    for link in nodes(value.get("related")):
        how, towards = text(link, "type"), known.get(text(link, "dest-uuid"))
        likely = _likelihood(texts(link, "tags"))
        if towards is None:
            taken.reject(place, f"{how} {text(link, 'dest-uuid')}", "What it points to is in no galaxy at hand.")
        elif towards.kind == "actor" and (how in _RESEMBLES or how in _USES):
            taken.use([fact("similar", towards.name, f" ({likely})" if likely else "")])
        elif towards.kind == "actor" and how == "part-of":
            taken.use([fact("part-of", towards.name)])
        elif towards.kind != "actor" and how in _USES:
            taken.use([fact(towards.kind, towards.name)])
        elif towards.kind == "software" and how in _RESEMBLES:
            taken.use([fact("software", towards.name, f" ({how})")])
        else:
            taken.reject(place, f"{how} {towards.name}", "No kind of fact fits it.")


class _Facts(Protocol):
    def __call__(self, kind: str, what: str, more: str = "") -> ActorFact: ...


def _meta(key: str, held: list[str], names: tuple[str, str], place: str, taken: Taken, fact: _Facts) -> None:
    for one in held:
        if key in _SPONSORS and one.lower() != "unknown":
            taken.use([fact("country", country_code(part) or part) for part in _parts(one)])
        elif _LISTS.get(key) == "country-targeted":
            code = country_code(one)
            taken.use([fact("country-targeted" if code else "target", code or one)])
        elif key == "synonyms" and one in names:
            taken.explain()
        elif key in _LISTS:
            more = f" names a report of {publisher(one)}" if _LISTS[key] == "report" and publisher(one) else ""
            taken.use([fact(_LISTS[key], one, more)])
        elif key == "motive":
            taken.explain()  # it is in `actors.kind`
        else:
            taken.reject(place, f"{key}: {one}", "No kind of fact fits it.")


def _parts(sponsor: str) -> list[str]:
    """Tell sponsors apart that stand in one field, as `Russia, GRU`; a name with brackets is one."""
    whole = country_code(sponsor)
    return [sponsor] if whole else [part.strip() for part in sponsor.split(",") if part.strip()] or [sponsor]


def _kind(meta: Node) -> str:
    motive = text(meta, "motive").lower()
    for begins, kind in _MOTIVES.items():
        if begins in motive:
            return kind
    sponsor = text(meta, "cfr-suspected-state-sponsor").lower()
    return "state" if sponsor and sponsor != "unknown" else "unknown"


def _likelihood(tags: list[str]) -> str:
    for tag in tags:
        if tag.startswith("estimative-language:likelihood-probability="):
            return tag.partition("=")[2].strip('"').replace("-", " ")
    return ""
