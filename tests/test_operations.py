"""The operations benchmark keeps what its README promises, shown on a mailbox made up here."""

import functools
import html
import json
import re
from base64 import b64encode
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.operations import cast, skeletons
from bench.operations.__main__ import write
from bench.operations.carriers import Carrier, boxed, letter, list_carrier, unboxed
from bench.operations.fields import form, moved
from bench.operations.inject import Injected, Truth, injected
from bench.operations.leak_check import Sample, area, check, separation
from bench.operations.lists import direct
from bench.operations.scenarios import people, scenarios
from bench.scoring import Verdict, found, quiet_threshold, scored, weekly

START = datetime(2021, 1, 4, 9, 30, tzinfo=UTC)
OWNER = "olga@campaign.example"
WRITERS = (
    ("Ann Partner", "ann.partner@partner.example"),
    ("Bert Stone", "bert@institute.example"),
    ("Cleo Reed", "cleo.reed@freemail.example"),
    ("Dan Fields", "danfields@freemail.example"),
    ("Eve Marsh", "eve@partner.example"),
    ("Provider", "notice@google.com"),  # the one real name: a twin's true notice is found by it
)
OPTIONAL = {"cc", "bcc", "in-reply-to", "references", "reply-to", "content-transfer-encoding"}


def mail(number: int, name: str, address: str, to: str) -> bytes:
    """One honest message with a modern header, its parts varied by number."""
    when = (START + timedelta(hours=31 * number)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    host = address.partition("@")[2]
    head = [
        f"Return-Path: <{address}>",
        f"Delivered-To: {to}",
        f"Received: from out.{host} (out.{host} [192.0.2.{number % 200 + 1}])",
        f"\tby mx.campaign.example (Postfix) with ESMTPS id 4K{number:05d}xQz",
        f"\tfor <{to}>; {when}",
        f"Authentication-Results: mx.campaign.example; dkim=pass header.d={host} header.b=AbCdEfGh",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=k1;",
        " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AbCdEfGhIjKlMnOpQrSt",
        f"From: {name} <{address}>",
        f"To: <{to}>",
        f"Date: {when}",
        f"Message-ID: <{number:x}c0ffee.{number}@{host}>",
        f"Subject: Plan {number}",
    ]
    if number % 2:
        head.append(f"In-Reply-To: <{number - 1:x}c0ffee.{number - 1}@campaign.example>")
    if number % 3 == 0:
        head.append("Cc: Third Person <third@partner.example>")
    head.append("MIME-Version: 1.0")
    text = f"Hello,\n\nthis is note number {number}.\nFrom here on it is easy.\n"
    if number % 5:
        head += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit"]
        return ("\n".join(head) + "\n\n" + text).encode()
    head.append(f'Content-Type: multipart/alternative; boundary="b{number}x"')
    web = f"<html><body><p>{text}</p></body></html>\n"
    body = f"--b{number}x\nContent-Type: text/plain\n\n{text}\n--b{number}x\n"
    body += f"Content-Type: text/html\n\n{web}\n--b{number}x--\n"
    return ("\n".join(head) + "\n\n" + body).encode()


def mailbox(split: str = "dev") -> Carrier:
    """A made-up mailbox of two years."""
    letters = []
    for number in range(420):
        if number % 4 == 3:
            name, address = "Olga Owner", OWNER
            to = WRITERS[number // 4 % len(WRITERS)][1]
        else:
            (name, address), to = WRITERS[number % len(WRITERS)], OWNER
        one = letter(mail(number, name, address, to))
        assert one is not None
        letters.append(one)
    cut = letters[300].when
    return Carrier("made-up", "list", "Olga Owner", (OWNER,), letters, split, cut, ("paper mills", "village halls"))


@pytest.fixture(autouse=True)
def free_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a reserved domain the only free-mail provider."""
    for module in (cast, skeletons):
        monkeypatch.setattr(module, "FREEMAIL", frozenset({"freemail.example"}))


@functools.cache
def play(seed: int = 7, *, paraphrase: bool = False, split: str = "dev") -> list[Injected]:
    """Inject into one made-up mailbox."""
    ((_, made),) = injected([mailbox(split)], scenarios(), people(), seed, paraphrase)
    return made


def test_same_seed_same_bytes() -> None:
    """A seed decides every byte; another seed gives other bytes."""
    ((_, again),) = injected([mailbox()], scenarios(), people(), 7, False)
    assert [one.data for one in play(7)] == [one.data for one in again]
    assert [one.data for one in play(7)] != [one.data for one in play(8)]


def test_truth_is_what_lies_in_the_mailbox(tmp_path: Path) -> None:
    """Every line of the truth names a message of the mbox, once, by the digest of its bytes and its Message-ID."""
    carrier = mailbox()
    write(injected([carrier], scenarios(), people(), 7, False), tmp_path)
    stored = Counter(sha256(data).hexdigest() for data in unboxed((tmp_path / "made-up.mbox").read_bytes()))
    texts = {sha256(data).hexdigest(): data for data in unboxed((tmp_path / "made-up.mbox").read_bytes())}
    lines = (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 20
    for row in map(json.loads, lines):
        assert stored[row["sha256"]] == 1
        assert str(message_from_bytes(texts[row["sha256"]])["message-id"]).strip() == f"<{row['message_id']}>"
    assert sum(stored.values()) == len(carrier.letters) + len(lines)
    for one in carrier.letters:
        assert stored[sha256(one.data).hexdigest()] == 1
    assert json.loads((tmp_path / "owners.json").read_text(encoding="utf-8"))["made-up"]["addresses"] == [OWNER]


def test_each_attack_has_a_twin() -> None:
    """Attacks and twins come in pairs in one mailbox and split, and no twin or reply counts as hostile."""
    made = [one.truth for one in play()]
    attacks = {t.operation for t in made if t.label == "attack"}
    assert attacks
    assert attacks == {t.twin_of for t in made if t.label == "twin"}
    for truth in made:
        assert not (truth.hostile and (truth.label == "twin" or truth.role == "reply"))
    assert all(any(t.hostile for t in made if t.operation == name) for name in attacks)


@pytest.mark.parametrize("split", ["dev", "val"])
def test_message_ids_are_unique_and_none_is_a_real_one(split: str) -> None:
    """Message-IDs occur once, and are not those of the mailbox."""
    made = [one.truth.message_id for one in play(split=split)]
    assert len(set(made)) == len(made) > 10
    assert not {f"<{i}>" for i in made} & {one.message_id for one in mailbox().letters}


def test_header_is_the_skeletons() -> None:
    """Field names stand in the skeleton's order; only recipients, threading and Reply-To may come or go.

    What is sent in another domain's name has no signature.
    """
    for one in play():
        trace = skeletons._TRACE if one.truth.role == "reply" else frozenset()
        signatures = {"dkim-signature"} if b"dmarc=fail" in one.data else set()
        want = [n for n in one.skeleton.shape.names() if n not in OPTIONAL | trace | signatures]
        got = [n for n in form(one.data).names() if n not in OPTIONAL]
        assert got == want
        assert message_from_bytes(one.data).defects == []


def test_nothing_of_the_skeletons_writer_stays() -> None:
    """The address of who lent the form is in the message only where he is the one who writes or is written to."""
    checked = 0
    for one in play():
        lender = one.skeleton.letter.address.encode()
        sender = message_from_bytes(one.data)["from"]
        if lender.decode() in str(sender):
            continue
        head, _, _ = one.data.partition(b"\n\n")
        assert lender not in head.replace(b"\n ", b"") or lender in b"".join(
            re.findall(rb"(?m)^(?:Cc|To):.*(?:\n .*)*", head)
        )
        checked += 1
    assert checked > 10


def test_body_hash_is_true() -> None:
    """The DKIM body hash fits the body, so that only the signature proper is made up (RFC 6376 3.7)."""
    checked = 0
    for one in play():
        head, _, body = one.data.partition(b"\n\n")
        match = re.search(rb"bh=([A-Za-z0-9+/=]+)", head)
        if match is None:
            continue
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip() for line in body.split(b"\n")]
        while lines and not lines[-1]:
            lines.pop()
        assert match.group(1) == b64encode(sha256(b"\r\n".join([*lines, b""])).digest())
        fresh = re.search(rb"; b=(.{8})", head)
        assert fresh is not None
        assert b"header.b=" + fresh.group(1) in head
        checked += 1
    assert checked > 12


def test_paraphrase_changes_words_alone() -> None:
    """The second wording has the same senders, times and skeletons, and other bodies."""
    one, two = play(), play(paraphrase=True)
    assert [(t.truth.operation, t.truth.step, t.when, t.truth.skeleton) for t in one] == [
        (t.truth.operation, t.truth.step, t.when, t.truth.skeleton) for t in two
    ]
    assert all(a.data != b.data for a, b in zip(one, two, strict=True))
    names = [
        (message_from_bytes(x.data)["from"], message_from_bytes(y.data)["from"]) for x, y in zip(one, two, strict=True)
    ]
    assert all(a == b for a, b in names)


def test_val_begins_where_dev_ends() -> None:
    """In a dev mailbox val operations begin after the cut, with texts that dev never sees."""
    carrier = mailbox()
    made = [one.truth for one in play()]
    assert {t.split for t in made} == {"dev", "val"}
    for truth in made:
        if truth.split == "val" and truth.step == 1:
            assert datetime.fromisoformat(truth.date) >= carrier.cut - timedelta(days=1)
    assert not {t.scenario for t in made if t.split == "dev"} & {t.scenario for t in made if t.split == "val"}


def test_wordings_are_independent() -> None:
    """No text shares seven words in a row with its paraphrase."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", re.sub(r"\{\w+\}", " | ", text).lower())
        return {tuple(words[i : i + 7]) for i in range(len(words) - 6)}

    shared = [
        (one.id, step.role, min(runs(step.text) & runs(step.paraphrase)))
        for one in scenarios()
        for side in (one.attack, one.twin)
        for step in side.steps
        if runs(step.text) & runs(step.paraphrase)
    ]
    assert shared == []


def test_languages_and_splits_of_the_texts() -> None:
    """Nine languages or more; both splits have texts; every text can be filled by what a play offers."""
    all_of_them = scenarios()
    assert {one.language for one in all_of_them} >= {"en", "de", "fr", "es", "uk", "ru", "fa", "pt", "ar"}
    assert {one.split for one in all_of_them} == {"dev", "val"}
    for one in all_of_them:
        for side in (one.attack, one.twin):
            known = {"owner", "owner_first", "owner_email", "topic", "institution", "institution_domain", "thread"}
            known |= {part + ending for part in side.cast for ending in ("", "_first", "_email")}
            slots = cast.Slots("1", "site.example", OWNER)
            slots.update(dict.fromkeys(known, "x"))
            for step in side.steps:
                assert step.text.format_map(slots)
                assert step.paraphrase.format_map(slots)
                assert step.subject.format_map(slots) or step.thread != "new"
                if step.file:
                    assert step.file.name.format_map(slots)
                    assert (step.file.text + step.file.link + step.file.password).format_map(slots) is not None


def test_form_tells_nothing(tmp_path: Path) -> None:
    """The leak check finds a planted leak, and a set without one leaves the interval around one half."""
    rng = Random(3)  # noqa: S311  # not for secrets
    blind = [Sample({"size": rng.random(), "hour": rng.random()}, i % 2 == 0, str(i // 2)) for i in range(200)]
    leaky = [
        Sample({"size": rng.random() + (i % 2), "hour": rng.random()}, i % 2 == 1, str(i // 2)) for i in range(200)
    ]
    assert abs(separation("blind", blind).auc - 0.5) < 0.15
    assert separation("leaky", leaky).low > 0.9
    assert area([(0.1, False), (0.2, True), (0.2, False), (0.3, True)]) == 0.875
    write(injected([mailbox()], scenarios(), people(), 7, False), tmp_path)
    sides, carriers_own = check(tmp_path)
    assert sides.positives > 5
    assert carriers_own.negatives > 20


LISTED = b"""\
Return-Path: <talk-bounces@lists.town.example>
Delivered-To: archive@host.example
Received: from lists.town.example (lists.town.example [192.0.2.9])
\tby mx.host.example (Postfix) with ESMTPS id 62B9386884
\tfor <archive@host.example>; Mon,  4 Jan 2021 10:00:09 +0000 (GMT)
Received: from lists.town.example (localhost [127.0.0.1])
\tby lists.town.example (Postfix) with ESMTP id 464GlG2YQk
\tfor <archive@host.example>; Mon,  4 Jan 2021 10:00:08 +0000 (GMT)
Delivered-To: talk@lists.town.example
Received: from out.partner.example (out.partner.example [192.0.2.7])
\tby lists.town.example (Postfix) with ESMTPS id 464GkS3X2j
\tfor <talk@lists.town.example>; Mon,  4 Jan 2021 10:00:07 +0000 (GMT)
From: Ann Partner <ann.partner@partner.example>
To: Olga Owner <olga@campaign.example>
Cc: talk@lists.town.example
Date: Mon, 4 Jan 2021 10:00:00 +0000
Message-ID: <1@partner.example>
Subject: Hall
X-BeenThere: talk@lists.town.example
List-Id: <talk.lists.town.example>
List-Post: <mailto:talk@lists.town.example>
Sender: "talk" <talk-bounces@lists.town.example>

Hello
"""


def test_direct_copy_has_no_trace_of_the_list() -> None:
    """Who is named in To gets the sender's own copy: one hop, no list fields, the body untouched."""
    copy = direct(form(LISTED), OWNER)
    assert copy is not None
    assert copy.names() == ["return-path", "x-original-to", "delivered-to", "received", "from", "to", "cc", "date",
                            "message-id", "subject"]  # fmt: skip
    assert "by mx.host.example" in copy.get("received")
    assert f"for <{OWNER}>" in copy.get("received")
    assert copy.body == "Hello\n"
    one = letter(LISTED)
    assert one is not None
    carrier = list_carrier("talk", OWNER, [one], "dev", ("halls",), START)
    assert [x.through_list for x in carrier.letters] == [False]


def test_dates_move_and_keep_their_looks() -> None:
    """Dates in a header move by the same span and keep folding, padding and the zone's summer time."""
    old = datetime(2021, 3, 1, 10, 0, tzinfo=UTC)
    by = timedelta(days=40)
    postfix = "by mx (Postfix) with ESMTP id A;\n\tMon,  1 Mar 2021 11:00:00 +0100 (CET)"
    assert moved(postfix, by, old) == "by mx (Postfix) with ESMTP id A;\n\tSat, 10 Apr 2021 12:00:00 +0200 (CEST)"
    assert moved("Mon, 1 Mar\n 2021 10:00:00 +0000", by, old) == "Sat, 10 Apr\n 2021 10:00:00 +0000"
    assert moved("by 2002:a5d:: id w1.2.1614592800123", by, old) == "by 2002:a5d:: id w1.2.1618048800123"
    assert moved("esm1.24.2021.03.01.10.00.00", by, old) == "esm1.24.2021.04.10.10.00.00"


@given(
    st.lists(
        st.sampled_from(["From here\n", ">From there\n", "a\n", "\n", ">>From x 2021\n", "From a Mon 2021\n"]),
        max_size=12,
    )
)
def test_mbox_round_trip(lines: list[str]) -> None:
    """What is put into an mbox comes out the same, with lines in it that look like separators."""
    data = ("Subject: x\n\n" + "".join(lines) + "end\n").encode()
    assert list(unboxed(boxed(data, START) + boxed(data, START))) == [data, data]


@given(st.from_regex(r"[a-z]{4,12}\.(org|com|example)", fullmatch=True), st.integers())
def test_look_alike_is_another_domain(domain: str, seed: int) -> None:
    """A look-alike is never the domain itself and is a well-formed name."""
    other = cast.look_alike(domain, Random(seed))  # noqa: S311  # not for secrets
    assert other != domain
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z]+", other)


def verdict(truth: Truth, probability: float) -> Verdict:
    """A verdict on an injected message."""
    return Verdict(truth.sha256, OWNER, probability, datetime.fromisoformat(truth.date))


def test_scoring_counts_operations_once_and_twins_apart() -> None:
    """A perfect judge finds every operation and disturbs no twin; one that flags all alarms on every twin."""
    truth = [one.truth for one in play()]
    attacks = {t.operation for t in truth if t.label == "attack"}
    perfect = [verdict(t, 0.9 if t.hostile else 0.0) for t in truth]
    *_, result = scored(truth, perfect, 0.5)  # the others have room for a few operations a week only
    assert (result.found, result.operations, result.twins_alarmed) == (len(attacks), len(attacks), 0)
    everything = found(truth, {t.sha256 for t in truth}, "all")
    assert everything.twins_alarmed == everything.twins == len(attacks)
    nothing = found(truth, set(), "none")
    assert (nothing.found, nothing.first_steps, nothing.recall) == (0, (), 0.0)


def test_scoring_keeps_to_the_weekly_budget() -> None:
    """Of three alarms in one week and mailbox a budget of one shows the highest; another mailbox has its own place."""
    rows = [
        Verdict("a", "x", 0.2, START),
        Verdict("b", "x", 0.8, START + timedelta(hours=1)),
        Verdict("c", "x", 0.5, START + timedelta(days=1)),
        Verdict("d", "y", 0.1, START),
        Verdict("e", "x", 0.0, START + timedelta(days=8)),
    ]
    assert weekly(rows, 1) == {"b", "d"}
    assert weekly(rows, 3) == {"a", "b", "c", "d"}


def test_replies_and_true_notices_are_no_hits() -> None:
    """Flagging only the owner's replies finds nothing."""
    truth = [one.truth for one in play()]
    assert found(truth, {t.sha256 for t in truth if t.role == "reply"}, "replies").found == 0


def test_quiet_threshold_lies_above_the_twins() -> None:
    """Recall is measured above what all but five per cent of the twins reach."""
    truth = [one.truth for one in play()]
    mixed = [verdict(t, 0.9 if t.hostile and t.step == 1 else 0.4) for t in truth]
    assert quiet_threshold(truth, mixed) == 0.9


def test_html_part_says_what_the_plain_part_says() -> None:
    """Both parts of an alternative hold the same words, and what is quoted stands in a blockquote."""
    checked = quotes = 0
    for one in play():
        texts = [part for part in message_from_bytes(one.data).walk() if part.get_content_maintype() == "text"]
        payloads = [part.get_payload(decode=True) for part in texts if not part.get_filename()]
        if len(payloads) < 2:
            continue
        plain, web = (payload.decode() for payload in payloads if isinstance(payload, bytes))
        words = re.findall(r"\w+", re.sub(r"(?m)^>", "", plain))
        assert re.findall(r"\w+", html.unescape(re.sub(r"<[^>]*>", " ", web))) == words
        quotes += "<blockquote" in web
        checked += 1
    assert checked > 3
    assert quotes
