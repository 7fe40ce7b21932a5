"""Operation Quiet Reed: ten weeks against two rival campaigns, and what it stole.

A persona in a scholar's name first only chats; a look-alike of the pollster's domain answers into a true thread; the
account of a former adviser is taken over; and what was stolen is offered to a newspaper.
"""

from dataclasses import replace
from datetime import datetime

from examples import files
from examples.letter import File, Letter
from examples.machines import MACHINE, notice_page
from examples.talk import on
from examples.world import Owner, Person, World

NAME = "quiet-reed"
DESK = "203.0.113.77"  # where the operators sit, seen where a server tells
DESK_ZONE = 270
DOCUMENT_HOST = "view-cloudloft.example"
MEETING_HOST = "huddleroom-join.example"
SIGN_IN_HOST = "mailhaven-signin-docs.example"

SOLHEIM = "Dr. Annika Solheim"
FIRST = Person(SOLHEIM, "annika.solheim.fi@mailhaven.example", "haven-web", "Annika Solheim\nSenior Fellow\nFieldstone Institute", 60)
SECOND = replace(FIRST, address="anika.solheim.fi@mailhaven.example")
VOUCHER = Person("Prof. Martin Delacroix", "martin.delacroix.ou@postbox.example", "outlook", "Martin Delacroix\nOstmark University", 60)
FALSE_CLAIRE = Person("Claire Norwood", "claire@norwoodpoliing.example", "roundcube", "Claire Norwood\nPartner\nNorwood Polling\n+1 555 0142", DESK_ZONE)
TAKEN = Person("Leonard Voss", "leonard.voss@postbox.example", "thunderbird", "Leonard Voss", DESK_ZONE)
ROBERT = Person("Robert", "robert.k1776@quillmail.example", "roundcube", "", DESK_ZONE)

MEMO = [
    "Debate preparation - not for circulation",
    "1. Where we are weak: the harbour tolls vote of the second term, and the two answers on it that do not agree.",
    "2. Where they are weak: the land trusts, and the brother-in-law. Do not raise it; let the moderator.",
    "3. If asked about rural clinics: whole programme, six years, today's prices. A third is the first phase.",
    "4. Closing statement, ninety seconds, version with the ferry. The version with the grandmother is retired.",
]
PLAN = [
    "Plan for the last eight weeks",
    "Radio in Corwin and Dunmore from week two. No television before the second debate.",
    "Reserve of 46,200 kept for recount counsel (Stafford Legal), known to finance and the manager only.",
    "Stonebridge: two visits, one unannounced.",
]


def tell(world: World) -> list[Letter]:
    """Write all letters of the operation, the answers to it, and the warnings that followed."""
    memo, plan = files.docx("Debate_prep_v3.docx", MEMO), files.pdf("Last_eight_weeks.pdf", PLAN)
    return [
        *_documents(world, memo, plan),
        *_adviser_of_a(world),
        *_adviser_of_b(world),
        *_look_alike(world),
        *_taken_over(world),
        *_leak(world, memo),
    ]


def _say(
    role: str, sender: Person, to: list[Person], subject: str, when: datetime, text: str, before: Letter | None = None,
    cc: tuple[Person, ...] = (), attached: tuple[File, ...] = (),
) -> Letter:
    whose = f"{NAME}/{role}" if role else ""
    return Letter(sender, to, subject, text, when, list(cc), answers=before, files=attached, role=whose, client_ip=_desk(role))


def _desk(role: str) -> str:
    return "" if role in ("", "answer") else DESK


def _documents(world: World, memo: File, plan: File) -> list[Letter]:
    """What was later stolen, on its honest way inside campaign A. These two are harmless."""
    nora, tobias, dana = (world.owners[name].person for name in ("nora", "tobias", "dana"))
    seun = world.named["research-a"]
    first = _say("", seun, [nora], "Debate prep, version 3", on(6, 12, 16, 22), "Nora,\n\nversion three attached. Section two is delicate, so please no printing and no forwarding outside the four of us.\n\nTobias, number three now has the figure you wanted.", cc=(tobias, dana), attached=(memo,))
    second = _say("", nora, [seun], "Re: Debate prep, version 3", on(6, 12, 17, 5), "Read twice. The ferry it is. Keep it among us.", first, cc=(tobias, dana))
    third = _say("", nora, [tobias, world.owners["felix"].person], "Last eight weeks", on(6, 18, 9, 40), "As discussed, the plan on one page. Felix, the reserve is as you asked.\n\nPlease do not put it on the shared drive yet.", attached=(plan,))
    return [first, second, third]


