"""The files of an import told apart by content, and each handed to who reads it.

JSON: a STIX bundle or object, MISP galaxy clusters, MISP events. Else: a list with `# Reference:` blocks, a list with
one indicator in each line, or a CSV. What is none of these is rejected as a whole, by name.
"""

from collections.abc import Callable, Iterable

from watchword.actors import wheel
from watchword.actors.galaxy import Entry, entries, is_galaxy, read_galaxy
from watchword.actors.members import Member
from watchword.actors.misp import events_in, read_event
from watchword.actors.sheet import is_sheet, read_sheet
from watchword.actors.stix import Bundle, is_stix
from watchword.actors.taken import Given, Taken
from watchword.actors.trails import is_list, read_list
from watchword.actors.tree import Node, node, read_json
from watchword.errors import WatchwordError


def read(
    files: Iterable[Member], source: str, given: Given, advance: Callable[[int], None] = lambda amount: None
) -> list[Taken]:
    """Read the files of one import. What belongs to a series of its own, as ATT&CK, is given by itself."""
    plain = Taken(source)
    bundle = Bundle(source, given)
    galaxies: list[tuple[str, Node]] = []
    forms: set[str] = set()
    for member in files:
        advance(len(member.data))
        if member.problem:
            plain.reject(member.name, "", f"It could not be read: {member.problem}.")
            continue
        try:
            form = _member(member, plain, bundle, galaxies, given)
        except (WatchwordError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            # What somebody else wrote must not keep the rest of it out, nor the case from being opened.
            plain.reject(member.name, "", f"It could not be read: {error!s:.200}")
            continue
        if form:
            forms.add(form)
    taken = []
    known = dict(_known(galaxies)) if galaxies else {}
    for place, galaxy in galaxies:
        one = read_galaxy(galaxy, place, source, given, known)
        if one.actors and one.series:
            taken.append(one)
        else:
            plain.join(one)
    if not bundle.is_empty:
        one = bundle.read()
        if one.series:
            taken.append(one)
        else:
            plain.join(one)
            plain.title = plain.title or one.title
    plain.form = " and ".join(sorted(forms - {""})) or "unknown"
    if plain.items or not taken:
        taken.insert(0, plain)
    return taken


def _member(member: Member, plain: Taken, bundle: Bundle, galaxies: list[tuple[str, Node]], given: Given) -> str:
    """Read one file; give its form, empty if it has none that is known."""
    if member.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        tree = _json(member, plain)
        return _tree(tree, member, plain, bundle, galaxies, given) if tree is not None else ""
    if found := _text(member, plain.source, given):
        plain.join(found)
        return found.form
    plain.reject(member.name, "", "It is no list of indicators and no knowledge of actors that is known here.")
    return ""


def _json(member: Member, plain: Taken) -> object:
    try:
        return read_json(member.data, member.name)
    except WatchwordError as error:
        plain.reject(member.name, "", str(error))
        return None


def _tree(
    tree: object,
    member: Member,
    plain: Taken,
    bundle: Bundle,
    galaxies: list[tuple[str, Node]],
    given: Given,
) -> str:
    if is_stix(tree):
        bundle.add(tree, member.name)
        return "STIX"
    if is_galaxy(tree):
        galaxies.append((member.name, node(tree)))
        return "MISP galaxy"
    if events := events_in(tree):
        for number, event in enumerate(events):
            place = f"{member.name}, event {number}" if len(events) > 1 else member.name
            plain.join(read_event(event, place, plain.source, given))
        return "MISP event"
    plain.reject(member.name, "", "It is JSON, but no STIX, MISP event or MISP galaxy.")
    return ""


def _text(member: Member, source: str, given: Given) -> Taken | None:
    data = member.data
    if b"\0" in data[:4_000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = data.decode(encoding, "replace")
    if is_list(text):
        return read_list(text, member.name, source, given)
    if is_sheet(text, given):
        return read_sheet(text, member.name, source, given)
    return None


def _known(galaxies: list[tuple[str, Node]]) -> Iterable[tuple[str, Entry]]:
    yield from wheel.known().items()
    for _, galaxy in galaxies:
        yield from entries(galaxy).items()
