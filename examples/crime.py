"""Crime and nuisance by machine: inheritances, extortion, offers, parcels, full mailboxes."""

import functools
import tomllib
from typing import Any

from examples.chance import Chance, Wording
from examples.letter import Letter, as_html
from examples.machines import MACHINE
from examples.talk import DAYS, moment, words
from examples.world import HOME_ZONE, TEXTS, Owner, Person, World

EACH = 6  # pieces of spam in every mailbox


@functools.cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((TEXTS / "spam.toml").read_text("utf-8"))


def tell(world: World) -> list[Letter]:
    """Write all of it."""
    letters = [
        _spam(owner, Chance(f"spam {name} {number}")) for name, owner in world.owners.items() for number in range(EACH)
    ]
    for entry in _texts()["wave"]:
        letters += [_wave(entry, world.owners[name], day) for name, day in entry["to"].items()]
    return letters


def _wording(chance: Chance, owner: Owner) -> Wording:
    wording = Wording(chance, words())
    wording.fixed |= {"token": chance.token(12), "address": owner.address, "you": owner.person.first}
    return wording


def _spam(owner: Owner, chance: Chance) -> Letter:
    wording = _wording(chance, owner)
    entry = chance.pick([entry for entry in _texts()["spam"] for _ in range(entry["often"])])
    letter = Letter(
        _spammer(entry["role"], owner, wording, chance),
        [owner.person],
        wording.fill(chance.pick(entry["subject"])),
        wording.fill(chance.pick(entry["text"])),
        moment(chance, chance.below(DAYS), HOME_ZONE, private=True),
        label="Spam",
        role=f"crime/{entry['role']}",
    )
    if entry["role"] == "advance-fee":
        letter.reply_to = f"{chance.token(8)}@quillmail.example"
    elif entry["role"] == "extortion":
        letter.domain = "cheaphost.example"  # claims to come from the reader's own account
    else:
        letter.page = f"<html><body>{as_html(letter.text, 'p')}</body></html>"
    return letter


def _spammer(role: str, owner: Owner, wording: Wording, chance: Chance) -> Person:
    if role == "extortion":
        return Person(owner.person.name, owner.address, MACHINE)
    if role == "spam":
        name = chance.pick(("Best Offers", "Anna Smith", "Customer Care"))
        return Person(name, f"{chance.token(8)}@cheaphost.example", MACHINE)
    titles = ("Barrister {kin}", "Mrs. Ruth Mensa", "Office of the Remittance", "Mr. Paul Obrecht")
    name, local = wording.fill(chance.pick(titles)), f"{chance.token(9)}{chance.between(10, 999)}"
    if chance.odds(0.5):
        return Person(name, f"{local}@postbox.example", "outlook")
    return Person(name, f"{local}@quillmail.example", "roundcube", "", 60)


def _wave(entry: dict[str, Any], owner: Owner, day: int) -> Letter:
    """Write one mail of a wave that went to many."""
    chance = Chance(f"{entry['role']} {owner.address}")
    wording = _wording(chance, owner)
    text = wording.fill(entry["text"])
    logo = f'<img src="{entry["logo"]}" width="140" alt="{entry["name"]}">' if entry["logo"] else ""
    return Letter(
        Person(entry["name"], entry["address"], entry["client"]),
        [owner.person],
        wording.fill(entry["subject"]),
        text,
        moment(chance, day, HOME_ZONE),
        page=f"<html><body>{logo}{as_html(text, 'p')}</body></html>",
        label=chance.pick(("Spam", "Inbox")),
        role=f"crime/{entry['role']}",
    )