def _adviser_of_a(world: World) -> list[Letter]:
    """Chat, then a draft behind a link, its password apart; afterwards somebody else is in the account."""
    owner = world.owners["tobias"]
    tobias = owner.person
    subject = "A few thoughts on pipeline transit, and a question"
    one = _say("opening", FIRST, [tobias], subject, on(5, 21, 10, 12, 60), "Dear Tobias,\n\nI hope this finds you well in the middle of the campaign. I am writing from my private account, since the institute's mail is being moved this month.\n\nI am finishing a short commentary on pipeline transit and the strait agreement for the autumn issue, and would value the view of somebody who must sell such things to voters. In your opinion, does the public still care about the guarantors, or only about the price?\n\nNo hurry at all. Two or three sentences would already help me.\n\nWith warm regards,")
    two = _say("answer", tobias, [FIRST], f"Re: {subject}", on(5, 22, 9, 31), "Dear Annika,\n\nhow nice to hear from you, and good luck with the move. Honestly: the price. The guarantors come up once a month, from the same gentleman in Hadley Falls.\n\nWhat is your deadline?\n\nBest,", one)
    three = _say("chat", FIRST, [tobias], f"Re: {subject}", on(5, 23, 11, 47, 60), "Dear Tobias,\n\nthat gentleman deserves a footnote. The deadline is the second week of June, so we have time.\n\nMay I ask one thing more: inside a campaign, who decides whether such a matter goes into a speech? The adviser, the research people, or the manager? I would of course not name anybody. My impression from outside is that the research directors have become far more important than ten years ago.\n\nWarm regards,", two)
    four = _say("answer", tobias, [FIRST], f"Re: {subject}", on(5, 24, 16, 8), "Dear Annika,\n\nyour impression is right. Here it is three people in a room, and I am the one who brings the footnotes. I would be glad to see what you make of it.\n\nBest,", three)
    five = _say("chat", FIRST, [tobias], f"Re: {subject}", on(5, 29, 9, 55, 60), "Dear Tobias,\n\nmany thanks, this is precisely what was missing. I have now used your thought in the third section (without attribution).\n\nWould you be willing to look over the draft before it goes to the editor? It is eleven pages, and I would be grateful if it did not travel further, since my co-author is rather careful.\n\nWarm regards,", four)
    six = _say("answer", tobias, [FIRST], f"Re: {subject}", on(5, 30, 8, 50), "Of course. Send it, I have a train journey on Monday.\n\nTobias", five)
    link = f"https://{DOCUMENT_HOST}/d/7f3c9a1e/transit-commentary?k=TW-9k2m4x"
    seven = _say("lure", FIRST, [tobias], f"Re: {subject}", on(6, 3, 12, 4, 60), f"Dear Tobias,\n\nhere is the draft: [Transit_Commentary_draft4.pdf|{link}]\n\nIt is protected, as my co-author wishes; I send the password in a separate mail. Please open it at a computer rather than the telephone, the page does not display well there.\n\nI look forward to your remarks.\n\nWarm regards,", six)
    eight = _say("lure", FIRST, [tobias], "password", on(6, 3, 12, 26, 60), "Dear Tobias,\n\nthe password for the document is: Strait-1936\n\nThis way it is quite safe, as nobody can read it without both mails.\n\nA.")
    nine = _say("answer", tobias, [FIRST], f"Re: {subject}", on(6, 4, 8, 41), "Dear Annika,\n\nI opened it. It wanted me to sign in with my mail account first and then showed two pages, the introduction and a table. Is that all, or does something not load?\n\nBest,\nTobias", seven)
    ten = _say("chat", FIRST, [tobias], f"Re: {subject}", on(6, 5, 10, 20, 60), "Dear Tobias,\n\nthank you, that is strange; my co-author has perhaps uploaded a short version. I shall ask him. In the meantime your remarks on the introduction are welcome.\n\nWarm regards,", nine)
    entry = _service(owner, "entry", on(6, 4, 23, 52), "New sign-in on Linux", "New sign-in to your account tobias.wren@harrow2024.example\n\nWe noticed a new sign-in from Linux, from a place where you have not signed in before. If this was you there is nothing to do. If not, we help you secure your account.\n\n[Check activity|https://accounts.mailhaven.example/notifications?e=4d1f8c02b7]")
    rule = _service(owner, "entry", on(6, 5, 0, 7), "Forwarding was set up for your account", "A rule was added to your account tobias.wren@harrow2024.example\n\nMail that arrives is now also sent to tw.archive@quillmail.example. If you did not set this up, remove the rule and change your password.\n\n[Review forwarding|https://accounts.mailhaven.example/forwarding?e=90ab31cc5e]")
    return [one, two, three, four, five, six, seven, eight, nine, ten, entry, rule]


