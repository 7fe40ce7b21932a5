"""The types of operations: what each shares, with whom, and what deceives whoever connects its messages."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from bench.linking import files, honest
from bench.linking.actors import actor, skeleton
from bench.linking.letter import CLIENTS
from bench.linking.names import account, chance
from bench.linking.receivers import delivered
from bench.linking.routes import FREEMAIL, VPN_EXITS
from bench.linking.stage import Play, Stage, begin, count_of, end, play, targets_of, with_replies
from bench.linking.world import DAYS, START, Outsider

_KIT_PATHS = {
    "dev": (
        "/secure/login.php?id={token}",
        "/portal/auth/index.php?session={token}",
        "/wp-includes/js/verify/?e={token}",
    ),
    "val": (
        "/owa/auth/logon.php?url={token}",
        "/cgi-sys/mail/confirm.php?m={token}",
        "/assets/esign/start.html?env={token}",
    ),
}
_KIT_NAMES = {
    "dev": ("Mail Administrator", "Account Security", "Secure Documents"),
    "val": ("IT Helpdesk", "Mail Delivery System", "E-Signature Service"),
}


def mutation(scene: Stage, number: str, rng: Random) -> None:
    """One persona at several addresses: changing words, domains of one family, few hosts, a token for each target."""
    one = with_replies(scene, actor(scene.world, number, scene.draft("persona"), rng), rng)
    one.ways = rng.choice((("own", "own", "freemail"), ("freemail", "freemail", "own"), ("own", "workspace"), ("own",)))
    days = rng.randint(20, 140)
    how = Play(
        number,
        "mutation",
        count_of("mutation", scene, rng),
        begin(rng, days),
        days,
        targets_of(scene.world, rng, rng.randint(2, 5), 2),
    )
    end(scene, one, how, play(scene, one, how, rng))


def kits(scene: Stage, rng: Random) -> None:
    """Different attackers with the same kit: the same page, path, text and picture, nothing else in common."""
    left, sizes = scene.world.size.kinds["kit"], (2, 3, 2)
    for kit in range(len(sizes)):
        users = min(left, sizes[kit])
        if users <= 0:
            return
        left -= users
        draft, picture, (frame, look) = scene.draft("kit"), files.picture(rng), skeleton(rng)
        path = _KIT_PATHS[scene.world.split][kit]
        for user in range(users):
            number = f"kit-{kit + 1}-{user + 1}"
            one = actor(scene.world, number, draft, rng)
            one.draft, one.personas, one.display = draft, [], _KIT_NAMES[scene.world.split][kit]
            one.picture, one.skeleton, one.look, one.path, one.client = (
                picture,
                frame,
                look,
                path,
                CLIENTS["phpmailer-old"],
            )
            one.ways = rng.choice((("own",), ("own", "service"), ("own", "shared")))
            one = with_replies(scene, one, rng, 0.4)
            days = rng.randint(5, 60)
            how = Play(
                number,
                "kit",
                count_of("kit", scene, rng),
                begin(rng, days),
                days,
                targets_of(scene.world, rng, rng.randint(3, 6), 3),
                chat=False,
            )
            done = end(scene, one, how, play(scene, one, how, rng))
            shared = ("text:", "look:", "path:", "picture:")
            scene.kits |= {c for s in done.shots for c in s.carries if c.startswith(shared)}


def hub(scene: Stage, number: str, rng: Random) -> None:
    """Different attackers on the same shared hosts, VPN exits, shorteners, forms and projects."""
    one = with_replies(scene, actor(scene.world, number, scene.draft("hub"), rng), rng, 0.8)
    one.ways = rng.choice((("shared", "freemail"), ("firebase", "shared"), ("freemail",), ("shared", "service")))
    one.links = rng.choice((("form",), ("form", "short"), ("firebase",), ("short", "firebase"), ("drive", "form")))
    one.exit_ip = VPN_EXITS[len(scene.operations) % len(VPN_EXITS)]
    one.builder = ""
    days = rng.randint(5, 70)
    how = Play(
        number,
        "hub",
        count_of("hub", scene, rng),
        begin(rng, days),
        days,
        targets_of(scene.world, rng, rng.randint(2, 5), 2),
        chat=False,
    )
    end(scene, one, how, play(scene, one, how, rng))


def copycat(scene: Stage, number: str, rng: Random) -> None:
    """Somebody else takes over text, subject, persona and look of an operation that a circular has described."""
    models = [
        o
        for o in scene.operations
        if o.kind in ("mutation", "vouch") and not any(other.copies == o.id for other in scene.operations)
    ]
    model = rng.choice([o for o in models if o.shots[-1].letter.when < START + timedelta(days=DAYS - 40)] or models)
    quoted = model.shots[len(model.shots) // 2]
    readers = rng.sample(scene.world.people, max(2, len(scene.world.people) // 3))
    scene.made.extend(honest.warning(scene.world, quoted.letter, model.id, quoted.domain, readers, rng))
    one = actor(
        scene.world,
        number,
        scene.drafts["persona"][0] if scene.drafts["persona"] else model.actor.draft,
        rng,
        len(model.actor.personas),
    )
    one.draft, one.skeleton, one.look, one.picture = (
        model.actor.draft,
        model.actor.skeleton,
        model.actor.look,
        model.actor.picture,
    )
    one.personas = [
        replace(
            mine,
            name=theirs.name,
            institution=theirs.institution,
            boxes=tuple(
                (p, f"{account(theirs.name, rng)}{rng.randint(100, 999)}@{FREEMAIL[p][0]}") for p, _ in mine.boxes
            ),
        )
        for mine, theirs in zip(one.personas, model.actor.personas, strict=True)
    ]
    one = with_replies(scene, one, rng, 0.8)
    if model.kind == "vouch":
        one.ways, one.links = ("freemail",), ()
    else:
        one.ways = rng.choice((("own", "freemail"), ("own",)))
    told = quoted.letter.when + timedelta(days=12)  # the circular is out by then
    start = max(told, *(s.letter.when for s in model.shots)) + timedelta(days=rng.randint(3, 15))
    how = Play(
        number,
        "copycat",
        count_of("copycat", scene, rng),
        start,
        rng.randint(5, 30),
        targets_of(scene.world, rng, rng.randint(2, 4), 2),
        copies=model.id,
        cc=model.kind == "vouch",
    )
    done = end(scene, one, how, play(scene, one, how, rng))
    shared = ("text:", "look:", "picture:", "persona:")
    theirs = {c for s in model.shots for c in s.carries if c.startswith(shared)}
    scene.copied |= theirs & {c for s in done.shots for c in s.carries}


def taken(scene: Stage, number: str, rng: Random, again: Outsider | None = None) -> Outsider:
    """A real correspondent's account sends one wave; honest mail comes from it before and after."""
    rested = [o for o in scene.world.outsiders if f"from:{o.party.address}" not in scene.accounts]
    whose = again or rng.choice(rested)
    one = actor(scene.world, number, scene.draft("taken"), rng)
    one.personas = []
    targets = list(whose.knows) + targets_of(scene.world, rng, 2, 2)
    days = rng.choice((0.5, 1, 2, 3))
    start = START + timedelta(days=rng.randint(150, 220) if again else rng.randint(30, 110))
    how = Play(number, "taken", count_of("taken", scene, rng), start, days, targets, chat=False, taken=whose)
    done = end(scene, one, how, play(scene, one, how, rng))
    scene.accounts.add(f"from:{whose.party.address}")
    first, last = done.shots[0].letter.when, done.shots[-1].letter.when
    for person in whose.knows:
        for when in (first - timedelta(days=rng.randint(1, 9)), last + timedelta(days=rng.randint(1, 9))):
            letter = honest.from_outsider(scene.world, whose, person, when, rng)
            data = delivered(letter, whose.relay(rng), person.organisation.receiver, person.party.address, rng)
            scene.made.append(honest.told(person, letter, data, scene.world, "taken-account"))
    return whose


