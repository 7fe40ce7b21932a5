"""What the provider of campaign A recorded: a year of sign-ins, rights of applications, and what its administrator did.

Three exports as such a provider gives them: user log events and admin log events as CSV of an administration console,
token activities as JSON of an API. The rival campaign and the newsroom have exported nothing.
"""

import csv
import io
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from examples.chance import Chance
from examples.letter import Letter
from examples.world import HOME_ZONE, TEXTS, Owner, World, address_ip

FIRST = datetime(2023, 8, 14, tzinfo=UTC)
LAST = datetime(2024, 8, 12, tzinfo=UTC)
ACCOUNTS = ("nora", "tobias", "dana", "felix")
ADMINISTRATOR = "it@harrow2024.example"
OFFICE = address_ip("office.harrow2024.example")
_ZONE = timezone(timedelta(minutes=HOME_ZONE))
_NOTICE = "New sign-in on "
_APPLICATIONS = (
    ("Cloudloft", "418823-cloudloft.apps.example", ("drive.file", "userinfo.email")),
    ("Chatterdesk", "551907-chatterdesk.apps.example", ("userinfo.email", "userinfo.profile")),
    ("Parcelwing", "770012-parcelwing.apps.example", ("userinfo.email",)),
    ("Calendar on the phone", "112233-calendar.apps.example", ("calendar", "contacts.readonly")),
)
# What the operators did in Tobias Wren's account besides what his notices tell, local time: they came back to read.
_RETURNS = ("2024-06-05T00:41:20", "2024-06-13T02:11:08", "2024-06-18T23:27:51", "2024-07-01T01:03:36")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a user's log."""

    when: datetime
    event: str
    said: str
    account: str
    ip: str
    login_type: str = ""
    suspicious: bool = False


