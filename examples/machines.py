"""Mail that nobody types: newsletters, notices, shared documents, invitations, a mailing list, bounces."""

import functools
import tomllib
from datetime import datetime, timedelta
from typing import Any

from examples import files
from examples.chance import Chance, Wording
from examples.letter import File, Letter, as_html, escape
from examples.talk import DAYS, moment, talk, topics, words
from examples.world import HOME_ZONE, TEXTS, Owner, Person, World, local_part

MACHINE = "machine"
LIST = Person("policy-l", "policy-l@lists.policyforum.example", "thunderbird")


def machine_mail(world: World) -> list[Letter]:
    """Write all mail of machines."""
    letters: list[Letter] = []
    for name, owner in world.owners.items():
        for entry in _bulk()["newsletter"]:
            if name in entry["readers"]:
                letters += _issues(entry, owner)
        letters += _notices(owner)
        letters += _invitations(world, owner)
        letters += _shares(world, owner)
        letters += _bounces(world, owner)
    return letters + _list(world)


@functools.cache
def _bulk() -> dict[str, Any]:
    return tomllib.loads((TEXTS / "bulk.toml").read_text("utf-8"))


def _issues(entry: dict[str, Any], owner: Owner) -> list[Letter]:
    """Write one reader's issues of a newsletter, each with its own links for counting clicks."""
    letters = []
    sender = Person(entry["name"], entry["address"], MACHINE)
    domain = sender.domain
    first = Chance(f"{sender.address} {owner.address}").below(entry["every"])
    for day in range(first, DAYS, entry["every"]):
        chance = Chance(f"{sender.address} {owner.address} {day}")
        wording = Wording(chance, words())
        wording.fixed["you"] = owner.person.first
        items = [wording.fill(item) for item in chance.some(entry["items"], chance.between(2, 4))]
        button = wording.fill(entry["button"])
        link = f"https://click.{domain}/c/{chance.hexadecimal(10)}?r={chance.token(16)}"
        leave = f"https://click.{domain}/u/{chance.token(20)}"
        subject = wording.fill(chance.pick(entry["subject"]))
        foot = f"You get this because you signed up at {entry['name']}. [Unsubscribe|{leave}]"
        letters.append(
            Letter(
                sender,
                [owner.person],
                subject[0].upper() + subject[1:],
                "\n\n".join([*items, f"[{button}|{link}]", foot]),
                moment(chance, day, HOME_ZONE),
                page=_issue_page(entry["name"], domain, items, (button, link), leave, chance),
                extra=(
                    ("List-Unsubscribe", f"<{leave}>,\r\n <mailto:unsubscribe@{domain}?subject={chance.token(12)}>"),
                    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                    ("List-Id", f"<{local_part(entry['name']).replace('.', '-')}.{domain}>"),
                    ("Feedback-ID", f"{chance.between(10**5, 10**6)}:{chance.between(100, 999)}:campaign:sendwave"),
                    ("X-Campaign-Id", chance.hexadecimal(10)),
                ),
                envelope=f"bounce+{chance.hexadecimal(6)}-{owner.address.replace('@', '=')}@em.sendwave.example",
                label="Category Promotions",
            )
        )
    return letters


def _issue_page(title: str, domain: str, items: list[str], button: tuple[str, str], leave: str, chance: Chance) -> str:
    rows = "\r\n".join(
        f'<tr><td style="padding:8px 24px;font-family:Arial,sans-serif;font-size:15px">{escape(item)}</td></tr>'
        for item in items
    )
    logo = f'<img src="https://img.{domain}/logo.png" width="180" alt="{escape(title)}">'
    shape = "background:#224477;color:#ffffff;padding:12px 28px;text-decoration:none"
    pixel = f'<img src="https://click.{domain}/o/{chance.token(22)}.gif" width="1" height="1" alt="">'
    return (
        f"<!DOCTYPE html>\r\n<html><head><title>{escape(title)}</title></head>\r\n"
        '<body style="margin:0;background:#f4f4f4">\r\n'
        f'<div style="display:none;max-height:0">{escape(items[0][:80])}</div>\r\n'
        '<table role="presentation" width="600" align="center" style="background:#ffffff">\r\n'
        f'<tr><td align="center">{logo}</td></tr>\r\n{rows}\r\n<tr><td align="center" style="padding:16px">'
        f'<a href="{escape(button[1])}" style="{shape}">{escape(button[0])}</a></td></tr>\r\n'
        '<tr><td style="font-size:11px;color:#888888;padding:16px">You get this because you signed up at '
        f'{escape(title)}. <a href="{leave}">Unsubscribe</a></td></tr>\r\n</table>\r\n{pixel}\r\n</body></html>'
    )


