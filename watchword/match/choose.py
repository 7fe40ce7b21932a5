"""Which items of a case may be compared: values of attacks alone, hard to guess, and nobody's of ours.

Every item stands on a message that the case holds, in an operation, judged to be an attack or said so by a person. What
is refused is told with its reason; some refusals a person may lift, value by value, and none where it is ours.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from watchword.case import Case
from watchword.engine import Connection
from watchword.errors import WatchwordError
from watchword.match.exchange import Item
from watchword.match.guess import Rule, guesses, rules
from watchword.match.ours import Ours

_CANDIDATES = """
    with attacks as (
        select distinct members.message, operations.operation, operations.number
        from members join operations using (operation) join verdicts using (message) join places using (message)
        where verdicts.tier in ('attack', 'suspicious', 'malicious')
            or (members.role = 'decided' and verdicts.tier not in ('harmless', 'unsure'))
    )
    select kind, value, max(bits), max(hub), list_sort(list(distinct operation)),
        list_sort(list(distinct number)), list_sort(list(distinct message))
    from traces join attacks using (message)
    where value <> ''
    group by kind, value order by kind, value
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One item that may be compared, or would be."""

    sort: Annotated[str, "sort of thing, of `items.toml`; two with a plus are offered together"]
    value: Annotated[str, "the value, lower case where case says nothing"]
    kinds: Annotated[list[str], "traces.kind: where it was seen"]
    bits: Annotated[float, "what a shared value weighs by chance"]
    guesses: Annotated[
        float | None, "bits that guessing it takes; None where it is made of something that one must hold"
    ]
    operations: Annotated[list[str], "operations.operation that have it"]
    numbers: Annotated[list[int], "their numbers"]
    messages: Annotated[list[str], "messages that it stands on"]

    @property
    def item(self) -> Item:
        """What the protocol compares."""
        return Item(self.sort, self.value)


@dataclass(frozen=True, slots=True)
class Refused:
    """One value that is not offered, and why."""

    kind: str
    value: str
    reason: str
    liftable: bool  # a person may offer it all the same
    guesses: float | None = None  # bits that guessing it takes, where that is known


@dataclass(frozen=True, slots=True)
class Choice:
    """What is offered and what is refused."""

    items: list[Chosen]
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One value of one kind, as it stands in the attacks of a case."""

    kind: str
    value: str
    bits: float
    hub: str
    operations: list[str]
    numbers: list[int]
    messages: list[str]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Why a value is refused, empty if it is not."""

    reason: str = ""
    liftable: bool = False
    easy: bool = False  # refused only because it can be guessed: it may be offered together with another
    guesses: float | None = None


def choose(
    case: Case, connection: Connection, also: Collection[str] = (), without: Collection[str] = (), most: int = 0
) -> Choice:
    """Choose what may be compared. Raises WatchwordError for a name in `also` or `without` that names nothing.

    `also` are values whose refusal the user lifts, `without` kinds or sorts that he leaves out, and of more than
    `most` items, those that weigh most are taken.
    """
    known = rules()
    sorts = {rule.sort for rule in known.kinds.values()}
    if wrong := sorted(set(without) - sorts - known.kinds.keys()):
        raise WatchwordError(
            f"--without {wrong[0]} is no kind of item.",
            do=f"There are {', '.join(sorted(sorts | known.kinds.keys()))}.",
        )
    candidates = list(_candidates(connection))
    ours = Ours(case, connection, [one.value for one in candidates])
    lifted = {_plain(value) for value in also}
    items: list[tuple[Rule, _Candidate, float | None]] = []
    refused: list[Refused] = []
    parts: list[_Candidate] = []  # what may be offered only together
    for one in candidates:
        rule = known.kinds.get(one.kind)
        judged = _judged(rule, one, ours)
        if rule and (one.kind in without or rule.sort in without):
            judged = _Judged("Left out by --without.")
        elif rule and judged.liftable and _plain(one.value) in lifted:
            judged = _Judged(guesses=judged.guesses)
        if rule and not judged.reason:
            items.append((rule, one, judged.guesses))
            continue
        refused.append(Refused(one.kind, one.value, judged.reason, judged.liftable, judged.guesses))
        if judged.easy:
            parts.append(one)
    liftables = {_plain(one.value) for one in refused if one.liftable} | {_plain(one.value) for _, one, _ in items}
    if missing := sorted(lifted - liftables):
        raise WatchwordError(
            f"--also {missing[0]} names nothing that was refused and may be offered.",
            do="`watchword match offer --dry-run --list` shows every value with its reason.",
        )
    chosen = [*_merged(items), *_joined(parts, known.guesses, known.bits)]
    chosen.sort(key=lambda one: (-one.bits, one.sort, one.value))
    if most and len(chosen) > most:
        refused += [
            Refused(one.kinds[0], one.value, "More than one comparison takes: others weigh more.", False)
            for one in chosen[most:]
        ]
    chosen = chosen[: most or None]
    return Choice(sorted(chosen, key=lambda one: (one.sort, one.value)), refused)


def holders(connection: Connection, items: Collection[Item]) -> dict[Item, list[tuple[str, str]]]:
    """Say of items in which kinds and operations the case has them now: (kind, operation) of each."""
    kinds = rules().kinds
    candidates = [one for one in _candidates(connection) if one.kind in kinds]
    found: dict[Item, list[tuple[str, str]]] = defaultdict(list)
    for one in candidates:
        item = Item(kinds[one.kind].sort, one.value)
        if item in items:
            found[item] += [(one.kind, operation) for operation in one.operations]
    for joined in _joined(candidates, 0, 0):
        if joined.item in items:
            found[joined.item] += [(" + ".join(joined.kinds), operation) for operation in joined.operations]
    return found


def _candidates(connection: Connection) -> Iterator[_Candidate]:
    # Case of letters says something in paths, keys and wallets, and nothing elsewhere.
    for kind, value, *rest in connection.execute(_CANDIDATES).fetchall():
        rule = rules().kinds.get(kind)
        yield _Candidate(kind, _plain(value) if rule and rule.sort in _CASELESS else value, *rest)


_CASELESS = frozenset(("address", "domain", "ip", "name", "machine", "handle", "phone"))


def _plain(value: str) -> str:
    return value.strip().lower()


def _judged(rule: Rule | None, one: _Candidate, ours: Ours) -> _Judged:
    """Say why a value is refused, if it is, and what guessing it takes."""
    if rule is None:
        return _Judged("No rule says that this kind may be offered.")
    if rule.offered == "never":
        return _Judged(rule.because)
    if one.hub:
        return _Judged(f"Shared by many: {one.hub}.")
    about = ours.about(rule.sort, one.value)
    if about.reason:
        return _Judged(about.reason, about.liftable)
    takes = None
    if rule.offered != "made":
        takes = guesses(rule.sort, one.value, freemail=about.freemail, lookalike=about.lookalike)
    if rule.offered == "joined":  # what it weighs alone does not matter
        return _Judged(rule.because, easy=True, guesses=takes)
    least, light = rules().guesses, one.bits < rule.bits
    if rule.offered == "measured" and takes is not None and takes < least:
        few = f"Can be guessed: it takes fewer than 2^{least:.0f} guesses. {rule.because}"
        return _Judged(few, liftable=not light, easy=True, guesses=takes)
    if light:
        return _Judged("Too many have it by chance: it weighs too little.", guesses=takes)
    return _Judged(guesses=takes)


def _merged(items: Sequence[tuple[Rule, _Candidate, float | None]]) -> Iterator[Chosen]:
    """Make one item of the same value in several kinds of one sort."""
    by_item: dict[Item, list[tuple[_Candidate, float | None]]] = defaultdict(list)
    for rule, one, takes in items:
        by_item[Item(rule.sort, one.value)].append((one, takes))
    for item, found in by_item.items():
        yield _chosen(item, [one for one, _ in found], found[0][1], max(one.bits for one, _ in found))


def _joined(parts: Sequence[_Candidate], least: float, bits: float) -> Iterator[Chosen]:
    """Join values of one message that are easily guessed alone, where both take `least` guesses and weigh `bits`."""
    kinds = rules().kinds
    by_kind: dict[str, list[_Candidate]] = defaultdict(list)
    for one in parts:
        by_kind[one.kind].append(one)
    for left_kind, right_kind in rules().joins:
        at: dict[str, list[_Candidate]] = defaultdict(list)
        for one in by_kind[right_kind]:
            for message in one.messages:
                at[message].append(one)
        for left in by_kind[left_kind]:
            seen = {one.value: one for message in left.messages for one in at.get(message, ())}
            for right in seen.values():
                sorts = kinds[left_kind].sort, kinds[right_kind].sort
                takes = guesses(sorts[0], left.value) + guesses(sorts[1], right.value)
                if takes < least or left.bits + right.bits < bits:
                    continue
                together = set(left.messages) & set(right.messages)
                both = _Candidate(
                    left_kind,
                    left.value,
                    left.bits + right.bits,
                    "",
                    sorted(set(left.operations) & set(right.operations)),
                    sorted(set(left.numbers) & set(right.numbers)),
                    sorted(together),
                )
                item = Item(" + ".join(sorts), f"{left.value} + {right.value}")
                yield _chosen(item, [both], takes, both.bits, [left_kind, right_kind])


def _chosen(
    item: Item, found: Sequence[_Candidate], takes: float | None, bits: float, kinds: Sequence[str] = ()
) -> Chosen:
    return Chosen(
        item.sort,
        item.value,
        list(kinds) or sorted({one.kind for one in found}),
        bits,
        takes,
        sorted({operation for one in found for operation in one.operations}),
        sorted({number for one in found for number in one.numbers}),
        sorted({message for one in found for message in one.messages}),
    )