ANCHORS = ("reply_to", "phone", "dkim", "builder")


def handover(scene: Stage, number: str, rng: Random) -> None:
    """Everything is begun anew but for one thing: a reply address, a phone, a DKIM key or a file's builder."""
    anchor = ANCHORS[sum(o.kind == "handover" for o in scene.operations) % len(ANCHORS)]
    one = actor(scene.world, number, scene.draft("persona"), rng)
    later = actor(scene.world, f"{number} later", scene.draft("moved"), rng)
    for phase in (one, later):
        phase.ways = rng.choice((("own", "own", "freemail"), ("own",))) if anchor != "dkim" else ("own",)
        phase.anchor = anchor
    if anchor == "reply_to":
        later.reply_to = with_replies(scene, one, rng, 1.0).reply_to
    elif anchor == "phone":
        later.personas = [replace(who, phone=one.personas[0].phone) for who in later.personas]
    elif anchor == "dkim":
        one.kept_dkim = later.kept_dkim = (one.servers[0].host.partition(".")[2], one.selector)
    else:
        later.builder = one.builder
    count, days = count_of("handover", scene, rng), rng.randint(10, 60)
    start = begin(rng, days * 2 + 60)
    first = Play(
        number, "handover", max(1, count // 2), start, days, targets_of(scene.world, rng, rng.randint(2, 4), 2)
    )
    shots = play(scene, one, first, rng)
    pause = shots[-1].letter.when + timedelta(days=rng.randint(15, 50))
    second = replace(
        first,
        count=max(1, count - count // 2),
        start=pause,
        first=len(shots) + 1,
        targets=targets_of(scene.world, rng, rng.randint(2, 4), 2),
    )
    end(scene, one, first, shots + play(scene, later, second, rng))


def vouch(scene: Stage, number: str, rng: Random) -> None:
    """Two personas who vouch for each other, slowly, without a single link."""
    one = actor(scene.world, number, scene.draft("vouch"), rng, 2)
    one.ways, one.links, one.skeleton = ("freemail",), (), ""
    one = with_replies(scene, one, rng, 0.3)
    days = rng.randint(60, 160)
    how = Play(
        number,
        "vouch",
        count_of("vouch", scene, rng),
        begin(rng, days),
        days,
        targets_of(scene.world, rng, rng.randint(2, 4), 2),
        cc=True,
    )
    end(scene, one, how, play(scene, one, how, rng))


def crime(scene: Stage, number: str, rng: Random) -> None:
    """A wave of ordinary crime: every message from another sender, to many."""
    one = actor(scene.world, number, scene.draft("crime"), rng)
    one.personas, one.ways, one.display = (
        [],
        ("random",),
        rng.choice(("Billing", "Service", "Order Desk", "Kundendienst")),
    )
    one.client, one.builder = CLIENTS[rng.choice(("phpmailer", "phpmailer-old", "python"))], ""
    count, days = count_of("crime", scene, rng), rng.choice((2, 5, 9))
    people = list(scene.world.people)
    rng.shuffle(people)
    how = Play(number, "crime", count, begin(rng, days), days, people, chat=False)
    end(scene, one, how, play(scene, one, how, rng))


_TIES = ("exit", "reply_to", "dkim", "document")


def leak(scene: Stage, number: str, rng: Random) -> None:
    """A victim is phished; weeks later newsrooms and rivals get a document that lies in the victim's honest mail.

    What ties both phases besides the document: the operator's own address on the net, the reply address, a DKIM key,
    or nothing.
    """
    tie = _TIES[sum(o.kind == "leak" for o in scene.operations) % len(_TIES)]
    one = actor(scene.world, number, scene.draft("persona"), rng)
    later = actor(scene.world, f"{number} leak", scene.draft("leak"), rng)
    one.ways, later.links, later.ways = ("own", "own", "freemail"), (), ("freemail",)
    if tie == "exit":
        later.exit_ip = one.exit_ip
        later.personas = [
            replace(p, boxes=(("gmx", p.boxes[0][1].partition("@")[0] + "@gmx.net"),)) for p in later.personas
        ]
    elif tie == "reply_to":
        one = with_replies(scene, one, rng, 1.0)
        one.anchor = later.anchor = "reply_to"
        later.reply_to = one.reply_to
    elif tie == "dkim":
        one.kept_dkim = later.kept_dkim = (one.servers[0].host.partition(".")[2], one.selector)
        one.anchor = later.anchor = "dkim"
        later.ways = ("own",)
    boxes = sorted(box for box, listed in scene.documents.items() if listed)
    if not boxes:
        raise ValueError("No honest mail has a document that could be stolen; use a larger size.")
    stolen_from = rng.choice(boxes)
    victim = next(one for one in scene.world.people if one.box == stolen_from)
    count, days = count_of("leak", scene, rng), rng.randint(5, 30)
    start = begin(rng, days + 90)
    around = [
        victim,
        *rng.sample(scene.world.of(victim.organisation), min(2, len(scene.world.of(victim.organisation)))),
    ]
    targets = list(dict.fromkeys(around + targets_of(scene.world, rng, 2, 2)))
    first = Play(number, "leak", max(1, count // 2), start, days, targets)
    shots = play(scene, one, first, rng)
    desks = [p for p in scene.world.people if p.organisation.kind == "newsroom" or p.organisation.kind == "campaign"]
    desks = [p for p in desks if p.organisation is not victim.organisation]
    document = rng.choice(scene.documents[victim.box])
    for box, listed in list(scene.documents.items()):  # nobody steals it a second time
        scene.documents[box] = [one for one in listed if one.data != document.data]
    second = replace(
        first,
        count=max(1, count - count // 2),
        start=shots[-1].letter.when + timedelta(days=rng.randint(12, 50)),
        days=12,
        targets=rng.sample(desks, min(4, len(desks))),
        role="leak",
        enclose=(document,),
        first=len(shots) + 1,
    )
    end(scene, one, first, shots + play(scene, later, second, rng))


def operations(scene: Stage) -> None:
    """Play every operation of this size, each from a seed of its own."""
    kinds = scene.world.size.kinds

    def rng(name: str) -> Random:
        return chance(name, scene.world.split, scene.seed)

    for number in range(1, kinds["mutation"] + 1):
        mutation(scene, f"mutation-{number}", rng(f"mutation {number}"))
    kits(scene, rng("kits"))
    for kind, make in (("hub", hub), ("handover", handover), ("vouch", vouch), ("crime", crime), ("leak", leak)):
        for number in range(1, kinds[kind] + 1):
            make(scene, f"{kind}-{number}", rng(f"{kind} {number}"))
    first: Outsider | None = None
    for number in range(1, kinds["taken"] + 1):
        # The second takes over the same account months later: two attackers, one sender.
        used = taken(scene, f"taken-{number}", rng(f"taken {number}"), first if number == 2 else None)
        first = first or used
    for number in range(1, kinds["copycat"] + 1):
        copycat(scene, f"copycat-{number}", rng(f"copycat {number}"))
