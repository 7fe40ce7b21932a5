"""Ordinary crime and nuisance: payment fraud, parcels, inheritances, extortion, full mailboxes."""

from datetime import timedelta

from examples.chance import Chance, Wording
from examples.letter import Letter, as_html
from examples.machines import MACHINE
from examples.talk import DAYS, moment, on, words
from examples.world import HOME_ZONE, Owner, Person, World

FALSE_LOW = Person("Henry Low", "henry.low@carverandlovv.example", "roundcube", "Henry Low\nCarver & Low, Accountants", 60)
FALSE_MAREN = Person("Maren Harrow", "maren.harrow.office@postbox.example", "outlook", "", 60)
PARCEL = Person("Parcelwing Delivery", "support@parcel-wing-delivery.example", MACHINE)
MAILBOX = Person("Mailhaven Support", "reception@gracedental.example", "roundcube")

FEES = (
    "Attention beneficiary,\n\nI am barrister {kin}, solicitor to a late customer who left {money},000 with a bank in {place} and no heir. Your name was found fitting. We share forty to sixty. Kindly answer with full name, age, occupation and telephone.\n\nRemain blessed.",
    "Dearest,\n\nI am a widow of {page} years and the doctors give me {small} months. I wish to give {money},000 to a person of good heart in {place} for {hobby} and orphans. Write me at my private address for the details of the transfer.",
    "Final notice. The unpaid fund of {money},000 in your favour was released by the committee in {place}. A fee of {gift} for the stamp is outstanding. Answer with your delivery address.",
)
SHAME = (
    "Hi, this account is mine now. I have recorded you through your camera {small} months ago while you were on a page you know. You have {page} hours. Send {money} in coins to the wallet bc1qexample{token}. Do not answer this mail, it was sent from your own account as you see.",
    "Your device is under my control since {weekday}. All contacts are copied. I am asking {money} in coins, wallet bc1qexample{token}, and you never hear of me. The clock runs since you opened this.",
)
OFFERS = (
    ("{percent}0% OFF all pills, no receipt", "Dear customer,\n\nour pharmacy ships to {place} in {small} days, discreetly.\n\nhttps://{token}.pagepatch.example/shop?id={reference}"),
    ("RE: your website ranking", "Hello,\n\nI went through your website and found {count} errors. We bring you to page one in {small} weeks for {gift} a month. Can I send the offer?\n\nRegards,\n{kin}"),
    ("Loan approved - {money}", "Your loan over {money} was approved without check. Confirm here: https://tny.example/{token}"),
)


def tell(world: World) -> list[Letter]:
    """Write all letters of the thieves."""
    letters = [*_payments(world), *_desk(world)]
    for name, owner in world.owners.items():
        for number in range(6):
            letters.append(_spam(owner, Chance(f"spam {name} {number}")))
    for name, day in (("nora", 33), ("felix", 34), ("priya", 71), ("jonas", 72), ("helen", 120), ("samir", 121), ("dana", 150)):
        letters.append(_parcel(world.owners[name], day))
    for name, day in (("tobias", 84), ("miriam", 84), ("gareth", 85), ("priya", 86)):
        letters.append(_full(world.owners[name], day))
    return letters


def _payments(world: World) -> list[Letter]:
    """New bank details from a look-alike of the accountant's domain, and a reminder."""
    felix, jonas = world.owners["felix"].person, world.owners["jonas"].person
    letters = []
    for person, day, number in ((felix, 6, "20587"), (jonas, 13, "20602")):
        first = Letter(FALSE_LOW, [person], f"Invoice {number} - updated remittance details", f"Dear {person.first},\n\nplease note that our bank is under audit and cannot take payments this month. Kindly settle invoice {number} over 6,300.00 to the following account instead:\n\nStateline Bank, Ledger Services\nIBAN XX00 0000 0000 0000 0000 00\n\nPlease confirm once it is scheduled, preferably today.\n\nKind regards,", on(5, day, 10, 18), role="crime/payment")
        second = Letter(FALSE_LOW, [person], f"Re: Invoice {number} - updated remittance details", f"Dear {person.first},\n\nany news on the below? I am in meetings all day and can be reached only by mail.\n\nKind regards,", first.when + timedelta(hours=25), answers=first, role="crime/payment")
        letters += [first, second]
    doubt = Letter(felix, [world.named["accountant"]], "Your bank details", "Henry,\n\na mail in your name asks me to pay into another account. I take it that this is not you?\n\nFelix", on(5, 7, 14, 40))
    denial = Letter(world.named["accountant"], [felix], "Re: Your bank details", "Felix,\n\ncertainly not. Our account is the one on all earlier invoices. Thank you for asking.\n\nKind regards,", on(5, 7, 15, 2), answers=doubt)
    return [*letters, doubt, denial]


