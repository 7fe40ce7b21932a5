"""`python -m examples.build DIR` writes the ten mailboxes of the worked example; the same bytes everywhere."""

import argparse
import hashlib
import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from examples import crime, dkim, life, logs, machines, story, world
from examples.chance import Chance
from examples.headers import kept
from examples.letter import Letter
from examples.mailbox_formats import Kept, write
from examples.servers import SERVERS, received, sending_network
from examples.world import Owner, World

HERE = Path(__file__).parent


def letters(people: World) -> list[Letter]:
    """Give everything that was written in the world, in the order of time."""
    everything = [
        *life.conversations(people),
        *machines.machine_mail(people),
        *story.tell(people),
        *crime.tell(people),
    ]
    return sorted(everything, key=lambda letter: (letter.when, letter.id))


def mailboxes(people: World, written: list[Letter]) -> dict[str, list[Kept]]:
    """Give what lies in each owner's mailbox; the same letter is in every mailbox that wrote or received it."""
    boxes: dict[str, list[Kept]] = {name: [] for name in people.owners}
    for letter in written:
        for name, owner in people.owners.items():
            if letter.sender is owner.person:
                boxes[name].append(_keep(kept(letter), letter, "Sent", owner))
            if owner.person in letter.everybody:
                folder = letter.label or "Inbox"
                boxes[name].append(_keep(received(letter, owner, people), letter, folder, owner))
    return boxes


def _keep(data: bytes, letter: Letter, folder: str, owner: Owner) -> Kept:
    digest = hashlib.sha256(letter.root.id.encode()).digest()
    thread = str(1_790_000_000_000_000_000 + int.from_bytes(digest[:7]) % 10**16)
    read = folder == "Sent" or (
        folder != "Spam" and (letter.role != "" or Chance(f"read {letter.id} {owner.address}").odds(0.9))
    )
    return Kept(data, letter.when, folder, thread, letter.subject, read)


def truth(people: World, written: list[Letter]) -> str:
    """Give, as JSON, whose the mailboxes are and what each letter of the story is; all others are ordinary."""
    messages = []
    for letter in written:
        if letter.role:
            operation_name, _, role = letter.role.partition("/")
            readers = [owner.address for owner in people.owners.values() if owner.person in letter.everybody]
            messages.append(
                {
                    "message_id": letter.id,
                    "operation": operation_name,
                    "role": role,
                    "date": letter.when.isoformat(),
                    "from": letter.sender.address,
                    "mailboxes": readers,
                    "subject": letter.subject,
                }
            )
    owners = {world.local_part(owner.person.name).replace(".", "-"): owner.address for owner in people.owners.values()}
    return json.dumps({"owners": owners, "messages": messages}, indent=1, ensure_ascii=False) + "\n"


def published(people: World, written: list[Letter]) -> str:
    """Give what the DNS of this world said while these letters were written, as passive DNS keeps it.

    One JSON object in each line (Common Output Format): DKIM keys, SPF and DMARC records of every domain.
    """
    first = int((written[0].when - timedelta(days=30)).timestamp())
    last = int((written[-1].when + timedelta(days=30)).timestamp())
    senders = dict(people.systems)
    for letter in written:
        if letter.envelope:
            senders.setdefault(letter.envelope.partition("@")[2], people.systems[letter.domain or letter.sender.domain])
    records: dict[str, str] = {}
    for domain, system in sorted(senders.items()):
        network = sending_network(system)
        addresses = sorted({world.address_ip(system.server(number), network) for number in range(SERVERS)})
        records[domain] = f"v=spf1 {' '.join(f'ip4:{address}' for address in addresses)} ~all"
    for domain, system in sorted(people.systems.items()):
        if system.key:
            records[f"{system.selector}._domainkey.{domain}"] = dkim.record(system.key)
        if system.policy:
            records[f"_dmarc.{domain}"] = f"v=DMARC1; p={system.policy}"
    lines = [
        json.dumps({"rrname": name, "rrtype": "TXT", "rdata": [text], "time_first": first, "time_last": last})
        for name, text in records.items()
    ]
    return "\n".join(lines) + "\n"


def write_mailboxes(people: World, written: list[Letter], folder: Path) -> dict[str, list[Path]]:
    """Write all mailboxes below `folder` and give their files by what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, messages in mailboxes(people, written).items():
        owner = people.owners[name]
        label = world.local_part(owner.person.name).replace(".", "-")
        if (folder / label).is_dir():
            shutil.rmtree(folder / label)
        title = f"{owner.person.name} <{owner.address}>, {len(messages)} messages"
        paths[title] = write(owner.container, messages, folder, label)
    return paths


def write_knowledge(people: World, written: list[Letter], folder: Path) -> None:
    """Write what a case should know of this world: its providers and institutions, and what the DNS said then."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "keys" / "published.jsonl").write_text(published(people, written), "utf-8", newline="\n")
    for source in sorted((HERE / "knowledge").rglob("*.toml")):
        target = folder / source.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def write_case(people: World, written: list[Letter], folder: Path) -> None:
    """Prepare a case folder: its own domains, and what it should know. A case that exists keeps its `case.toml`."""
    write_knowledge(people, written, folder)
    if not (folder / "case.toml").exists():
        domains = sorted({owner.person.domain for owner in people.owners.values()} - {"mailhaven.example"})
        listed = ", ".join(f'"{domain}"' for domain in domains)
        text = f'name = "The worked example"\nown_domains = [{listed}]\nhandling = "TLP:CLEAR"\n'
        (folder / "case.toml").write_text(text, "utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m examples.build", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write the mailboxes; earlier ones are replaced")
    parser.add_argument("--case", type=Path, help="prepare a case here; else FOLDER has what it should know")
    parser.add_argument("--logs", type=Path, help="write here what the provider of campaign A recorded")
    parser.add_argument("--truth", type=Path, help="write here, as JSON, which messages are what in the story")
    chosen = parser.parse_args(arguments)
    people = world.load()
    written = letters(people)
    try:
        paths = write_mailboxes(people, written, chosen.folder)
        if chosen.case:
            write_case(people, written, chosen.case)
        else:
            write_knowledge(people, written, chosen.folder)
        recorded = logs.write_logs(people, written, chosen.logs) if chosen.logs else []
        if chosen.truth:
            chosen.truth.parent.mkdir(parents=True, exist_ok=True)
            chosen.truth.write_text(truth(people, written), "utf-8", newline="\n")
    except OSError as error:
        what = f"Cannot write {error.filename}: {error.strerror}."
        print(what, "Choose a folder that you may write to.", file=sys.stderr)
        return 2
    for title, files in paths.items():
        print(title, *(f"  {path}" for path in files), sep="\n")
    if recorded:
        print("What the provider of campaign A recorded", *(f"  {path}" for path in recorded), sep="\n")
    print("What a case should know of this world", f"  {chosen.case or chosen.folder}", sep="\n")
    if chosen.truth:
        print("What is what, not for reading beforehand", f"  {chosen.truth}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
