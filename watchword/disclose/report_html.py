"""The report as one self-contained page that opens offline, asks the network for nothing and runs nothing from mail."""

import base64
import hashlib
import re
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from watchword.disclose import (
    picture,
    picture_claims,
    picture_hypotheses,
    picture_ladder,
    picture_operation,
    words,
)
from watchword.disclose.answer import Answer
from watchword.disclose.belief import RESTS
from watchword.disclose.claim_words import ACTS, CAPACITIES, OFFERED, PROPOSITIONS
from watchword.disclose.conversations import ConversationShown, Shown, strongest
from watchword.disclose.findings import Sentence
from watchword.disclose.history import ENOUGH
from watchword.disclose.ladder_shown import RUNGS, STATES
from watchword.disclose.paragraph import lead
from watchword.disclose.severity import Severity
from watchword.disclose.visible import defanged, folded, visible

_ADDRESS = re.compile(r"((?:[\w.+-]{1,64}@)?(?:[\w-]{1,63}(?:\.|\[\.\])){1,10}[a-zA-Z][\w-]{1,62})")


def report_html(answer: Answer) -> str:
    """Write the page. Everything from mail is escaped, and what is invisible in it is shown by name."""
    style, script = _part("report.css"), _part("report.js")
    used = {shown.tier for story in answer.conversations for shown in story.messages}
    page = _environment().get_template("report.html.jinja")
    return page.render(
        answer=answer,
        style=Markup(style),  # noqa: S704  # our own file
        script=Markup(script),  # noqa: S704  # our own file
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        picture=picture.timeline(answer),
        narrow_picture=picture.timeline(answer, narrow=True),
        lead=lead(answer.operations),
        ledger_picture=picture_claims.timeline(answer),
        ledger_narrow_picture=picture_claims.timeline(answer, narrow=True),
        attributed={one.operation for one in answer.attributions.full},
        quoted={claim.claim for one in answer.claims.propositions for claim in one.claims},
        acts=ACTS,
        capacities=CAPACITIES,
        offered=OFFERED,
        titles=PROPOSITIONS,
        listed={shown.message for story in answer.conversations for shown in story.messages},
        rungs=RUNGS,
        states=STATES,
        rests=RESTS,
        judged={count.tier for count in answer.counts.tiers},
        enough=ENOUGH,
        tiers=[tier for tier in words.TIERS if tier in used],
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        day=words.day,
        minute=words.minute,
        number=words.number,
        size=words.size,
        sure=words.sure,
        aim=words.aim,
        in_hundred=words.in_hundred,
        tier=words.tier,
        group=words.group,
        whose=words.whose,
        how=lambda name: words.HOW.get(name, name),
        mark=picture.mark,
        waterfall=picture.waterfall,
        drawn=picture_operation.operation,
        state=picture_ladder.state,
        story=picture_ladder.story,
        bars=picture_hypotheses.bars,
        matrix=picture_hypotheses.matrix,
        speaks=picture_hypotheses.speaks,
        side=picture_claims.sign,
        grade=words.grade,
        capital=lambda text: text[:1].upper() + text[1:],
        defang=defanged,
        fold=folded,
        strongest=strongest,
        fresh=_fresh,
        gravest=_gravest,
        set_apart=_set_apart,
        coded=_coded,
    )
    return environment


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup) else visible(str(value))


def _fresh(shown: Shown, story: ConversationShown) -> list[Sentence]:
    """The findings on a message that no earlier message of its conversation showed in the same words."""
    before = story.messages[: story.messages.index(shown)]
    said = {finding.sentence for earlier in before for finding in earlier.findings}
    return [finding for finding in shown.findings if finding.sentence not in said]


def _gravest(story: ConversationShown) -> Severity | None:
    """The highest severity in a conversation: that of the first step which reached it."""
    found = [shown.severity for shown in story.messages if shown.severity]
    return max(found, key=lambda one: one.severity, default=None)


def _set_apart(sentence: str) -> Markup:
    """Set addresses and domains in a face in which l, I and 1 differ: look-alikes live from that."""
    pieces = _ADDRESS.split(visible(sentence))
    return Markup("").join(
        Markup('<span class="apart">{}</span>').format(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def _coded(sentence: str) -> Markup:
    """Set verbs that stand between grave accents as code."""
    pieces = visible(sentence).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 and number + 1 < len(pieces) else piece
        for number, piece in enumerate(pieces)
    )


def _part(name: str) -> str:
    return (files("watchword.disclose") / name).read_text("utf-8")


def _digest(text: str) -> str:
    """The hash by which a content security policy allows one inline piece (CSP3 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
