"""The letters that the story hangs on, read from texts/: the operation, the fraud that somebody typed, honest twins."""

import tomllib
from collections.abc import Callable
from datetime import UTC
from typing import Any

from examples import files
from examples.letter import File, Letter
from examples.machines import MACHINE, notice_page, share
from examples.world import HOME_ZONE, TEXTS, Person, World

STORIES = ("operation.toml", "crime.toml", "twins.toml")


def tell(world: World) -> list[Letter]:
    """Write all letters of all stories."""
    letters: list[Letter] = []
    for name in STORIES:
        letters += _Story(world, tomllib.loads((TEXTS / name).read_text("utf-8"))).letters()
    return letters


class _Story:
    """One file of texts/, with the people and documents that only it knows."""

    def __init__(self, world: World, data: dict[str, Any]) -> None:
        self._data = data
        self._people = {name: owner.person for name, owner in world.owners.items()} | world.named
        for entry in data["person"]:
            zone = entry.get("zone", HOME_ZONE)
            self._people[entry["id"]] = Person(
                entry["name"], entry["address"], entry["client"], entry.get("signature", ""), zone
            )
        self._documents = {entry["id"]: _document(entry) for entry in data.get("document", ())}
        self._world = world

    def letters(self) -> list[Letter]:
        """Write them in the order of the file: an answer stands after what it answers."""
        written: list[Letter] = []
        known: dict[str, Letter] = {}
        for entry in self._data["letter"]:
            letter = self._share(entry) if "share" in entry else self._letter(entry, known)
            known[entry.get("id", "")] = letter
            written.append(letter)
        return written

    def _letter(self, entry: dict[str, Any], known: dict[str, Letter]) -> Letter:
        sender = self._people[entry["from"]]
        role = entry.get("role", "")
        when = entry["at"].astimezone(UTC)
        letter = Letter(
            sender,
            self._named(entry, "to"),
            entry["subject"],
            entry["text"],
            when,
            cc=self._named(entry, "cc"),
            bcc=self._named(entry, "bcc"),
            answers=known[entry["answers"]] if "answers" in entry else None,
            files=tuple(self._documents[name] for name in entry.get("files", ())),
            client_ip=self._data.get("desk", "") if role not in ("", "answer") else "",
            role=self._role(entry),
        )
        if sender.client == MACHINE:
            letter.page = notice_page(sender.name, letter.text)
            letter.extra = (("Auto-Submitted", "auto-generated"),)
            letter.envelope = f"bounces+{when.timestamp():.0f}@{sender.domain}"
            letter.label = "Category Updates"
        return letter

    def _share(self, entry: dict[str, Any]) -> Letter:
        owner = self._world.owners[entry["to"][0]]
        letter = share(owner, self._people[entry["from"]], entry["share"], entry["at"].astimezone(UTC), entry["text"])
        letter.role = self._role(entry)
        return letter

    def _role(self, entry: dict[str, Any]) -> str:
        return f"{self._data['operation']}/{entry['role']}" if "role" in entry else ""

    def _named(self, entry: dict[str, Any], field: str) -> list[Person]:
        return [self._people[name] for name in entry.get(field, ())]


def _document(entry: dict[str, Any]) -> File:
    make: Callable[[str, list[str]], File] = files.docx if entry["name"].endswith(".docx") else files.pdf
    return make(entry["name"], entry["lines"])
