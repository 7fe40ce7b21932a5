"""Honest mail to many and by machines: newsletters, press releases, a list, shared files, invitations, notices."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from bench.linking import files
from bench.linking.honest import colleagues, outside, received, said_in, titled
from bench.linking.letter import CLIENTS, Enclosed, Letter, Party
from bench.linking.names import brand, chance, hexadecimal, letters, phone
from bench.linking.routes import Server, google, microsoft, own, service
from bench.linking.world import Made, Person, World, moment

_LETTERS = (
    ("Polling Weekly", "pollingweekly.net", "mailchimp"),
    ("Press Freedom Brief", "pressfreedombrief.org", "sendgrid"),
    ("Campaign Tools Digest", "campaigntoolsdigest.com", "mailchimp"),
    ("Grants Radar", "grantsradar.org", "ses"),
    ("The Media Ledger", "themedialedger.com", "sendgrid"),
    ("Civic Calendar", "civiccalendar.org", "mailchimp"),
)
_CLICK = {
    "mailchimp": "https://{0}.us14.list-manage.com/track/click?u={1}&id={2}&e={3}",
    "sendgrid": "https://u{1}.ct.sendgrid.net/ls/click?upn=u001.{4}",
    "ses": "https://{0}.r.us-east-1.awstrack.me/L0/{4}",
}


def _newsletters(world: World, rng: Random) -> Iterator[Made]:
    """Newsletters through mailing services: one text for all, tokens for each."""
    for title, domain, by in _LETTERS[: 2 + len(world.organisations) // 2]:
        readers = rng.sample(world.people, max(3, len(world.people) // 2))
        number = f"{rng.randint(10**7, 10**8)}"
        logo = f"https://images.{domain}/{hexadecimal(rng, 8)}/logo.png"
        for issue in range(max(2, world.size.honest // 15)):
            when = moment(rng)
            topics = [t[0].upper() + t[1:] for t in rng.sample(world.texts.topics, 3)]
            for reader in readers:
                values = (brand(rng), number, hexadecimal(rng, 10), hexadecimal(rng, 10), letters(rng, 120))
                link = _CLICK[by].format(*values)
                items = "".join(f'<tr><td class="i"><h2>{t}</h2><a href="{link}">Read on</a></td></tr>' for t in topics)
                page = (
                    f'<html><body><table class="nl"><tr><td><img src="{logo}"></td></tr>{items}<tr><td class="f">'
                    f'You receive {title} because you subscribed.</td></tr></table><img width="1" height="1"'
                    f' src="{link}&amp;o=1"></body></html>\n'
                )
                text = f"{title}\n\n" + "\n\n".join(f"{t}\n{link}" for t in topics) + "\n"
                letter = Letter(
                    when + timedelta(seconds=rng.randint(0, 900)),
                    Party(title, f"newsletter@{domain}"),
                    (reader.party,),
                    f"{title}: issue {issue + 1}",
                    text,
                    CLIENTS["service"],
                    page,
                    extra=(("List-Unsubscribe", f"<{link}>"), ("Precedence", "bulk")),
                ).identified(rng)
                relay = service(
                    by,
                    letter.sender.address,
                    ((domain, {"mailchimp": "k2", "sendgrid": "s1"}.get(by, "ses")),),
                    number,
                    rng,
                )
                yield received(reader, letter, relay, world, "newsletter", rng)


def _shares(world: World, rng: Random) -> Iterator[Made]:
    """Notices of Google Drive, Dropbox and SharePoint, and invitations to meetings."""
    makers = (_invitation, _drive, _dropbox, _sharepoint)
    for person in world.people:
        for number in range(max(2, world.size.honest // 10)):
            staff = world.of(person.organisation)
            other = rng.choice(world.outsiders).party if number % 2 else rng.choice(staff).party
            letter, signer = makers[number % 4](person, other, titled(world, rng), moment(rng), rng)
            letter = letter.identified(rng)
            way = microsoft if signer[1] == "selector1" else google
            yield received(person, letter, way(letter.sender.address, (signer,), rng), world, "share", rng)


def _invitation(
    person: Person, other: Party, topic: str, when: datetime, rng: Random
) -> tuple[Letter, tuple[str, str]]:
    begins = when + timedelta(days=4)
    room = "-".join(brand(rng)[:n] for n in (3, 4, 3))
    lines = (
        "BEGIN:VCALENDAR",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        f"UID:{hexadecimal(rng, 26)}@google.com",
        f"ORGANIZER;CN={other.name}:mailto:{other.address}",
        f"SUMMARY:{topic}",
        f"LOCATION:https://meet.google.com/{room}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    file = Enclosed("application/ics", "invite.ics", "\r\n".join(lines).encode())
    subject, text = f"Invitation: {topic} @ {begins:%a %d %b}", f"{topic}\nJoining info is in the invitation.\n"
    letter = Letter(when, other, (person.party,), subject, text, CLIENTS["calendar"], files=(file,))
    return letter, (other.domain, "google")


def _drive(person: Person, other: Party, topic: str, when: datetime, rng: Random) -> tuple[Letter, tuple[str, str]]:
    link = f"https://docs.google.com/document/d/1{letters(rng, 43)}/edit?usp=sharing_eip&ts={hexadecimal(rng, 8)}"
    text = f"{other.name} ({other.address}) has invited you to edit:\n{topic}\n{link}\n"
    sender = Party(f"{other.name} (via Google Drive)", "drive-shares-dm-noreply@google.com")
    letter = Letter(
        when,
        sender,
        (person.party,),
        f'Document shared with you: "{topic}"',
        text,
        CLIENTS["drive"],
        reply_to=other,
    )
    return letter, ("google.com", "20230601")


def _dropbox(person: Person, other: Party, topic: str, when: datetime, rng: Random) -> tuple[Letter, tuple[str, str]]:
    link = f"https://www.dropbox.com/scl/fi/{letters(rng, 21)}/file.pdf?rlkey={letters(rng, 25)}&dl=0"
    text = f"{other.name} invited you to view the file.\n{link}\n"
    sender = Party(f"{other.name} via Dropbox", "no-reply@dropbox.com")
    subject = f'{other.name} shared "{topic}" with you'
    return Letter(when, sender, (person.party,), subject, text, CLIENTS["service"]), ("dropbox.com", "v2")


def _sharepoint(
    person: Person, other: Party, topic: str, when: datetime, rng: Random
) -> tuple[Letter, tuple[str, str]]:
    link = f"https://{other.domain.split('.')[0]}.sharepoint.com/:w:/s/team/E{letters(rng, 43)}?e={letters(rng, 6)}"
    text = f"Here is the document that {other.name} shared with you.\n{link}\n"
    sender = Party(other.name, "no-reply@sharepointonline.com")
    letter = Letter(
        when, sender, (person.party,), f'{other.name} shared "{topic}" with you.', text, CLIENTS["outlook-web"]
    )
    return letter, ("sharepointonline.com", "selector1")


def _releases(world: World, rng: Random) -> Iterator[Made]:
    """One agency's press releases for several clients, and one coalition's list: to many, with one look."""
    agency = Party("Corvane Public Affairs", "releases@corvane-affairs.com")
    logo = Enclosed("image/png", "corvane.png", files.picture(rng), "logo@corvane")
    newsrooms = [one for one in world.people if one.organisation.kind != "ngo"]
    for _ in range(max(2, world.size.honest // 12)):
        when, client = moment(rng), rng.choice(world.organisations)
        title = f"{client.name}: {rng.choice(world.texts.topics)}"
        for person in rng.sample(newsrooms, max(2, len(newsrooms) // 2)):
            text = f"PRESS RELEASE\n\n{title}\n\nFor questions call {phone(chance('corvane'))} or write to us.\n"
            page = (
                f'<html><body><div class="pr"><img src="cid:logo@corvane"><h1>{title}</h1>'
                "<p>For questions write to us.</p></div></body></html>\n"
            )
            letter = Letter(
                when,
                agency,
                (person.party,),
                f"Press release: {title}",
                text,
                CLIENTS["service"],
                page,
                files=(logo,),
            ).identified(rng)
            relay = service("sendgrid", agency.address, ((agency.domain, "s1"),), "28841907", rng)
            yield received(person, letter, relay, world, "release", rng)
    members = rng.sample(world.people, max(3, len(world.people) // 3))
    server = Server("lists.openelections.net", "198.51.178.40")
    for _ in range(max(3, world.size.honest // 8)):
        writer = rng.choice(members)
        post = Letter(
            moment(rng),
            writer.party,
            (Party("", "talk@lists.openelections.net"),),
            f"[talk] {titled(world, rng)}",
            said_in(world, "all", writer.first, rng)
            + "_____\ntalk mailing list\nhttps://lists.openelections.net/talk\n",
            CLIENTS[writer.client],
            extra=(("List-Id", "<talk.lists.openelections.net>"),),
        ).identified(rng)
        relay = own(server, "talk-bounces@lists.openelections.net", (("lists.openelections.net", "mm"),), "", rng)
        for member in members:
            if member is not writer:
                yield received(member, post, relay, world, "list", rng)


def _notices(world: World, rng: Random) -> Iterator[Made]:
    """True notices of new sign-ins."""
    for person in world.people:
        sender = Party("Google", "no-reply@accounts.google.com")
        text = (
            f"We noticed a new sign-in to your Google Account on a {rng.choice(('Mac', 'Windows', 'Pixel'))} device.\n"
            f"https://accounts.google.com/AccountChooser?Email={person.party.address}\n"
        )
        letter = Letter(moment(rng), sender, (person.party,), "Security alert", text, CLIENTS["drive"]).identified(rng)
        relay = google("no-reply@accounts.google.com", (("accounts.google.com", "20230601"),), rng)
        yield received(person, letter, relay, world, "notice", rng)


def honest(world: World, seed: int) -> Iterator[Made]:
    """All honest mail that has nothing to do with an operation."""
    for make in (colleagues, outside, _newsletters, _shares, _releases, _notices):
        yield from make(world, chance(make.__name__, world.split, seed))