def _service(owner: Owner, role: str, when: datetime, subject: str, text: str) -> Letter:
    sender = Person("Mailhaven Accounts", "no-reply@accounts.mailhaven.example", MACHINE)
    return Letter(
        sender, [owner.person], subject, text, when, page=notice_page(sender.name, text), role=f"{NAME}/{role}",
        extra=(("Auto-Submitted", "auto-generated"),), envelope=f"bounces+{when.timestamp():.0f}@accounts.mailhaven.example",
        label="Category Updates",
    )


def _adviser_of_b(world: World) -> list[Letter]:
    """The same persona from an address with one letter less, a colleague on copy who vouches, and a target who asks."""
    owner = world.owners["miriam"]
    miriam, annika = owner.person, world.named["scholar"]
    subject = "Comment for a commentary on the strait agreement"
    one = _say("opening", SECOND, [miriam], subject, on(6, 11, 9, 38, 60), "Dear Miriam,\n\nI hope you are well. Martin Delacroix (in copy) and I are finishing a commentary on the strait agreement for the autumn issue. We have the view of one side of your election already and for balance would very much like to have yours.\n\nMight we ask you for two or three sentences? In particular: is there still room for the guarantors?\n\nWith warm regards,", cc=(VOUCHER,))
    two = _say("vouch", VOUCHER, [SECOND, miriam], f"Re: {subject}", on(6, 12, 10, 15, 60), "Dear both,\n\nmany thanks Annika for the introduction. I can only second it. Mrs Castellan, your remarks at the Ostmark workshop have stayed in my memory, and it would be a pity to leave them out.\n\nBest regards,", one)
    three = _say("answer", miriam, [SECOND], f"Re: {subject}", on(6, 13, 18, 2), "Dear Annika, dear Martin,\n\nhappy to, though it has to wait until the weekend. What is the form, on the record or for background?\n\nMiriam", two, cc=(VOUCHER,))
    four = _say("chat", SECOND, [miriam], f"Re: {subject}", on(6, 14, 11, 21, 60), "Dear Miriam,\n\nfor background, naturally. We would show you every sentence before it is printed. To which address may we share documents, is this the account you use for such things?\n\nWarm regards,", three, cc=(VOUCHER,))
    link = f"https://{DOCUMENT_HOST}/d/b20d55f1/transit-commentary?k=MC-3v7q8t"
    five = _say("lure", SECOND, [miriam], f"Re: {subject}", on(6, 18, 10, 49, 60), f"Dear Miriam,\n\nhere is the draft, your paragraph is on page six: [Transit_Commentary_draft5.pdf|{link}]\n\nIt is protected; Martin sends you the password separately.\n\nWarm regards,", four, cc=(VOUCHER,))
    six = _say("lure", VOUCHER, [miriam], "Password", on(6, 18, 11, 16, 60), "Dear Mrs Castellan,\n\nthe password for the document is Strait-1936. Please let us know whether it opens.\n\nBest regards,")
    asked = _say("", miriam, [annika], "Did you write to me?", on(6, 18, 19, 30), "Dear Annika,\n\na quick question before I open something. I have mail from you from a Mailhaven address about a commentary with Martin. Your English is usually better. Is that you?\n\nMiriam")
    denied = _say("", annika, [miriam], "Re: Did you write to me?", on(6, 19, 8, 55, 60), "Dear Miriam,\n\nno, that is not me. I have only this address, and I have written nothing with Martin since the handbook. Please do not open it. I have told our computer people.\n\nWarmly,", asked)
    again = _say("chat", VOUCHER, [miriam], f"Re: {subject}", on(6, 24, 9, 58, 60), f"Dear Mrs Castellan,\n\nplease excuse Annika, who is travelling. Here once more the document: [Transit_Commentary_draft5.pdf|{link}]\n\nThe editor waits only for your paragraph.\n\nBest regards,", four)
    again.role = f"{NAME}/lure"
    warning = _service(owner, "warning", on(6, 27, 14, 33), "Government-backed attackers may be trying to steal your password", "There is a chance this is a false alarm, but we believe that government-backed attackers may be trying to get into your account miriam.castellan@mailhaven.example. This happens to fewer than one in a thousand of our users.\n\nWe cannot say what made us notice, since they would learn from it.\n\n[Learn how to protect your account|https://accounts.mailhaven.example/protection?e=77c0e1b93d]")
    return [one, two, three, four, five, six, asked, denied, again, warning]


