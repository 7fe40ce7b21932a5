"""MISP events as JSON: attributes, those of objects too, and the actors that galaxies, tags and attributes name.

An event's facts are said of every actor that it names: it does not tell them apart. What it links to is a report.
"""

import re
from collections.abc import Callable

from watchword.actors.reports import publisher, read_date
from watchword.actors.taken import Given, Taken, about
from watchword.actors.tree import Node, node, nodes, text
from watchword.actors.values import read_value
from watchword.tables import ActorFact

_GALAXIES = frozenset({"threat-actor", "mitre-intrusion-set", "microsoft-activity-group", "360net-threat-actor"})
_TAG = re.compile(r'misp-galaxy:([a-z0-9-]{1,60})="([^"]{1,300})"')
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_NUMBER = re.compile(r" - [A-Z]{1,2}\d{4}(?:\.\d{3})?$")
_SOFTWARE = ("malpedia", "mitre-malware", "mitre-tool", "tool", "rat", "backdoor", "stealer", "ransomware")
_ACTOR_TYPES = frozenset({"threat-actor", "campaign-name"})
_LINKS = frozenset({"link", "uri"})
_REPORTS = frozenset({"External analysis", "Internal reference"})
_VALUES = (
    "domain hostname url uri ip-src ip-dst email email-src email-dst email-reply-to md5 sha1 sha224 sha256 sha384 "
    "sha512 filename|md5 filename|sha1 filename|sha256 filename|sha512 domain|ip ip-src|port ip-dst|port hostname|port "
    "malware-sample whois-registrant-email phone-number btc xmr whois-registrant-phone email-attachment"
)
_TYPES = frozenset(_VALUES.split())


def events_in(tree: object) -> list[Node]:
    """Give the events of a file: one, a list of them, or what an API answered; none if it is something else."""
    if isinstance(tree, list):
        return [event for one in tree for event in events_in(one)][:10_000] if len(tree) < 100_000 else []
    found = node(tree)
    if isinstance(found.get("Event"), dict):
        return [node(found["Event"])]
    if "response" in found:
        answer = found["response"]
        held = node(answer).get("Attribute") if isinstance(answer, dict) else None
        return [node(answer)] if isinstance(held, list) else events_in(answer)
    return [found] if "Attribute" in found and ("info" in found or "uuid" in found) else []


def read_event(event: Node, place: str, source: str, given: Given) -> Taken:
    """Read one event."""
    taken = Taken(source, title=text(event, "info"), form="MISP event")
    said_by = text(node(event.get("Orgc")), "name") or text(node(event.get("Org")), "name") or given.publisher
    links = [text(one, "value") for one in _attributes(event) if _is_link(one)]
    said_by = publisher(links[0]) if said_by.upper() in ("", "CIRCL", "ORGNAME", "CUDESO") and links else said_by
    title = text(event, "info") or place
    reference = ", ".join([title, *links[:1]]) if links else f"{title}, MISP event {text(event, 'uuid')}"
    published = read_date(text(event, "date")) or given.published
    actors = _actors(event, taken, given)
    if not actors:
        actors = [taken.unnamed(title)]

    def facts(kind: str, value: str, by: str = said_by) -> list[ActorFact]:
        return [
            ActorFact(actor, kind, value[:2_000], by, reference[:2_000], published, given.grade) for actor in actors
        ]

    for link in links:
        taken.use(facts("report", link, by=publisher(link) or said_by))
    for attribute in _attributes(event):
        if not _is_link(attribute):
            _attribute(attribute, place, taken, facts)
    for name, value in _named(event):
        if name in _GALAXIES:
            taken.explain()  # they are the actors
        elif name.endswith("attack-pattern") and (number := _TECHNIQUE.search(value)):
            taken.use(facts("technique", number[0]))
        elif name.startswith(_SOFTWARE):
            taken.use(facts("software", _NUMBER.sub("", value)))
        elif name == "country":
            taken.use(facts("country-targeted", value))
        elif name in ("sector", "target-information"):
            taken.use(facts("target", value))
        else:
            taken.reject(place, f"{name}: {value}", "No kind of fact fits it.")
    return taken


def _attribute(attribute: Node, place: str, taken: Taken, facts: Callable[[str, str], list[ActorFact]]) -> None:
    kind, value = text(attribute, "type"), text(attribute, "value")
    where = f"{place}, attribute {text(attribute, 'uuid') or text(attribute, 'id')}"
    if attribute.get("deleted") is True or text(attribute, "deleted") == "1":
        taken.reject(where, value, "The event took it back.")
    elif kind in _ACTOR_TYPES:
        taken.explain()
    elif kind not in _TYPES:
        taken.reject(where, f"{kind}: {value}", "No kind of fact fits it.")
    elif kind == "email-dst":
        taken.reject(where, value, "Whom a mail was sent to is a target, not the attacker.")
    else:
        found = [one for part in value.split("|") if (one := read_value(part))]
        found = found[:1] if "port" in kind else found
        if found:
            taken.use([fact for one in found for fact in facts(*one)])
        else:
            taken.reject(where, f"{kind}: {value}", "It cannot be read as what it is said to be.")


def _attributes(event: Node) -> list[Node]:
    found = nodes(event.get("Attribute"))
    for one in nodes(event.get("Object")):
        found += nodes(one.get("Attribute"))
    return found


def _is_link(attribute: Node) -> bool:
    kind = text(attribute, "type")
    is_report = text(attribute, "category") in _REPORTS and attribute.get("to_ids") is not True
    return text(attribute, "value").startswith("http") and (kind in _LINKS or (kind == "url" and is_report))


def _named(event: Node) -> list[tuple[str, str]]:
    """Give what galaxies and tags of an event name, each once: sort and value."""
    found: dict[tuple[str, str], None] = {}
    for galaxy in nodes(event.get("Galaxy")):
        for cluster in nodes(galaxy.get("GalaxyCluster")):
            found[text(cluster, "type") or text(galaxy, "type"), text(cluster, "value")] = None
    for tag in nodes(event.get("Tag")):
        if named := _TAG.match(text(tag, "name")):
            found[named[1], named[2]] = None
    return list(found)


def _actors(event: Node, taken: Taken, given: Given) -> list[str]:
    abouts = {
        _NUMBER.sub("", text(cluster, "value")): about(text(cluster, "description"))
        for galaxy in nodes(event.get("Galaxy"))
        for cluster in nodes(galaxy.get("GalaxyCluster"))
    }
    names = [_NUMBER.sub("", value) for name, value in _named(event) if name in _GALAXIES]
    names += [text(one, "value") for one in _attributes(event) if text(one, "type") in _ACTOR_TYPES]
    names += [given.actor] if given.actor else []
    return [taken.actor(name, about=abouts.get(name, "")) for name in dict.fromkeys(names) if name]
