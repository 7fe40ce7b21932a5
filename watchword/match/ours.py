"""What is ours, our correspondents' or everybody's, and so never compared: asked of each value that might be."""

import base64
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import ahocorasick

from watchword.case import Case
from watchword.engine import Connection
from watchword.observe.domain import organisation
from watchword.observe.known import hosting

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_NAMED = ("handle", "page", "pixel", "tracking")  # may bear a name, beside addresses and hosts
SHORTEST = 3  # letters of a first or last name that is looked for


@dataclass(frozen=True, slots=True)
class About:
    """What is known of one value: why it is not offered, and what makes it easier to guess."""

    reason: str = ""
    liftable: bool = False
    freemail: bool = False
    lookalike: bool = False


@dataclass(frozen=True, slots=True)
class _Domain:
    """What the case knows of one registrable domain."""

    popular: bool
    anybody: bool  # free or disposable mail, mailing service
    identity: str
    lookalike: bool


class Ours:
    """The addresses, names and domains that must not leave, and what is known of the domains among the values."""

    def __init__(self, case: Case, connection: Connection, values: Sequence[str]) -> None:
        """Ask the tables of the case. `values` are those that will be asked about."""
        self._own = _column(
            connection, "select address from owner_addresses union select address from addresses where is_owner"
        )
        # An address of which the case has nothing but attacks is no correspondent's, though an owner answered to it.
        attackers = (
            "select from_address from message_facts group by from_address "
            "having bool_and(message in (select message from members))"
        )
        whose = f"from addresses where protected and not is_owner and address {{}} in ({attackers})"
        self._correspondents = _column(connection, f"select address {whose.format('not')}")
        self._answered = _column(connection, f"select address {whose.format('')}")
        self._homes = {organisation(address.rpartition("@")[2]) for address in self._correspondents}
        self._recipients = _column(connection, "select distinct address from recipients where address <> ''")
        self._people = _column(
            connection,
            f"select person from addresses where is_owner and person <> '' union select person {whose.format('not')} "
            "and person <> ''",
        )
        self._names = _automaton(self._people)
        known = hosting(case.knowledge)
        self._shared = known.shared_hosting | known.file_hosts | known.shorteners | known.bulk_mailers
        self._shared |= known.click_trackers | _column(connection, "select host from hosts where is_shortener")
        self._freemail = known.freemail
        homes = {organisation(address.rpartition("@")[2]) for address in self._own}
        self._own_domains = (homes - self._freemail - {""}) | set(case.own_domains)
        self._domains = _domains(connection, {organisation(host) for value in values for host in _hosts(value)})

    def about(self, sort: str, value: str) -> About:
        """Say whether a value may be offered, as far as it depends on whose it is."""
        if self._is_own(value):
            return About("It is ours, or names a person or domain of ours.")
        if sort == "name":
            return About("It is the name of one of us or of a correspondent.") if value in self._people else About()
        if sort == "address":
            return self._about_address(value)
        if sort in ("domain", "machine", "signer"):
            return self._about_host(value)
        return self._about_name(value) if sort in _NAMED else About()

    def _is_own(self, value: str) -> bool:
        """Look for our addresses and domains in a value, also where it is encoded, as in links made for one reader."""
        for text in _readings(value):
            for address in _ADDRESS.findall(text):
                if address in self._own or self._is_own_domain(address.rpartition("@")[2]):
                    return True
        return any(self._is_own_domain(host) for host in _hosts(value))

    def _is_own_domain(self, host: str) -> bool:
        labels = host.lower().strip(".").split(".")
        return any(".".join(labels[at:]) in self._own_domains for at in range(len(labels)))

    def _about_address(self, value: str) -> About:
        local, _, host = value.rpartition("@")
        if value in self._correspondents:
            return About("It may be a correspondent's: an owner wrote to it, or it wrote on three days.", True)
        if value in self._answered:
            return About(
                "An owner wrote to it, or it wrote on three days. As all its messages here are in operations, it may "
                "be an attacker's all the same.",
                True,
            )
        if value in self._recipients:
            return About("It stands among the recipients of a message.", True)
        domain = self._domains.get(organisation(host), _UNKNOWN)
        freemail = domain.anybody or organisation(host) in self._freemail
        if not freemail and (domain.identity or domain.popular or organisation(host) in self._homes):
            return About("It is an address of a known organisation, and may be its person's.", True)
        named = self._about_name(local)
        return named if named.reason else About(freemail=freemail, lookalike=domain.lookalike)

    def _about_host(self, value: str) -> About:
        host = next(_hosts(value), "")
        name = organisation(host)
        domain = self._domains.get(name, _UNKNOWN)
        if domain.identity:
            return About("It is the own domain of a known institution or service.")
        if domain.anybody or name in self._freemail:
            return About("Anybody can have an address there.")
        if host in self._shared:
            return About("Anybody can put something there.")
        if domain.popular:
            return About("It is among the million domains that are used most: anybody would try it.", True)
        if name in self._homes:
            return About("It is a domain of correspondents.", True)
        named = self._about_name(name.partition(".")[0])
        return named if named.reason else About(lookalike=domain.lookalike)

    def _about_name(self, text: str) -> About:
        """Say whether a text bears the name of one of us or of a correspondent: a list of staff would find it."""
        letters = "".join(letter for letter in text.lower() if letter.isalpha())
        if self._names is not None and next(self._names.iter(letters), None) is not None:
            return About("It bears the name of one of us or of a correspondent.", True)
        return About()


