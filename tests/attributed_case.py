"""Rows on who was behind it, and on who claims what, for the tests of the report. All names are invented."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

Row = tuple[str, dict[str, object]]
HERON, OTTER = "tin-heron", "glass-otter"
NAMES = {HERON: "Tin Heron", OTTER: "Glass Otter"}
FIXED = datetime(2024, 8, 30, 9, 0, tzinfo=UTC)

# hypothesis, title, actor, prior, posterior, low, high, term
HYPOTHESES = (
    ("unknown-actor", "somebody unknown", "", 0.4, 0.31, 0.12, 0.52, "very unlikely to roughly even chance"),
    (HERON, "Tin Heron", HERON, 0.035, 0.38, 0.18, 0.61, "very unlikely to likely"),
    (
        f"imitator of {HERON}",
        "somebody who imitates Tin Heron",
        HERON,
        0.007,
        0.17,
        0.06,
        0.33,
        "very unlikely to unlikely",
    ),
    (OTTER, "Glass Otter", OTTER, 0.035, 0.04, 0.02, 0.08, "almost no chance to very unlikely"),
    (f"imitator of {OTTER}", "somebody who imitates Glass Otter", OTTER, 0.007, 0.01, 0.01, 0.03, "almost no chance"),
    ("hired", "somebody for hire", "", 0.1, 0.05, 0.02, 0.09, "almost no chance to very unlikely"),
    ("crime", "ordinary crime", "", 0.3, 0.03, 0.01, 0.06, "almost no chance to very unlikely"),
    ("insider", "somebody from within", "", 0.05, 0.01, 0.01, 0.02, "almost no chance"),
)
# kind, family, sentence, source, grade, root, forgeable, published, critical, counted by hypothesis
EXHIBITS = (
    (
        "indicator-domain",
        "domain",
        "Links lead to norwoodpoliing.example, which Northgate Labs gives to Tin Heron.",
        "Northgate Labs",
        "B2",
        "root-10000001",
        "Whoever registers the domain once it is free.",
        datetime(2024, 8, 14, tzinfo=UTC),
        True,
        {HERON: 3.4, f"imitator of {HERON}": 2.1},
    ),
    (
        "indicator-ip",
        "network",
        "Mail left from 203.0.113.9, in a network that Federal Cyber Bureau names.",
        "Federal Cyber Bureau",
        "A2",
        "root-10000002",
        "Everybody who rents there.",
        datetime(2024, 5, 2, tzinfo=UTC),
        False,
        {HERON: 0.8, f"imitator of {HERON}": 0.8, OTTER: 0.4},
    ),
    (
        "persona",
        "person",
        "It writes as a scholar and asks for an interview first, as is told of Tin Heron.",
        "Northgate Labs",
        "B2",
        "root-10000001",
        "Who read the report of 2022.",
        datetime(2022, 9, 7, tzinfo=UTC),
        False,
        {HERON: 1.1, f"imitator of {HERON}": 1.4, "hired": 0.3},
    ),
    (
        "rhythm",
        "rhythm",
        "All mail was sent from Saturday to Wednesday between 05:00 and 14:00 UTC.",
        "this case",
        "",
        "root-case",
        "Who sets a clock.",
        None,
        False,
        {HERON: 0.9, f"imitator of {HERON}": 0.6, OTTER: -0.7, "crime": -0.2},
    ),
    (
        "language",
        "language",
        "Two letters use quotation marks as they are written in one language only.",
        "this case",
        "",
        "root-case",
        "Who knows how that looks.",
        None,
        False,
        {HERON: 0.4, f"imitator of {HERON}": 0.4, OTTER: -0.3},
    ),
    (
        "target",
        "target",
        "It wrote to advisers on foreign policy and to no treasurer.",
        "this case",
        "",
        "root-case",
        "Anybody who chooses the same people.",
        None,
        False,
        {HERON: 0.7, OTTER: 0.2, "crime": -1.4, "hired": 0.5},
    ),
    (
        "software",
        "kit",
        "The page that took the password is not the kit that Tin Heron is known for.",
        "Open Signal",
        "C3",
        "root-10000003",
        "Kits are sold and changed.",
        datetime(2023, 3, 1, tzinfo=UTC),
        False,
        {HERON: -0.9, f"imitator of {HERON}": -0.3, "crime": 0.5},
    ),
    (
        "absent",
        "target",
        "No invoice and no payment was asked for.",
        "this case",
        "",
        "root-case",
        "Anybody.",
        None,
        False,
        {"crime": -2.2},
    ),
    (
        "person",
        "person",
        "A former colleague says that the name of the scholar was used against him in 2021.",
        "a person of this case",
        "C2",
        "root-10000004",
        "Who knew of that case.",
        None,
        False,
        {HERON: 0.6, OTTER: -0.1, "insider": -0.4},
    ),
)

DOCUMENTS = (
    ("doc-00000001", "Northgate Labs", "A group that writes as scholars", datetime(2024, 8, 14, tzinfo=UTC), "B2"),
    ("doc-00000002", "Harbour Times", "Campaign says it was hacked", datetime(2024, 8, 10, tzinfo=UTC), "C3"),
    ("doc-00000003", "Evening Ledger", "Rival campaign sees no breach", datetime(2024, 8, 13, tzinfo=UTC), ""),
    (
        "doc-00000004",
        "Three agencies",
        "Joint statement on attempts against two campaigns",
        datetime(2024, 8, 19, tzinfo=UTC),
        "A2",
    ),
    ("doc-00000005", "Meridian Post", "Agencies blame Ostland for break-in", datetime(2024, 8, 20, tzinfo=UTC), "C3"),
    ("doc-00000006", "Wire Seven", "Ostland denies, asks for proof", datetime(2024, 8, 20, tzinfo=UTC), ""),
    (
        "doc-00000007",
        "Harbour Times",
        "What we were sent, and why we did not print it",
        datetime(2024, 8, 22, tzinfo=UTC),
        "C2",
    ),
)
ROOTS = (
    ("root-10000001", "Northgate Labs, 2024-08-14", False, ("doc-00000001", "doc-00000002", "doc-00000005")),
    ("root-10000002", "Three agencies, 2024-08-19", False, ("doc-00000004", "doc-00000005", "doc-00000006")),
    ("root-10000003", "the mission of Ostland, 2024-08-19", False, ("doc-00000006",)),
    ("root-10000005", "the Harrow campaign, 2024-08-10", False, ("doc-00000002",)),
    ("root-10000006", "the Lindmark campaign, 2024-08-13", False, ("doc-00000003",)),
    ("root-10000007", "two people who know of it", True, ("doc-00000005",)),
    ("root-10000008", "Harbour Times, 2024-08-10", False, ("doc-00000002", "doc-00000007")),
    ("root-10000009", "Meridian Post, 2024-08-20", False, ("doc-00000005",)),
)
_HARROW, _LINDMARK = "the Harrow campaign", "the Lindmark campaign"
# proposition, target, speaker, act, polarity, strength, actor, day of August, document, root, state, capacity, quote
CLAIMS = (
    (
        "sought",
        _HARROW,
        "Northgate Labs",
        "reports",
        "affirms",
        "",
        "",
        14,
        1,
        1,
        "confirmed",
        "on-record",
        "The group wrote to about a dozen people around both campaigns and tried to get into their private mail.",
    ),
    (
        "sought",
        _LINDMARK,
        "Northgate Labs",
        "reports",
        "affirms",
        "",
        "",
        14,
        1,
        1,
        "confirmed",
        "on-record",
        "The group wrote to about a dozen people around both campaigns and tried to get into their private mail.",
    ),
    (
        "sought",
        _HARROW,
        "Three agencies",
        "attributes",
        "affirms",
        "confident",
        "Ostland",
        19,
        4,
        2,
        "confirmed",
        "on-record",
        "We are confident that Ostland sought to reach people with direct access to the campaigns of both parties.",
    ),
    (
        "sought",
        _LINDMARK,
        "Three agencies",
        "attributes",
        "affirms",
        "confident",
        "Ostland",
        19,
        4,
        2,
        "confirmed",
        "on-record",
        "We are confident that Ostland sought to reach people with direct access to the campaigns of both parties.",
    ),
    (
        "accessed",
        _HARROW,
        "the Harrow campaign",
        "reports",
        "affirms",
        "",
        "",
        10,
        2,
        5,
        "confirmed",
        "on-record",
        "Our mail was read by foreign hands who mean this country ill, a spokesman said, pointing to the work of Northgate Labs.",
    ),
    (
        "accessed",
        _HARROW,
        "Northgate Labs",
        "reports",
        "affirms",
        "",
        "",
        14,
        1,
        1,
        "confirmed",
        "on-record",
        "The private account of one consultant was entered; most other attempts were stopped.",
    ),
    (
        "accessed",
        _HARROW,
        "Three agencies",
        "hedges",
        "open",
        "",
        "",
        13,
        3,
        2,
        "proposed",
        "by-proxy",
        "The Bureau would say only that it was looking into it.",
    ),
    (
        "accessed",
        _HARROW,
        "Three agencies",
        "attributes",
        "affirms",
        "confident",
        "Ostland",
        19,
        4,
        2,
        "confirmed",
        "on-record",
        "The agencies hold Ostland to be behind the recent break-in at the Harrow campaign.",
    ),
    (
        "accessed",
        _LINDMARK,
        "the Lindmark campaign",
        "denies",
        "denies",
        "not aware",
        "",
        13,
        3,
        6,
        "confirmed",
        "on-record",
        "We were told in July that we were a target. We are not aware of any breach of our systems.",
    ),
    (
        "stole",
        _HARROW,
        "the Harrow campaign",
        "reports",
        "affirms",
        "",
        "",
        10,
        2,
        5,
        "confirmed",
        "on-record",
        "Papers were taken without any right to them, the spokesman said.",
    ),
    (
        "stole",
        _HARROW,
        "not named in the report",
        "reports",
        "affirms",
        "",
        "",
        20,
        5,
        7,
        "proposed",
        "anonymous",
        "Two people who know of the matter said that a file on a candidate was among what was taken.",
    ),
    (
        "received",
        "Harbour Times",
        "Harbour Times",
        "confirms",
        "affirms",
        "",
        "",
        10,
        2,
        8,
        "confirmed",
        "on-record",
        "From 22 July on we were written to by somebody who called himself Robert and sent us papers of the campaign.",
    ),
    (
        "received",
        "Meridian Post",
        "Meridian Post",
        "confirms",
        "affirms",
        "",
        "",
        20,
        5,
        9,
        "confirmed",
        "on-record",
        "The Meridian Post was sent the same file, and did not publish it.",
    ),
    (
        "received",
        "Harbour Times",
        "Harbour Times",
        "reports",
        "affirms",
        "",
        "",
        22,
        7,
        8,
        "proposed",
        "on-record",
        "We could not tell where the papers came from, so we did not print them.",
    ),
    (
        "who",
        "",
        "Northgate Labs",
        "attributes",
        "affirms",
        "high confidence",
        "Tin Heron",
        14,
        1,
        1,
        "confirmed",
        "on-record",
        "With high confidence we give this activity to the group that we call Tin Heron; see https://northgate.example/tin-heron.",
    ),
    (
        "who",
        "",
        "Three agencies",
        "attributes",
        "affirms",
        "",
        "Ostland",
        19,
        4,
        2,
        "confirmed",
        "on-record",
        "The agencies attribute the activity to Ostland.",
    ),
    (
        "who",
        "",
        "the mission of Ostland",
        "denies",
        "denies",
        "",
        "",
        19,
        6,
        3,
        "confirmed",
        "on-record",
        "Such tales have no ground whatever, the mission said. Ostland has neither the wish nor a reason to meddle.",
    ),
    (
        "who",
        "",
        "Meridian Post",
        "reports",
        "affirms",
        "",
        "Ostland",
        20,
        5,
        2,
        "proposed",
        "on-record",
        "Ostland was behind the break-in, three agencies said on Monday.",
    ),
    (
        "directed",
        "",
        "Northgate Labs",
        "hedges",
        "open",
        "",
        "",
        14,
        1,
        1,
        "proposed",
        "on-record",
        "We cannot say who gave the order.",
    ),
    (
        "directed",
        "",
        "the mission of Ostland",
        "demands-evidence",
        "denies",
        "",
        "",
        19,
        6,
        3,
        "confirmed",
        "on-record",
        "If the agencies believe what they say, let them show what it rests on.",
    ),
    (
        "intent",
        "",
        "Three agencies",
        "attributes",
        "affirms",
        "",
        "Ostland",
        19,
        4,
        2,
        "confirmed",
        "on-record",
        "Ostland means to sow discord and to weaken trust in the vote.",
    ),
    (
        "same-actor",
        "the vote of 2020",
        "Meridian Post",
        "reports",
        "affirms",
        "",
        "Ostland",
        20,
        5,
        9,
        "proposed",
        "on-record",
        "In 2020, too, officials named Ostland after voters were sent threats by mail.",
    ),
    (
        "who",
        "",
        "somebody",
        "reports",
        "affirms",
        "",
        "Glass Otter",
        21,
        7,
        8,
        "rejected",
        "anonymous",
        "It is said that it was Glass Otter.",
    ),
)


def actors() -> Iterator[Row]:
    """Who is who."""
    for actor, name in NAMES.items():
        yield "actors", {"actor": actor, "name": name, "source": "watchword", "kind": "state"}


def weighed(operation: str, messages: Sequence[str] = (), text: str = "", **given: object) -> Iterator[Row]:
    """What was weighed for one operation: nobody is named. `text` stands for everything that a document could say."""
    for name, title, actor, prior, posterior, low, high, term in HYPOTHESES:
        yield (
            "hypotheses",
            {
                "operation": operation, "hypothesis": name, "title": text or title, "actor": actor, "fixed": FIXED,
                "digest": "ab" * 32, "prior": prior, "posterior": posterior, "low": low, "high": high,
                "likelihood": term,
            },
        )  # fmt: skip
    ids = []
    for number, (kind, family, sentence, source, grade, root, forgeable, public, critical, bits) in enumerate(EXHIBITS):
        exhibit = f"e-{number:06x}"
        ids.append((exhibit, bits.get(HERON, 0.0)))
        yield (
            "exhibits",
            {
                "operation": operation, "exhibit": exhibit, "kind": kind, "family": family,
                "sentence": text or sentence, "value": text or "norwoodpoliing.example",
                "shown_by": list(messages[number : number + 4]), "source": text or source, "grade": grade,
                "root": root, "forgeable": text or forgeable, "published": public, "critical": critical,
            },
        )  # fmt: skip
        for hypothesis, counted in bits.items():
            why = text or f"Given as {counted * 1.6:+.1f}; its source and what could be copied leave less."
            yield (
                "likelihoods",
                {
                    "operation": operation, "exhibit": exhibit, "hypothesis": hypothesis, "bits": counted * 1.6,
                    "counted": counted, "sentence": why,
                },
            )  # fmt: skip
    row: dict[str, object] = {
        "operation": operation,
        "hypothesis": HERON,
        "abstains": True,
        "likelihood": text
        or "Nobody is named, because the rules for that are not met. The evidence alone would make "
        "Tin Heron very unlikely to likely (18 to 61%), over priors of 10 to 60% for somebody unknown.",
        "confidence": "low",
        "confidence_because": text
        or "It rests on 2 independent roots and on evidence of infrastructure and victim; "
        "the weakest source that it needs can be relied on at 68%, and 74% of what speaks for it could have been "
        "copied or put on.",
        "evidence_for": [name for name, bits in sorted(ids, key=lambda one: -one[1]) if bits > 0],
        "evidence_against": [name for name, bits in ids if bits < 0],
        "missing": [
            text or "The log of sign-ins would show from which networks the accounts were entered.",
            text or "Who registered the domain, and with what, is known to its registrar.",
        ],
        "hangs_on": ["e-000000"],
        "hangs_on_sentence": text or "Without e-000000, which rests on Northgate Labs alone, somebody unknown leads.",
        "rules": [
            text
            or "Over the whole range of priors tin-heron would have to be at least likely; it is very unlikely "
            "to likely.",
            text or "It hangs on e-000000 alone, which no authority vouches for.",
        ],
    }
    yield "attributions", row | given


def claimed(text: str = "") -> Iterator[Row]:
    """What is said in public: seven reports, eight roots, twenty-three claims of which one was rejected."""
    for document, publisher, title, published, grade in DOCUMENTS:
        yield (
            "documents",
            {
                "document": document, "sha256": hashlib.sha256(document.encode()).hexdigest(),
                "path": f"/reports/{document}.html", "form": "html", "title": text or title,
                "publisher": text or publisher, "published": published, "language": "en", "characters": 4_000,
                "grade": grade, "problems": [text] if text else [],
            },
        )  # fmt: skip
    for root, origin, anonymous, documents in ROOTS:
        why = text or f"{len(documents)} reports go back to the same words."
        yield (
            "roots",
            {
                "root": root, "origin": text or origin, "anonymous": anonymous, "documents": list(documents),
                "sentence": why,
            },
        )  # fmt: skip
    for number, one in enumerate(CLAIMS, 1):
        yield "claims", claim(number, *one, text=text)


def claim(
    number: int, proposition: str, target: str, speaker: str, act: str, polarity: str, strength: str, actor: str,
    day: int, document: int, root: int, state: str, capacity: str, quote: str, text: str = "",
) -> dict[str, object]:  # fmt: skip
    """One claim."""
    said = datetime(2024, 8, day, 12, tzinfo=UTC)
    return {
        "claim": f"cl-{number:08x}", "document": f"doc-{document:08}", "state": state,
        "speaker": f"{speaker} {text}".strip(), "speaker_printed": text or speaker, "capacity": capacity,
        "act": act, "proposition": proposition, "target": f"{target} {text}".strip(),
        "actor": text or actor, "polarity": polarity, "strength": text or strength, "said": said,
        "said_printed": text or "on Monday", "published": said, "evidence_offered": "none",
        "relies_on": text or ("Northgate Labs" if number == 5 else ""), "quote": text or quote,
        "start": number * 100, "stop": number * 100 + len(quote), "root": f"root-1{root:07}",
        "grade": "B2" if state == "confirmed" else "", "because": text or "",
    }  # fmt: skip


def hit(messages: Sequence[str], operation: str, **given: object) -> Iterator[Row]:
    """The same domain of the operation in several messages, named by one report; and a hub."""
    for message in messages:
        row: Mapping[str, object] = {
            "message": message, "operation": operation, "kind": "host", "value": "reading.norwoodpoliing.example",
            "exact": True, "document": "doc-00000001", "actor": HERON, "said_by": "Northgate Labs",
            "published": datetime(2024, 8, 14, tzinfo=UTC),
        }  # fmt: skip
        yield "hits", {**row, **given}
    if messages:
        yield (
            "hits",
            {
                "message": messages[0], "operation": operation, "kind": "domain", "value": "sites.hosting.example",
                "exact": True, "said_by": "a list of domains", "actor": OTTER, "hub": "many share this host",
                "published": datetime(2021, 1, 1, tzinfo=UTC),
            },
        )  # fmt: skip