def write_logs(world: World, written: Sequence[Letter], folder: Path) -> list[Path]:
    """Write the three exports below `folder`, always the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in (
        ("user_log_events.csv", _users(world, written)),
        ("admin_log_events.csv", _administrator(world)),
        ("token.json", _tokens(world)),
    ):
        path = folder / name
        path.write_text(text, "utf-8", newline="")
        paths.append(path)
    return paths


def _users(world: World, written: Sequence[Letter]) -> str:
    entries = [entry for name in ACCOUNTS for entry in _ordinary(world.owners[name])]
    for letter in written:
        owner = next((world.owners[name] for name in ACCOUNTS if world.owners[name].person in letter.to), None)
        if owner and letter.sender.name.endswith("Accounts") and letter.subject.startswith(_NOTICE):
            entries.append(_noticed(letter, owner))
    entries += _operators(world.owners["tobias"])
    entries.sort(key=lambda entry: (entry.when, entry.account), reverse=True)  # the console shows the latest first
    rows = [
        {
            "Date": entry.when.astimezone(_ZONE).isoformat(),
            "Event": entry.event,
            "Description": entry.said,
            "Actor": entry.account,
            "IP address": entry.ip,
            "Login type": entry.login_type,
            "Is suspicious": str(entry.suspicious).lower() if entry.login_type else "",
        }
        for entry in entries
    ]
    return _table(rows)


def _ordinary(owner: Owner) -> list[Entry]:
    """Give a year of an honest person: the office by day, home in the evening, sometimes a wrong password."""
    chance = Chance(f"signs in {owner.address}")
    home = address_ip(f"home.{owner.address}")
    entries = []
    day = FIRST
    while day < LAST:
        works = day.weekday() < 5
        if chance.odds(0.45 if works else 0.12):
            at_office = works and chance.odds(0.7)
            hour = chance.between(8, 10) if at_office else chance.between(18, 22)
            local = day.replace(hour=hour, minute=chance.below(60), second=chance.below(60), tzinfo=_ZONE)
            ip = OFFICE if at_office else home
            if chance.odds(0.05):
                wrong = local - timedelta(seconds=chance.between(20, 90))
                entries.append(_entry(wrong, "Failed login", "failed to login", owner, ip))
            entries.append(_entry(local, "Successful login", "logged in", owner, ip))
            if chance.odds(0.2):
                out = local + timedelta(minutes=chance.between(30, 500))
                entries.append(Entry(out, "Logout", f"{owner.person.name} logged out", owner.address, ip))
        day += timedelta(days=1)
    return entries


def _entry(when: datetime, event: str, did: str, owner: Owner, ip: str) -> Entry:
    return Entry(when, event, f"{owner.person.name} {did}", owner.address, ip, "Google Password")


def _noticed(letter: Letter, owner: Owner) -> Entry:
    """Give the sign-in that a true notice in the mailbox tells of: the owner's own device, or the operators'."""
    chance = Chance(f"noticed {letter.id}")
    ip = _desk() if letter.role else address_ip(f"travel.{owner.address}")
    when = letter.when - timedelta(seconds=chance.between(25, 70))
    return _entry(when, "Successful login", "logged in", owner, ip)


def _operators(owner: Owner) -> list[Entry]:
    entries = [
        _entry(datetime.fromisoformat(when).replace(tzinfo=_ZONE), "Successful login", "logged in", owner, _desk())
        for when in _RETURNS
    ]
    rule = datetime(2024, 6, 5, 0, 6, 31, tzinfo=_ZONE)
    said = f"{owner.person.name} has enabled out of domain email forwarding to tw.archive@quillmail.example"
    entries.append(Entry(rule, "Out of domain email forwarding enabled", said, owner.address, _desk()))
    return entries


def _desk() -> str:
    return str(tomllib.loads((TEXTS / "operation.toml").read_text("utf-8"))["desk"])


def _administrator(world: World) -> str:
    """Give what an administrator does in a year: people come and go, someone forgot a password."""
    felix, dana = world.owners["felix"].address, world.owners["dana"].address
    did = (
        ("2024-04-02T10:12:44", "User Creation", "research.intern@harrow2024.example", "", "created"),
        ("2024-02-19T09:31:05", "Password Change", felix, "", "password changed for"),
        ("2024-01-08T14:20:30", "Application Setting Change", "", "Mail > POP access", "changed for the organisation"),
        ("2023-11-06T11:02:17", "2-step Verification Scratch Codes Generate", dana, "", "new codes generated for"),
        ("2023-09-01T08:55:12", "User Suspend", "former.volunteer@harrow2024.example", "", "suspended"),
    )
    rows = [
        {
            "Event": event,
            "Date": datetime.fromisoformat(when).replace(tzinfo=_ZONE).isoformat(),
            "Description": f"{said} {who or setting}",
            "Actor": ADMINISTRATOR,
            "IP address": OFFICE,
            "User email": who,
            "Setting name": setting,
            "New value": "off" if setting else "",
        }
        for when, event, who, setting, said in did
    ]
    return _table(rows)


def _tokens(world: World) -> str:
    items: list[dict[str, object]] = []
    for name in ACCOUNTS:
        owner = world.owners[name]
        chance = Chance(f"applications {owner.address}")
        for application, client, scopes in chance.some(_APPLICATIONS, 2):
            when = FIRST
            for event in ("authorize", "revoke") if chance.odds(0.25) else ("authorize",):
                when += timedelta(days=chance.between(1, 170))
                when = when.replace(hour=chance.between(13, 22), minute=chance.below(60), second=chance.below(60))
                when = when.replace(microsecond=1000 * chance.below(1000))
                items.append(_token(chance, owner, when, event, (application, client, scopes)))
    items.sort(key=_time_of, reverse=True)
    return json.dumps({"kind": "admin#reports#activities", "items": items}, indent=1) + "\n"


def _time_of(item: dict[str, object]) -> str:
    return json.dumps(item["id"])


def _token(
    chance: Chance, owner: Owner, when: datetime, event: str, application: tuple[str, str, tuple[str, ...]]
) -> dict[str, object]:
    name, client, scopes = application
    parameters: list[dict[str, object]] = [
        {"name": "client_id", "value": client},
        {"name": "app_name", "value": name},
        {"name": "client_type", "value": "WEB"},
        {"name": "scope", "multiValue": [f"https://auth.mailhaven.example/{scope}" for scope in scopes]},
    ]
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z",
            "uniqueQualifier": f"-{chance.token(18, '123456789')}",
            "applicationName": "token",
            "customerId": "C02harrow",
        },
        "actor": {"email": owner.address, "profileId": chance.token(21, "123456789")},
        "ipAddress": address_ip(f"home.{owner.address}"),
        "events": [{"type": "auth", "name": event, "parameters": parameters}],
    }


def _table(rows: Sequence[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
