"""People, domains and links of one operation: invented, or taken from the mailbox that carries it."""

import re
import string
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from random import Random

from publicsuffixlist import PublicSuffixList

from bench.operations.carriers import FREEMAIL, Carrier, Letter
from bench.operations.scenarios import People, Side

_SALAD = ("panel-view.live", "docs-shared-view.com", "drive-protection.online", "join-meeting.site", "view-share.top",
          "check-session.online", "secure-doc-view.live", "confirm-entry.top", "cloud-viewer.online")  # fmt: skip
_HOSTERS = ("webspace-direct.net", "vserver-rent.com", "cloudnode-eu.net", "mailrelay-out.com", "simple-hosting.online")
_SUFFIXES = PublicSuffixList()
_TLDS = ("org", "net", "com", "info", "press", "online", "live", "us")
_NO_PERSON = re.compile(
    r"(?i)no-?reply|list|admin|announce|notification|postmaster|mailer|support|office|40enron|request|-owner|outlook"
    r"|relations|team|info@|news|webmaster|help|resources|committee"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes. `kind` decides which skeleton carries his mail; `real` is whom he is or claims to be."""

    name: str
    address: str  # for a free-mail persona only the local part and an empty domain until a skeleton was chosen
    kind: str
    real: str  # address of the real correspondent, empty for the invented
    institution: str
    institution_domain: str
    envelope: str = ""  # of who writes in another's name: the address that the mail really comes from


def organisation(domain: str) -> str:
    """The registrable domain by the Public Suffix List, or the domain itself."""
    return _SUFFIXES.privatesuffix(domain) or domain


def look_alike(domain: str, rng: Random) -> str:
    """A domain that reads like another: letters swapped or exchanged, a word added, another top-level domain."""
    stem, _, rest = organisation(domain).partition(".")
    rest = rest or "org"
    ways = []
    for old, new in (("i", "l"), ("l", "i"), ("g", "q"), ("m", "rn"), ("o", "0"), ("u", "v")):
        if old in stem:
            ways.append((stem.replace(old, new, 1), rest))
    if len(stem) > 4:
        at = rng.randrange(1, len(stem) - 2)
        if stem[at] != stem[at + 1]:
            ways.append((stem[:at] + stem[at + 1] + stem[at] + stem[at + 2 :], rest))
        ways.append((stem[:at] + stem[at] + stem[at:], rest))
    ways.append((stem + "-" + rng.choice(("mail", "docs", "office", "group")), rest))
    ways.append((stem, rng.choice([t for t in _TLDS if t != rest])))
    stem, rest = rng.choice(ways)
    return f"{stem}.{rest}"


def correspondents(carrier: Carrier, before: datetime) -> list[tuple[str, str]]:
    """Name and address of those who wrote to the owner at least four times and were written to, most frequent first."""
    wrote: Counter[str] = Counter()
    answered: set[str] = set()
    names: dict[str, str] = {}
    for one in carrier.letters:
        if one.when >= before:
            break
        if one.address in carrier.owner:
            answered.update(one.to)
        elif " " in one.name.strip() and not _NO_PERSON.search(one.address) and "@" not in one.name:
            wrote[one.address] += 1
            names[one.address] = one.name
    ranked = sorted((a for a, n in wrote.items() if n >= 4), key=lambda a: (a not in answered, -wrote[a], a))
    return [(names[a], a) for a in ranked[:30]]


def _token(rng: Random, length: int) -> str:
    return "".join(rng.choice(string.ascii_letters + string.digits + "-_") for _ in range(length))


class Slots(dict[str, str]):
    """What fills the braces of a text. Links are made when first asked for and stay the same in one operation."""

    def __init__(self, seed: str, domain: str, owner: str) -> None:
        """Links need the persona's domain and the owner's address."""
        super().__init__()
        self._seed, self._domain, self._owner = seed, domain, owner

    def __missing__(self, key: str) -> str:
        """Make a link, a phone number, a password or a code."""
        rng = Random(f"{self._seed}/{key}")  # noqa: S311  # not for secrets; one for each key, whatever was asked before
        slug = "-".join(rng.sample(("briefing", "notes", "panel", "draft", "review", "agenda", "brief", "round"), 2))
        initials = self._owner[:2].upper()
        made = {
            "drive": f"https://drive.google.com/file/d/1{_token(rng, 32)}/view?usp=sharing",
            "docs": f"https://docs.google.com/document/d/1{_token(rng, 43)}/edit?usp=sharing",
            "onedrive": f"https://1drv.ms/b/s!{_token(rng, 22)}",
            "sites": f"https://sites.google.com/view/{slug}-{rng.randrange(10, 99)}/home",
            "pages": f"https://{slug}-{rng.randrange(100, 999)}.pages.dev/join",
            "salad": f"https://{rng.choice(_SALAD)}/{_token(rng, 8)}",
            "token": f"https://www.{self._domain}/connect/?memberid={initials}-{_token(rng, 9)}",
            "short": f"https://{rng.choice(('bit.ly', 'tinyurl.com', 'is.gd', 'cutt.ly'))}/{_token(rng, 7)}",
            "zoom": f"https://us02web.zoom.us/j/{rng.randrange(10**10, 10**11 - 1)}?pwd={_token(rng, 32)}",
            "teams": f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{_token(rng, 40)}",
            "site": f"https://www.{self._domain}/{slug}",
            "pixel": f"https://img.{self._domain}/o/{_token(rng, 12)}.gif",
            "oauth": "https://accounts.google.com/o/oauth2/v2/auth?client_id="
            f"{rng.randrange(10**11, 10**12 - 1)}-{_token(rng, 20).lower()}.apps.googleusercontent.com&scope="
            f"https://mail.google.com/&redirect_uri=https://{slug}.pages.dev/cb",
            "device": "https://microsoft.com/devicelogin",
            "apppassword": "https://myaccount.google.com/apppasswords",
            "google": "https://myaccount.google.com/notifications",
            "phone": f"+{rng.choice(('44 7700 900', '1 202 555 0', '49 1555 010 '))}{rng.randrange(100, 999)}",
            "password": f"{rng.choice(('Spring', 'Review', 'Draft', 'Panel'))}{rng.randrange(1000, 9999)}!",
            "code": "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(9)),
            "ip": f"203.0.113.{rng.randrange(2, 250)}",
        }
        if key not in made:
            raise KeyError(f"a text asks for {{{key}}}, which nobody fills")
        self[key] = made[key]
        return made[key]


def cast(side: Side, carrier: Carrier, people: People, language: str, start: datetime, used: set[str],
         rng: Random) -> dict[str, Person]:  # fmt: skip
    """Choose who plays each part. Names already `used` in this mailbox are not taken again."""
    out: dict[str, Person] = {}
    known = [k for k in correspondents(carrier, start) if k[1] not in used]
    invented = [p for p in people.people[language] if p[1] not in used] or people.people[language]
    house, domain = rng.choice(people.institutions[language])
    chosen = rng.choice(known[:12]) if known else None
    for part, kind in side.cast.items():
        if kind == "taken" or kind.startswith("known"):
            if chosen is None:
                raise LookupError("nobody in this mailbox is known well enough")
            name, real = chosen
            if part in ("second", "third"):
                chosen = rng.choice([k for k in known[:15] if k[1] != real] or known)
                name, real = chosen
            used.add(real)
            local, _, home = real.partition("@")
            address = real
            if kind == "known-lookalike":
                stem = domain if home in FREEMAIL else home
                address = f"{local}@{look_alike(stem, rng)}"
            elif kind == "known-freemail":
                pieces = re.findall(r"[a-z]+", name.lower()) or [local]
                address = f"{rng.choice(('.', '', '_')).join(pieces[:3])}{rng.choice(('', str(rng.randrange(1, 99))))}@"
            out[part] = Person(name, address, kind, real, house, domain)
            continue
        if kind.startswith("provider"):
            home = "accounts.google.com" if kind == "provider" else rng.choice(
                ("accounts-signin.info", "mail-daemon.online", "google-accounts.support", "account-notice.live")
            )  # fmt: skip
            out[part] = Person("Google", f"no-reply@{home}", kind, "", "Google", home)
            continue
        name, local = rng.choice([p for p in invented if p[1] not in used] or invented)
        used.add(local)
        envelope = ""
        if kind == "freemail":
            address = f"{local}{rng.choice(('', str(rng.randrange(1, 99)), str(rng.randrange(1960, 1999))))}@"
        elif kind == "institution":
            address = f"{local}@{domain}"
        elif kind == "spoofed":
            address = f"{local}@{domain}"
            home = f"{rng.choice(('srv', 'web', 'node', 'out'))}{rng.randrange(10, 999)}.{rng.choice(_HOSTERS)}"
            envelope = f"{rng.choice(('www-data', 'bounce', 'office', 'info', 'mailer'))}@{home}"
        else:
            address = f"{local}@{look_alike(domain, rng)}"
        out[part] = Person(name, address, kind, "", house, domain, envelope)
    return out


def letter_of(carrier: Carrier, address: str, before: datetime) -> Letter | None:
    """The last message of somebody before a date."""
    return next((one for one in reversed(carrier.letters) if one.address == address and one.when < before), None)