_UNKNOWN = _Domain(popular=False, anybody=False, identity="", lookalike=False)


def _column(connection: Connection, query: str) -> frozenset[str]:
    return frozenset(value for (value,) in connection.execute(query).fetchall())


def _domains(connection: Connection, names: Collection[str]) -> dict[str, _Domain]:
    rows = connection.execute(
        """
        select organisation, popularity is not null, is_freemail or is_disposable or is_bulk_mailer, identity,
            lookalike_of <> '' or misspells <> '' or len(service_words) > 0
        from domains where list_contains(?, organisation)
        """,
        [sorted(names)],
    ).fetchall()
    return {name: _Domain(*rest) for name, *rest in rows}


def _automaton(people: Iterable[str]) -> "ahocorasick.Automaton | None":
    """Find two words of a name written together, in any order: `anaruiz`, `ruizana`."""
    found = ahocorasick.Automaton()
    for person in people:
        words = ["".join(letter for letter in word if letter.isalpha()) for word in person.lower().split()]
        for first, last in itertools.permutations([word for word in words if len(word) >= SHORTEST][:4], 2):
            found.add_word(first + last, True)
    found.make_automaton()
    return found if len(found) else None


def _hosts(value: str) -> Iterator[str]:
    """Give the host that a value is, or holds at a place that is fixed."""
    rest = value.rpartition("._domainkey.")[2].rpartition("@")[2].partition("/")[0].lower()
    if "." in rest and " " not in rest:
        yield rest


def _readings(value: str) -> Iterator[str]:
    """Give a value as it stands, with %41 read, and what its pieces are in base64 and hexadecimal."""
    plain = unquote(value)
    yield plain.lower()
    for piece in _BASE64.findall(plain):
        standard = piece.replace("-", "+").replace("_", "/")
        for start in range(4):  # it may follow upon other letters
            whole = standard[start : start + (len(standard) - start) // 4 * 4]
            yield base64.b64decode(whole).decode("latin-1").lower()
        rest = standard[len(standard) // 4 * 4 :]
        if len(rest) > 1:  # written without its padding
            yield base64.b64decode(standard + "=" * (4 - len(rest))).decode("latin-1").lower()
    for piece in _HEXADECIMAL.findall(plain):
        yield bytes.fromhex(piece).decode("latin-1").lower()
