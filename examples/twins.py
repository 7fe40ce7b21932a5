"""Honest mail that looks like an attack: the same hand, the same words, and true. It must stay quiet."""

from examples.letter import Letter
from examples.machines import share
from examples.talk import on
from examples.world import HOME_ZONE, Person, World

JOURNALIST = Person("Lucia Ferrant", "lucia.ferrant@northwire.example", "thunderbird", "Lucia Ferrant\nPolitics, Northwire\n+1 555 0190", HOME_ZONE)
NEW_BETTINA = Person("Bettina Krug", "bettina@krug-atelier.example", "apple", "B.", HOME_ZONE)
EVENTS = Person("Fieldstone Institute Events", "events@fieldstone-institute.example", "thunderbird", "Events team\nFieldstone Institute", 60)


def tell(world: World) -> list[Letter]:
    """Write all honest twins."""
    return [*_interview(world), *_new_address(world), *_documents(world), *_silence(world), *_webinar(world)]


def _twin(
    kind: str, sender: Person, to: Person, subject: str, when: tuple[int, int, int, int], text: str,
    before: Letter | None = None,
) -> Letter:
    return Letter(sender, [to], subject, text, on(*when, sender.zone), answers=before, role=f"twin/{kind}")


def _interview(world: World) -> list[Letter]:
    """A journalist nobody knows yet asks for an interview, from her newspaper's own address."""
    letters = []
    for name, day in (("dana", 14), ("miriam", 20)):
        person = world.owners[name].person
        subject = "Interview request: energy policy and the strait agreement"
        one = _twin("interview", JOURNALIST, person, subject, (6, day, 10, 41), f"Dear {person.first},\n\nwe have not met; I took over the politics beat at Northwire in May. I am working on a piece about energy policy in the campaign and would like to talk to you for twenty minutes, on the record or for background as you prefer.\n\nWould this week or next suit you? You can reach me under the number below or through our desk.\n\nBest regards,")
        two = _twin("interview", person, JOURNALIST, f"Re: {subject}", (6, day, 15, 12), "Welcome to the beat. Thursday at four, by telephone? I will ring your desk.\n\nBest,", one)
        three = _twin("interview", JOURNALIST, person, f"Re: {subject}", (6, day, 15, 50), "Thursday at four is perfect, thank you. I send my questions the day before.", two)
        letters += [one, two, three]
    return letters


def _new_address(world: World) -> list[Letter]:
    """A friend announces her new address from the old one, and then uses it."""
    old = world.named["moving-friend"]
    nora, priya = world.owners["nora"].person, world.owners["priya"].person
    announced = Letter(old, [nora, priya], "New address", "Dear both,\n\nfrom the first of July I write from bettina@krug-atelier.example, since the workshop has a name of its own at last. This one stays for a while, but I shall forget to look.\n\nCome and see the kiln.", on(6, 28, 19, 14), role="twin/new-address")
    one = _twin("new-address", NEW_BETTINA, nora, "The kiln", (7, 3, 20, 5), "My first mail from the new address, so that you know it works. The kiln is hot, the neighbours are not amused. Here is what it looks like: https://www.krug-atelier.example/kiln\n\nWhen do you come?")
    two = _twin("new-address", nora, NEW_BETTINA, "Re: The kiln", (7, 4, 7, 32), "It works, and it is beautiful. After the election, with cake.", one)
    three = _twin("new-address", NEW_BETTINA, priya, "Bowls for the volunteers", (7, 8, 18, 47), "I have forty bowls with tiny cracks. Would your volunteers like them for the party? You would only have to fetch them.")
    return [announced, one, two, three]


def _documents(world: World) -> list[Letter]:
    """Truly shared documents, one with its password in a second mail, and a scholar who has only a free-mail address."""
    tobias, felix, miriam = (world.owners[name] for name in ("tobias", "felix", "miriam"))
    seun, annika, ewa, henry = (world.named[name] for name in ("research-a", "scholar", "freemail-scholar", "accountant"))
    shared = share(tobias, seun, "Energy section, draft 6", 121, "Tobias, page four is yours.", role="twin/shared")
    draft = _twin("shared", annika, tobias.person, "Draft chapter, as promised", (5, 7, 11, 20), "Dear Tobias,\n\nas promised in April, the chapter on gas storage: [Chapter 7, draft|https://cloudloft.example/d/9mq3s7vb2kd1x0pz4trc8w/view]\n\nYou need no account. Your remarks are welcome until the end of the month.\n\nWarm regards,")
    payroll = _twin("password", henry, felix.person, "Payroll file, May", (6, 3, 9, 44), "Hello Felix,\n\nthe payroll file for May lies here, as every month: [Payroll May|https://cloudloft.example/d/2hw8n5xq7ya3mv6jd0tb4e/view]\n\nThe password follows in a separate mail.\n\nKind regards,")
    word = _twin("password", henry, felix.person, "Password", (6, 3, 9, 47), "Hello Felix,\n\nthe password for the payroll file is the one we agreed on the telephone, with this month's number at the end.\n\nKind regards,")
    essay = _twin("free-mail", ewa, miriam.person, "The essay", (6, 12, 21, 8), "Dear Miriam,\n\nhere is the essay on election observation we spoke about; I would value your opinion before I give it to the editor: [Essay, second draft|https://cloudloft.example/d/5zc1r9ug4pl7eo2yh8sn6a/view]\n\nAnd greet the sea from me.")
    opinion = _twin("free-mail", miriam.person, ewa, "Re: The essay", (6, 15, 14, 30), "Read it in one go. Cut the first page and keep all the rest.\n\nMiriam", essay)
    return [shared, draft, payroll, word, essay, opinion]


def _silence(world: World) -> list[Letter]:
    """A journalist who was silent for months reminds of a question."""
    dana, owen = world.owners["dana"].person, world.named["silent-journalist"]
    one = _twin("silence", owen, dana, "The interview we never had", (7, 15, 9, 52), "Dear Dana,\n\nit has been a while, I was on leave since spring. I still owe you lunch and you owe me an interview about the ferry subsidy. Is next week any good?\n\nKind regards,")
    two = _twin("silence", dana, owen, "Re: The interview we never had", (7, 15, 13, 17), "Welcome back! Wednesday, and you pay.\n\nDana", one)
    return [one, two]


def _webinar(world: World) -> list[Letter]:
    """The institute invites to a webinar, with a registration page on its own domain."""
    letters = []
    for name in ("tobias", "miriam", "samir"):
        person = world.owners[name].person
        letters.append(_twin("webinar", EVENTS, person, "Invitation: webinar on energy and security, 4 July", (6, 21, 12, 6), f"Dear {person.name},\n\nthe Fieldstone Institute invites you to an online discussion on energy and security on 4 July at 16:00 (our time), with Annika Solheim and Martin Delacroix.\n\nPlease register here: https://www.fieldstone-institute.example/events/energy-security\n\nThe link to the room is sent an hour before. Participation is free.\n\nKind regards,"))
    return letters