def _look_alike(world: World) -> list[Letter]:
    """An answer into a true thread from a domain with one letter changed; the thread was read in the entered account."""
    nora, tobias, dana = (world.owners[name].person for name in ("nora", "tobias", "dana"))
    gareth, claire = world.owners["gareth"].person, world.named["pollster"]
    subject = "Crosstabs before the debate"
    one = _say("", claire, [nora], subject, on(6, 26, 15, 12), "Hello Nora,\n\nthe crosstabs before the debate will be ready on Monday. I would rather go through them with you than mail them, there is one table that needs explaining.\n\nKind regards,", cc=(tobias, dana))
    two = _say("", nora, [claire], f"Re: {subject}", on(6, 27, 9, 3), "Monday or Tuesday works. You choose, Dana joins.\n\nThanks!", one, cc=(tobias, dana))
    meeting = f"https://{MEETING_HOST}/norwood/crosstabs?k="
    three = _say("look-alike", FALSE_CLAIRE, [nora], f"Re: {subject}", on(7, 2, 9, 17), f"Hello Nora,\n\nsorry for the delay. Shall we say today at 11? I have opened a room, you can join in the browser with your mail account: [Norwood Polling meeting|{meeting}NL-5x1c7r]\n\nThe tables are already in the room.\n\nKind regards,", two, cc=(dana,))
    four = _say("answer", dana, [FALSE_CLAIRE], f"Re: {subject}", on(7, 2, 9, 44), "Hi Claire,\n\nthe room asks me for my mail password, that cannot be right. I'll ring you.\n\nDana", three)
    five = _say("", claire, [nora, dana], "Someone is using our name", on(7, 2, 12, 30), "Dear Nora, dear Dana,\n\nthank you for calling. We have not invited you to any room. Somebody has registered a name that differs from ours by one letter; please treat everything from there as false. The crosstabs come tomorrow by courier.\n\nKind regards,")
    other = _say("look-alike", FALSE_CLAIRE, [gareth], "Re: Tracking questions", on(7, 4, 9, 26), f"Hello Gareth,\n\nfollowing up on the tracking questions. Could we go through the wording this morning? You can join here with your mail account: [Norwood Polling meeting|{meeting}GP-8d2k6w]\n\nKind regards,")
    return [one, two, three, four, five, other]