def notice(kind: str, owner: Owner, day: float, seed: str = "") -> Letter:
    """Write one notice of a service because the owner did something."""
    entry = next(entry for entry in _bulk()["notice"] if entry["id"] == kind)
    chance = Chance(f"notice {kind} {owner.address} {day} {seed}")
    wording = Wording(chance, words())
    wording.fixed |= {"you": owner.person.first, "address": owner.address, "token": chance.token(24)}
    sender = Person(entry["name"], entry["address"], MACHINE)
    text = wording.fill(entry["text"])
    return Letter(
        sender,
        [owner.person],
        wording.fill(entry["subject"]),
        text,
        moment(chance, day, HOME_ZONE),
        page=notice_page(entry["name"], text),
        extra=(("Auto-Submitted", "auto-generated"),),
        envelope=f"bounces+{chance.hexadecimal(12)}@{sender.domain}",
        label="Category Updates",
    )


def notice_page(title: str, text: str) -> str:
    """Give the HTML of a service's notice: a frame, the text, its links as buttons."""
    return (
        '<html><body style="font-family:Arial,sans-serif"><div style="max-width:560px;margin:auto;border:1px solid '
        f'#dddddd;padding:24px">\r\n<h2>{escape(title)}</h2>\r\n{as_html(text, "p")}\r\n</div></body></html>'
    )


def _notices(owner: Owner) -> list[Letter]:
    chance = Chance(f"notices {owner.address}")
    kinds = [entry["id"] for entry in _bulk()["notice"]]
    if not owner.person.domain.startswith(("mailhaven", "harrow2024", "sandoval")):
        kinds = [kind for kind in kinds if kind not in ("sign-in", "storage")]
    return [notice(chance.pick(kinds), owner, chance.below(DAYS), str(number)) for number in range(11)]


def _invitations(world: World, owner: Owner) -> list[Letter]:
    """Write meeting invitations from colleagues, with a calendar object and a link of the meeting service."""
    letters = []
    colleagues = [person for person in world.team(owner.side) if person is not owner.person]
    for number in range(4):
        chance = Chance(f"invitation {owner.address} {number}")
        wording = Wording(chance, words())
        host = chance.pick(colleagues)
        day = chance.below(DAYS - 6)
        written = moment(chance, day, HOME_ZONE)
        start = moment(chance, day + 3, HOME_ZONE).replace(minute=chance.pick((0, 15, 30)), second=0)
        title = wording.fill(
            chance.pick(
                (
                    "{Weekly|Short} call on {issue}",
                    "{place}: who does what",
                    "Planning, {weekday}",
                    "{county} County catch-up",
                )
            )
        )
        room = "-".join((chance.token(3, "abcdefghij"), chance.token(4, "klmnopqrst"), chance.token(3, "uvwxyz")))
        link = f"https://meet.huddleroom.example/{room}"
        calendar = files.invitation(
            f"{chance.token(26)}@mailhaven.example", title, link, start, (host.name, host.address), owner.address
        )
        text = f"You have been invited to the following event.\n\n{title}\n\nJoin: {link}\n\nOrganiser: {host.name}"
        machine = Person(host.name, host.address, MACHINE)
        letters.append(
            Letter(
                machine,
                [owner.person],
                f"Invitation: {title}",
                text,
                written,
                calendar=calendar,
                page=notice_page("Calendar", text),
                extra=(("Auto-Submitted", "auto-generated"),),
            )
        )
    return letters


def share(owner: Owner, sharer: Person, title: str, when: datetime, note: str = "") -> Letter:
    """Write the notice of the real file service that somebody shared a document."""
    chance = Chance(f"share {owner.address} {sharer.address} {title}")
    link = f"https://cloudloft.example/d/{chance.token(22)}/edit?usp=share"
    text = f"{sharer.name} ({sharer.address}) has invited you to edit the following document:\n\n[{title}|{link}]"
    if note:
        text += f"\n\n{note}"
    return Letter(
        Person("Cloudloft", "shares-noreply@cloudloft.example", MACHINE),
        [owner.person],
        f'Document shared with you: "{title}"',
        text,
        when,
        page=notice_page("Cloudloft", text),
        shown=f"{sharer.name} (via Cloudloft)",
        reply_to=sharer.address,
        extra=(("Auto-Submitted", "auto-generated"),),
        envelope=f"bounces+{chance.hexadecimal(12)}@cloudloft.example",
        label="Category Updates",
    )


