"""Whose word on the sender was believed, and on what the results rest that were computed again."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose.query import rows
from watchword.observe.known import sealers

PROVIDERS = 6  # of one mailbox listed one by one
SEALERS = 6

# tables.Check.rests_on, in words, from the strongest to the weakest.
RESTS = {
    "record-then": "record of that time",
    "record-before": "record from before",
    "record-later": "record from later",
    "record-undated": "record without date",
    "recovered": "recovered key",
    "recorded": "provider’s recorded result",
    "no-record": "nothing kept",
}


@dataclass(frozen=True, slots=True)
class Believed:
    """One provider that took in mail of one mailbox: what it wrote into the header is believed."""

    owner: Annotated[str, "whose mailbox, empty if unknown"]
    provider: Annotated[str, "registrable domain; empty: no server could be told to be the receiving provider"]
    how: Annotated[str, "given by the user, inferred, or none"]
    messages: Annotated[int, "received messages that it took in"]
    recorded: Annotated[int, "of these, messages with a result of SPF, DKIM or DMARC that it recorded"]


@dataclass(frozen=True, slots=True)
class Resting:
    """How many messages one method was tried again for, by what the result rests on."""

    method: Annotated[str, "spf, dkim, dmarc or arc"]
    rests_on: Annotated[str, "checks.rests_on"]
    words: Annotated[str, "the same in words"]
    messages: Annotated[int, "how many messages"]


@dataclass(frozen=True, slots=True)
class Sealer:
    """One domain, not the receiving provider's, that sealed mail of the case on its way (ARC)."""

    domain: Annotated[str, "d= of the seal"]
    name: Annotated[str, "what it is known as, empty if it is not well known"]
    messages: Annotated[int, "messages that it sealed"]
    trusted: Annotated[bool, "the case names it in `trusted_sealers`"]


@dataclass(frozen=True, slots=True)
class Belief:
    """Who was believed."""

    providers: Annotated[tuple[Believed, ...], "by mailbox, those that took in most first"]
    resting: Annotated[tuple[Resting, ...], "what was computed again, by method and by what it rests on"]
    sealers: Annotated[tuple[Sealer, ...], "who sealed forwarded mail, most first"]

    @property
    def tried(self) -> bool:
        """Whether any result rests on something that is kept or recorded."""
        return any(one.rests_on != "no-record" for one in self.resting)

    def count(self, method: str, rests_on: str) -> int:
        """Give how many results of a method rest on something."""
        return sum(one.messages for one in self.resting if (one.method, one.rests_on) == (method, rests_on))


def belief(
    connection: duckdb.DuckDBPyConnection, receiving: Collection[str] = (), trusted_sealers: Collection[str] = ()
) -> Belief:
    """Gather it; `receiving` and `trusted_sealers` are what the user said in case.toml."""
    how = "given" if receiving else "inferred"
    providers = rows(
        connection,
        """
        with recorded as (
            select distinct message from authentications where trusted and method in ('spf', 'dkim', 'dmarc')
        )
        select owner, provider, count(*) as messages, count(recorded.message)
        from messages left join recorded using (message) join relationships using (message, owner)
        where relationships.direction = 'received' group by owner, provider
        qualify row_number() over (partition by owner order by count(*) desc, provider) <= ?
        order by owner, messages desc, provider
        """,
        [PROVIDERS],
    )
    resting = rows(
        connection,
        """select method, rests_on, count(*) from checks
        where result <> 'none' or method <> 'dkim' group by all order by all""",
    )
    sealed = rows(
        connection,
        """select signatures."domain", count(distinct message) as messages
        from signatures join message_facts using (message)
        where field = 'arc-seal' and signatures."domain" <> '' and signatures.organisation <> provider
        group by signatures."domain" order by messages desc, "domain" limit ?""",
        [SEALERS],
    )
    known = sealers()
    return Belief(
        tuple(
            Believed(owner, provider, how if provider else "none", messages, recorded)
            for owner, provider, messages, recorded in providers
        ),
        tuple(Resting(method, rests_on, RESTS.get(rests_on, rests_on), count) for method, rests_on, count in resting),
        tuple(
            Sealer(domain, known.get(domain, ""), messages, _is_under(domain, trusted_sealers))
            for domain, messages in sealed
        ),
    )


def _is_under(domain: str, listed: Collection[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in listed)
