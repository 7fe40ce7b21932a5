"""How much effort an attack shows: the Targeted Threat Index, computed.

The index (Hardy et al., "Targeted Threat Index", USENIX Security 2014) is social engineering, 0 to 5, times technical
sophistication, 1 to 2. There, people read each message and code the malware in it. Here both follow from findings:
a detector's file says which level its finding shows at least (`social`, `technical`), the highest counts, and
`severity.sql` adds what no detector says. Our reading departs from the paper in this:

- The paper's messages bring malware, and the multiplier says how well its code hides from analysis. Most operations
  that this program looks for bring none, so the multiplier says what was built or broken into to carry the lure.
- The paper sets 0 for whatever is not aimed at the reader, malicious or not. So do we, by `verdicts.targeted`, unless
  the message poses as somebody with whom the owner writes or needs what only a mailbox tells: no mass mail knows that.
- A taken-over account may be level 4 in the paper. Here it is 5, as what it writes comes out of a real mailbox.
- Whether a claim can be confirmed elsewhere, which is part of level 4, is not asked: nothing is looked up.
- A conversation is one attack: a step has the level of the gravest step so far.

Severity is shown beside the probability, and changes neither it nor the order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from watchword.case import Case
from watchword.engine import Connection, derive


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the index: what it is called, and what it stands for."""

    title: str
    means: str


SOCIAL: dict[int, Level] = {
    0: Level("not targeted", "made for many, as spam and ordinary crime are"),
    1: Level("targeted, not customised", "made for few, with nothing in it that fits them"),
    2: Level("poorly customised", "fits its readers in general, as a false notice of a service that they may use"),
    3: Level("customised", "poses as a real person or organisation, or speaks of what its reader works on"),
    4: Level("personalised", "poses as somebody whom the reader knows, talks with the reader, or is customised and "
             "greets the reader by name"),
    5: Level("highly personalised", "needs what only a mailbox tells: enters a real conversation, or comes from the "
             "account of a correspondent"),
}  # fmt: skip
TECHNICAL: dict[float, Level] = {
    1.0: Level("plain words, links or files", "nothing that hides or had to be set up"),
    1.25: Level("a simple trick", "as a short link, a link inside a file, or a locked file with its password told"),
    1.5: Level("something set up for it", "as a domain, a page where anybody can put one, a redirect, or a link made "
               "for one reader"),
    1.75: Level("something that acts", "a file that does more than be read, or a code, app password or permission "
                "that opens the account"),
    2.0: Level("a real account, taken over", "every check of who sent it passes"),
}  # fmt: skip
# What is seen in the facts and by no detector: the names in `social_because` and `technical_because`, and their titles.
SEEN: dict[str, str] = {
    "greets-owner": "It greets the reader by name",
    "known-person": "It poses as somebody with whom the owner writes",
    "known-account": "The account of a correspondent, and every check passes",
}
MANY = 0.4  # at or below this `verdicts.targeted` an attack was made for many


def severities(case: Case, connection: Connection, levels: Iterable[tuple[str, int, float]]) -> None:
    """Fill `severities`. `levels` are the detectors with what their findings show at least, 0 where nothing."""
    connection.execute("create or replace temp table levels (detector varchar, social bigint, technical double)")
    connection.executemany("insert into levels values (?, ?, ?)", [["", 0, 0.0], *map(list, levels)])
    asked = (files(__name__.rpartition(".")[0]) / "severity.sql").read_text("utf-8")
    connection.execute(f"create or replace temp view rated as {asked}")
    derive(
        connection,
        case,
        "severities",
        f"""
        select message, if(for_many, 0, social) as social, if(for_many, [], social_because) as social_because,
            technical, technical_because, if(for_many, 0, social * technical) as severity
        from (select *, targeted <= {MANY} and not is_near as for_many from rated)
        """,
    )