def _desk(world: World) -> list[Letter]:
    """The candidate's name on a free-mail address, and vouchers to be bought."""
    letters = []
    for name, day in (("felix", 9), ("priya", 9), ("nora", 10)):
        person = world.owners[name].person
        letters.append(Letter(FALSE_MAREN, [person], "Quick request", f"{person.first}, are you at your desk? I am in a meeting and can not talk. I need you to handle something discreetly, kindly answer by mail.\n\nMaren Harrow\nSent from my phone", on(4, day, 11, 7 + day), role="crime/boss"))
    priya = world.owners["priya"].person
    answer = Letter(priya, [FALSE_MAREN], "Re: Quick request", "Yes, I'm here. What is it?\n\nPriya", on(4, 9, 11, 58), answers=letters[1], role="crime/answer")
    more = Letter(FALSE_MAREN, [priya], "Re: Quick request", "Great. I need ten gift vouchers of 100 each for the volunteers, it is a surprise. Buy them now, scratch the code and send me pictures. You are paid back by evening.\n\nMaren Harrow", on(4, 9, 12, 20), answers=answer, role="crime/boss")
    return [*letters, answer, more]


def _spam(owner: Owner, chance: Chance) -> Letter:
    wording = Wording(chance, words())
    wording.fixed["token"] = chance.token(12)
    when = moment(chance, chance.below(DAYS), HOME_ZONE, private=True)
    kind = chance.below(10)
    if kind < 4:
        name = wording.fill(chance.pick(("Barrister {kin}", "Mrs. Ruth Mensa", "Office of the Remittance", "Mr. Paul Obrecht")))
        sender = Person(name, f"{chance.token(9)}{chance.between(10, 999)}@{chance.pick(('postbox.example', 'quillmail.example'))}", "roundcube", "", 60)
        if sender.domain == "postbox.example":
            sender = Person(name, sender.address, "outlook")
        subject = chance.pick(("Dear friend", "ATTENTION", "Your fund", "From the desk of a widow", "Re: transfer"))
        return Letter(sender, [owner.person], subject, wording.fill(chance.pick(FEES)), when, label="Spam", role="crime/advance-fee", reply_to=f"{chance.token(8)}@quillmail.example")
    if kind < 7:
        own = Person(owner.person.name, owner.address, MACHINE)
        return Letter(own, [owner.person], chance.pick(("You have been recorded", "Your account was broken into", "Payment from your account")), wording.fill(chance.pick(SHAME)), when, domain="cheaphost.example", label="Spam", role="crime/extortion")
    subject, text = chance.pick(OFFERS)
    sender = Person(chance.pick(("Best Offers", "Anna Smith", "Customer Care")), f"{chance.token(8)}@cheaphost.example", MACHINE)
    text = wording.fill(text)
    return Letter(sender, [owner.person], wording.fill(subject), text, when, page=f"<html><body>{as_html(text, 'p')}</body></html>", label="Spam", role="crime/spam")


def _parcel(owner: Owner, day: int) -> Letter:
    chance = Chance(f"parcel {owner.address}")
    number = chance.between(10**7, 10**8 - 1)
    link = f"https://track.parcel-wing-delivery.example/pay/{number}?e={owner.address.partition('@')[0]}"
    text = f"Dear customer,\n\nyour parcel PW{number} is on hold. A fee of 1.99 for customs is unpaid, and after 24 hours the parcel goes back.\n\n[Release my parcel|{link}]\n\nParcelwing Delivery"
    page = f'<html><body><img src="https://track.parcel-wing-delivery.example/logo.png" width="140" alt="Parcelwing">{as_html(text, "p")}</body></html>'
    label = "Spam" if chance.odds(0.5) else "Category Updates"
    return Letter(PARCEL, [owner.person], f"Parcel PW{number} on hold: action required", text, moment(chance, day, HOME_ZONE), page=page, label=label, role="crime/parcel")


def _full(owner: Owner, day: int) -> Letter:
    chance = Chance(f"full {owner.address}")
    link = f"https://mailhaven-upgrade.pagepatch.example/{chance.token(10)}?user={owner.address}"
    text = f"Dear {owner.address},\n\nyour mailbox has reached 98 per cent and incoming messages are being held. Upgrade within 12 hours or your account will be closed.\n\n[Upgrade now|{link}]\n\nMailhaven Support Team"
    page = f"<html><body>{as_html(text, 'p')}</body></html>"
    return Letter(MAILBOX, [owner.person], "Your mailbox is almost full (3 messages pending)", text, moment(chance, day, HOME_ZONE), page=page, role="crime/mailbox")