def _taken_over(world: World) -> list[Letter]:
    """A mail from the former adviser's true account, at night, to people he never wrote to together."""
    nora, gareth = world.owners["nora"].person, world.owners["gareth"].person
    hidden = [world.owners[name].person for name in ("nora", "tobias", "felix", "gareth")]
    subject = "Confidential: memo on the second debate"
    link = f"https://{SIGN_IN_HOST}/s/debate-memo?k=LV-1n4p9z"
    one = Letter(TAKEN, [], subject, f"Dear colleagues,\n\nplease find my confidential memo on the second debate. As it contains personal matter it is available only after sign-in:\n\n{link}\n\nKindly review it today and send me your opinion.\n\nRegards", on(7, 9, 3, 12), bcc=hidden, client_ip=DESK, role=f"{NAME}/takeover")
    voss = world.named["voss"]
    two = _say("answer", nora, [voss], f"Re: {subject}", on(7, 9, 7, 48), "Leonard,\n\nit asks for my mail password. Is this really from you? And since when do you write at three in the morning?\n\nNora", one)
    three = _say("takeover", TAKEN, [nora], f"Re: {subject}", on(7, 9, 8, 20), "Dear Nora,\n\nyes it is from me. The sign-in is necessary for security. Kindly review today.\n\nRegards", two)
    four = _say("", voss, [nora, world.owners["tobias"].person], "My mail account", on(7, 10, 10, 5), "Friends, somebody has been writing with my account since Tuesday night. I noticed when the florist asked about my memo. The password is changed, the granddaughter has looked at it, and I never wrote a memo in my garden.\n\nTell the others, and tell whoever else received it that I apologise.")
    five = _say("", gareth, [world.owners["jonas"].person], "Odd mail from Leonard Voss", on(7, 9, 9, 15), "Did you get something from Leonard Voss, of all people, with a memo? He left the other side last year and has never written to me. I have not opened it.")
    return [one, two, three, four, five]


def _leak(world: World, memo: File) -> list[Letter]:
    """The stolen documents, offered to editor and reporter within two days; the second has lost a line."""
    helen, samir, dana = (world.owners[name].person for name in ("helen", "samir", "dana"))
    altered = files.pdf("Last_eight_weeks.pdf", [*PLAN[:2], PLAN[2].replace("46,200", "462,000")])
    subject = "documents from inside the Harrow campaign"
    one = _say("leak", ROBERT, [helen], subject, on(7, 22, 13, 41), "Hello.\n\nI have a variety of documents from inside the Harrow campaign, from debate to finance. I attach one as proof. Is your paper interested? I can not say who I am.\n\nRobert", attached=(memo,))
    two = _say("answer", helen, [ROBERT], f"Re: {subject}", on(7, 22, 15, 20), "Hello Robert,\n\nhow did you come by this? And what do you want in return?\n\nHelen Marsh", one)
    three = _say("leak", ROBERT, [helen], f"Re: {subject}", on(7, 23, 12, 9), "I suggest you do not be curious about where I got it from. Any answer to this question will compromise me and also legally restrict you from publishing. I want nothing.\n\nRobert", two)
    four = _say("leak", ROBERT, [samir], "Harrow campaign, the last eight weeks", on(7, 23, 14, 27), "Hello Mr. Haddad.\n\nYour editor is perhaps slow so I write to you also. Attached is the plan of the Harrow campaign for the last eight weeks. Look at the money they hide. There is more.\n\nRobert", attached=(altered, memo))
    five = _say("", helen, [samir], "Robert", on(7, 23, 16, 2), "Have you got one too? Mine came yesterday, from a free address, with a debate memo. Do not answer yours until we have talked to the lawyers. What he sends may be real and still not be what it was.")
    six = _say("", samir, [helen], "Re: Robert", on(7, 23, 16, 31), "I have. A plan on one page and the same memo. The reserve looks ten times too large for a campaign of that size. I touch nothing.", five)
    seven = _say("", helen, [dana], "Documents said to be yours", on(7, 24, 10, 12), "Dear Dana,\n\nwe have been offered documents that are said to come from your campaign: a debate memo and a plan for the last weeks. Before we decide anything: have you lost such papers?\n\nHelen Marsh\nBeacon Courier")
    eight = _say("", dana, [helen], "Re: Documents said to be yours", on(7, 24, 11, 50), "Dear Helen,\n\nthank you for asking first. I need an hour and will ring you.\n\nDana", seven)
    return [one, two, three, four, five, six, seven, eight]