def _shares(world: World, owner: Owner) -> list[Letter]:
    chance = Chance(f"shares {owner.address}")
    colleagues = [person for person in world.team(owner.side) if person is not owner.person]
    titles = ("{issue}, draft {page}", "Run sheet {place}", "{county} figures", "Notes {weekday}", "{field}, sources")
    letters = []
    for number in range(3):
        title = Wording(chance, words()).fill(chance.pick(titles))
        when = moment(chance, chance.below(DAYS), HOME_ZONE)
        letters.append(share(owner, chance.pick(colleagues), f"{title} ({number + 1})", when))
    return letters


def _bounces(world: World, owner: Owner) -> list[Letter]:
    """Write an out-of-office note, and for some owners a delivery report (RFC 3464) on a mistyped address."""
    chance = Chance(f"bounces {owner.address}")
    letters: list[Letter] = []
    someone = chance.pick(world.circles["official"])
    question = Letter(
        owner.person,
        [someone],
        chance.pick(("Quick question", "Friday", "The room on the second floor", "Numbers")),
        chance.pick(
            (
                "Do you have a minute this week? It is about the hearing.",
                "Could you point me to the right desk for records?",
            )
        ),
        moment(chance, chance.below(DAYS), HOME_ZONE),
    )
    away = Letter(
        Person(someone.name, someone.address, someone.client),
        [owner.person],
        f"Automatic reply: {question.subject}",
        chance.pick(
            (
                "I am out of the office until Monday. For anything urgent please ring the committee.",
                "Thank you for your message. I am on leave until the 3rd; your mail will not be forwarded.",
            )
        ),
        question.when + timedelta(seconds=chance.between(3, 40)),
        answers=question,
        extra=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
    )
    letters += [question, away]
    if not chance.odds(0.6):
        return letters
    wrong = Person("", f"{chance.token(6)}@statecapitol.example", "outlook")
    lost = Letter(
        owner.person,
        [wrong],
        "Room booking",
        "Is the large room free on Thursday?",
        moment(chance, chance.below(DAYS), HOME_ZONE),
    )
    servers = world.systems[owner.person.domain]
    report = (
        f"Your message to {wrong.address} could not be delivered.\n\n"
        f"The response from the remote server was:\n550 5.1.1 <{wrong.address}>: recipient unknown"
    )
    status = (
        f"Reporting-MTA: dns; {servers.server(0)}\r\n\r\n"
        f"Final-Recipient: rfc822; {wrong.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    daemon = Person("Mail Delivery Subsystem", f"mailer-daemon@{servers.servers}", MACHINE)
    letters.append(lost)
    letters.append(
        Letter(
            daemon,
            [owner.person],
            "Delivery Status Notification (Failure)",
            report,
            lost.when + timedelta(seconds=7),
            answers=lost,
            files=(File("status.txt", "message/delivery-status", status.encode()),),
            extra=(("Auto-Submitted", "auto-replied"), ("X-Failed-Recipients", wrong.address)),
        )
    )
    return letters


def _list(world: World) -> list[Letter]:
    """Write the mail of a discussion list that rewrites From and signs for itself, as lists do since DMARC."""
    readers = [world.owners[name].person for name in ("tobias", "miriam", "samir")]
    writers = world.circles["scholar"]
    letters: list[Letter] = []
    for number in range(9):
        chance = Chance(f"list {number}")
        one, other = chance.some(writers, 2)
        subjects = topics("scholar")
        thread = talk(subjects[number % len(subjects)], (one, other), chance.below(DAYS), chance, [])
        before: Letter | None = None
        for written in thread:
            author = written.sender
            through = Person(f"{author.name} via policy-l", LIST.address, "thunderbird", author.signature, author.zone)
            title = f"[policy-l] {written.subject}".replace("[policy-l] Re:", "Re: [policy-l]")
            before = Letter(
                through,
                [LIST],
                title,
                written.text,
                written.when,
                bcc=readers,
                answers=before,
                reply_to=author.address,
                id=written.id,
                extra=(
                    ("X-Mailman-Version", "3.3.9"),
                    ("Precedence", "list"),
                    ("List-Id", "Policy forum <policy-l.lists.policyforum.example>"),
                    ("List-Post", "<mailto:policy-l@lists.policyforum.example>"),
                    ("List-Unsubscribe", "<mailto:policy-l-leave@lists.policyforum.example>"),
                ),
                envelope="policy-l-bounces@lists.policyforum.example",
            )
            letters.append(before)
    return letters
