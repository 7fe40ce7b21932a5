"""Rows on who was behind it, and on who claims what, for the tests of the report. All names are invented."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Row = tuple[str, dict[str, object]]
HERON, OTTER = "tin-heron", "glass-otter"
NAMES = {HERON: "Tin Heron", OTTER: "Glass Otter"}
FIXED = datetime(2024, 8, 30, 9, 0, tzinfo=UTC)
DATA: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "attributed_case.toml").read_text("utf-8")
)


def actors() -> Iterator[Row]:
    """Who is who."""
    for actor, name in NAMES.items():
        yield "actors", {"actor": actor, "name": name, "source": "watchword", "kind": "state"}


def weighed(operation: str, messages: Sequence[str] = (), text: str = "", **given: object) -> Iterator[Row]:
    """What was weighed for one operation: nobody is named. `text` stands for everything that a document could say."""
    for one in DATA["hypothesis"]:
        row = {"operation": operation, "fixed": FIXED, "digest": "ab" * 32, **one}
        yield "hypotheses", row | {"title": text or one["title"]}
    bits: dict[str, float] = {}
    for number, one in enumerate(DATA["exhibit"]):
        exhibit = f"e-{number:06x}"
        bits[exhibit] = one["counted"].get(HERON, 0.0)
        row = {"operation": operation, "exhibit": exhibit, "shown_by": list(messages[number : number + 4])}
        row |= {key: value for key, value in one.items() if key != "counted"} | {"value": text}
        for name in ("sentence", "source", "forgeable"):
            row[name] = text or one[name]
        yield "exhibits", row
        for hypothesis, counted in one["counted"].items():
            why = text or f"Given as {counted * 1.6:+.1f}; its source and what could be copied leave less."
            row = {"operation": operation, "exhibit": exhibit, "hypothesis": hypothesis, "sentence": why}
            yield "likelihoods", row | {"bits": counted * 1.6, "counted": counted}
    said: dict[str, object] = {
        "operation": operation,
        "nearest": HERON,
        "abstains": True,
        "likelihood": text
        or "Nobody is named, because the rules for that are not met. The evidence alone would make "
        "Tin Heron very unlikely to likely (18 to 61%), over priors of 10 to 60% for somebody unknown.",
        "confidence": "low",
        "confidence_because": text
        or "It rests on 2 independent roots and on evidence of infrastructure and victim; the weakest source that it "
        "needs can be relied on at 68%, and 74% of what speaks for it could have been copied or put on.",
        "evidence_for": sorted((name for name in bits if bits[name] > 0), key=lambda name: -bits[name]),
        "evidence_against": [name for name in bits if bits[name] < 0],
        "missing": [
            text or "The log of sign-ins would show from which networks the accounts were entered.",
            text or "Who registered the domain, and with what, is known to its registrar.",
        ],
        "hangs_on": ["e-000000"],
        "hangs_on_sentence": text or "Without e-000000, which rests on Northgate Labs alone, somebody unknown leads.",
        "rules": [
            text or "Over the whole range of priors tin-heron would have to be at least likely; it is not.",
            text or "It hangs on e-000000 alone, which no authority vouches for.",
        ],
    }
    yield "attributions", said | given


def claimed(text: str = "") -> Iterator[Row]:
    """What is said in public: seven reports, eight roots, twenty-three claims of which one was rejected."""
    for one in DATA["document"]:
        row = {"sha256": hashlib.sha256(one["document"].encode()).hexdigest(), "form": "html", "language": "en", **one}
        row |= {"title": text or one["title"], "publisher": text or one["publisher"]}
        yield "documents", row | {"problems": [text] if text else []}
    for one in DATA["root"]:
        why = text or f"{len(one['documents'])} reports go back to the same words."
        yield "roots", one | {"origin": text or one["origin"], "sentence": why}
    for number, one in enumerate(DATA["claim"], 1):
        yield "claims", claim(number, one, text)


def claim(number: int, one: dict[str, Any], text: str = "") -> dict[str, object]:
    """One claim, as a row."""
    said = datetime(2024, 8, one["day"], 12, tzinfo=UTC)
    row: dict[str, object] = {key: value for key, value in one.items() if key != "day"}
    row |= {
        "claim": f"cl-{number:08x}",
        "document": f"doc-{one['document']:08}",
        "root": f"root-1{one['root']:07}",
        "said": said,
        "said_printed": text or "on Monday",
        "published": said,
        "evidence_offered": "none",
        "relies_on": text or ("Northgate Labs" if number == 5 else ""),
        "start": number * 100,
        "stop": number * 100 + len(one["quote"]),
        "grade": "B2" if one["state"] == "confirmed" else "",
        "because": text,
        "speaker_printed": text or one.get("speaker", ""),
    }
    for name in ("speaker", "target"):
        row[name] = f"{one.get(name, '')} {text}".strip()
    for name in ("actor", "strength", "quote"):
        row[name] = text or one.get(name, "")
    return row


def hit(messages: Sequence[str], operation: str, **given: object) -> Iterator[Row]:
    """The same host of the operation in several messages, named by one report; and a hub."""
    for message in messages:
        row: dict[str, object] = {
            "message": message,
            "operation": operation,
            "kind": "host",
            "value": "reading.norwoodpoliing.example",
            "exact": True,
            "document": "doc-00000001",
            "actor": HERON,
            "said_by": "Northgate Labs",
            "published": datetime(2024, 8, 14, tzinfo=UTC),
        }
        yield "hits", row | given
    hub: dict[str, object] = {
        "message": messages[0],
        "operation": operation,
        "kind": "domain",
        "value": "sites.hosting.example",
        "exact": True,
        "said_by": "a list of domains",
        "actor": OTTER,
        "hub": "many share this host",
        "published": datetime(2021, 1, 1, tzinfo=UTC),
    }
    yield "hits", hub
