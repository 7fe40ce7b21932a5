"""The linking benchmark keeps what its README promises."""

import csv
import functools
import json
import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from publicsuffixlist import PublicSuffixList

from bench.linking.__main__ import SEEDS, generate, hubs, main, seeds
from bench.linking.bulk import bulk
from bench.linking.score import read_truth
from bench.linking.shots import RATES
from bench.linking.stage import Stage
from bench.linking.wording import Texts, texts
from bench.linking.world import Made, Truth
from bench.operations.carriers import unboxed

KINDS = {"mutation", "kit", "hub", "copycat", "taken", "handover", "vouch", "crime", "leak"}


@functools.cache
def case(split: str = "dev", seed: int = 1, size: str = "small") -> tuple[Stage, list[Made]]:
    """A generated case."""
    _, scene, made = generate(split, size, seed, RATES)
    return scene, made


def operations(split: str = "dev", seed: int = 1, size: str = "small") -> dict[str, list[Truth]]:
    """Truth of the hostile messages, by operation."""
    out: dict[str, list[Truth]] = defaultdict(list)
    for one in case(split, seed, size)[1]:
        if one.truth.hostile:
            out[one.truth.operation].append(one.truth)
    return out


def values(rows: list[Truth], *kinds: str) -> set[str]:
    """Everything of these kinds that messages carry."""
    return {value for row in rows for value in row.carries if value.partition(":")[0] in kinds}


def text_of(data: bytes) -> str:
    """Headers as they stand and every text part decoded."""
    message = message_from_bytes(data)
    parts = [part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "text"]
    head = "".join(f"{name}: {value}\n" for name, value in message.items())
    return head + "\n".join(part.decode() for part in parts if isinstance(part, bytes))


def files_of(data: bytes) -> Iterator[tuple[Message, bytes]]:
    """Every part that has a file's name, with its bytes."""
    for part in message_from_bytes(data).walk():
        payload = part.get_payload(decode=True)
        if part.get_filename() and isinstance(payload, bytes):
            yield part, payload


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """The same seed writes the same files, another seed other ones, and the other split yet others."""
    for name, more in (("one", []), ("two", []), ("three", ["--seed", "2"]), ("four", ["--split", "val"])):
        assert main(["--out", str(tmp_path / name), "--size", "tiny", *more]) == 0
    written = {
        name: {file.name: sha256(file.read_bytes()).hexdigest() for file in (tmp_path / name).iterdir()}
        for name in ("one", "two", "three", "four")
    }
    assert written["one"] == written["two"]
    assert written["one"]["truth.jsonl"] != written["three"]["truth.jsonl"]
    assert not set(written["one"].values()) & set(written["four"].values())


def test_truth_has_every_message_once(tmp_path: Path) -> None:
    """What lies in the mailboxes is what the truth lists, byte for byte, in order of time, each under its owner."""
    main(["--out", str(tmp_path), "--size", "tiny"])
    rows = {row.sha256: row for row in read_truth(tmp_path)}
    owners = json.loads((tmp_path / "owners.json").read_text("utf-8"))
    seen: Counter[str] = Counter()
    for name, owner in owners.items():
        times = []
        for data in unboxed((tmp_path / owner["mailbox"]).read_bytes()):
            row = rows[sha256(data).hexdigest()]
            seen[row.sha256] += 1
            times.append(row.when)
            assert (row.mailbox, row.owner) == (name, owner["addresses"][0])
            assert message_from_bytes(data)["Message-ID"] == f"<{row.message_id}>"
        assert times == sorted(times)
    assert seen == Counter(dict.fromkeys(rows, 1))


@pytest.mark.parametrize("split", ["dev", "val"])
def test_every_type_is_there(split: str) -> None:
    """30 to 60 operations of nine types, 2 to 40 messages each, of one actor, numbered, across organisations."""
    found = operations(split)
    assert {rows[0].kind for rows in found.values()} == KINDS
    assert 30 <= len(found) <= 60
    for rows in found.values():
        assert 2 <= len(rows) <= 40
        assert sorted(row.variant for row in rows) == list(range(1, len(rows) + 1))
        assert len({row.actor for row in rows}) == 1
    assert sum(len({row.organisation for row in rows}) > 1 for rows in found.values()) > len(found) * 0.9
    assert len({rows[0].actor for rows in found.values()}) == len(found)


@pytest.mark.parametrize(("split", "seed"), [("dev", 1), ("dev", 2), ("val", 1), ("val", 2)])
def test_operations_share_nothing_but_what_hubs_lists(split: str, seed: int) -> None:
    """Any value that two different operations carry is listed as a hub, of a kit, copied, or of a taken account."""
    scene, _ = case(split, seed)
    listed = set(hubs(scene)["values"])
    by: dict[str, set[str]] = defaultdict(set)
    for name, rows in operations(split, seed).items():
        for value in values(rows, *{v.partition(":")[0] for row in rows for v in row.carries}):
            by[value].add(name)
    assert {value: names for value, names in by.items() if len(names) > 1 and value not in listed} == {}


def test_what_a_message_carries_stands_in_it() -> None:
    """Addresses, domains, hosts, keys, phones and handles that the truth names are in the message's own bytes."""
    visible = ("from", "reply_to", "domain", "ip", "exit", "phone", "handle", "cc", "track", "customer", "thread")
    counted: Counter[str] = Counter()
    for one in case()[1]:
        said = text_of(one.data) if one.truth.hostile else ""
        for item in one.truth.carries:
            kind, _, value = item.partition(":")
            if kind in visible:
                assert value in said, f"{item} is not in {one.truth.message_id}"
                counted[kind] += 1
            elif kind == "dkim":
                selector, _, domain = value.partition("@")
                assert f"d={domain}; s={selector};" in said
            elif kind in ("file", "picture", "stolen"):
                assert value in {sha256(data).hexdigest() for _, data in files_of(one.data)}
    assert set(counted) == set(visible)


def test_signatures_fit_the_body() -> None:
    """The body hash of every signature is that of the body in relaxed form, reckoned here anew."""
    signed = 0
    for one in case()[1]:
        head, _, body = one.data.partition(b"\n\n")
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.rstrip(b"\n").split(b"\n")]
        true = b64encode(sha256(b"\r\n".join(lines) + b"\r\n").digest())
        found = re.findall(rb"\sbh=([^;]+);", head)
        assert set(found) <= {true}, one.truth.message_id
        signed += len(found)
    assert signed > 2000


def test_kits_share_the_kit_and_nothing_else() -> None:
    """Attackers with one kit have its text and link path in common, and no domain, host, key or address."""
    found = {name: rows for name, rows in operations().items() if rows[0].kind == "kit"}
    for kit in ("kit-1", "kit-2", "kit-3"):
        users = [rows for name, rows in found.items() if name.startswith(kit)]
        assert len(users) >= 2
        for one, two in pairwise(users):
            assert values(one, "text", "path") & values(two, "text", "path")
            assert not values(one, "domain", "ip", "dkim", "from", "reply_to") & values(
                two, "domain", "dkim", "from", "reply_to"
            )


def test_copycats_come_later_with_their_own_means() -> None:
    """An imitator takes over text and persona after the model has begun, and has none of its addresses or hosts."""
    found = operations()
    copies = [rows for rows in found.values() if rows[0].kind == "copycat"]
    for rows in copies:
        model = found[rows[0].copies]
        assert min(row.when for row in rows) > max(row.when for row in model)
        told = [
            one.truth.when for one in case()[1] if one.truth.role == "warning" and one.truth.answers == rows[0].copies
        ]
        assert told
        assert min(row.when for row in rows) > max(told)
        assert values(rows, "text") & values(model, "text")
        assert values(rows, "persona") & values(model, "persona")
        own = ("from", "reply_to", "ip", "exit", "dkim", "phone", "handle", "place", "track", "thread")
        assert not values(rows, *own) & values(model, *own)
    assert copies


def test_a_handover_keeps_exactly_one_thing() -> None:
    """Before and after, the operation shares its anchor alone, in most messages; all four anchors are played."""
    anchors = set()
    for rows in operations().values():
        if rows[0].kind != "handover":
            continue
        texts_in_order = [next(iter(values([row], "text"))) for row in sorted(rows, key=lambda row: row.variant)]
        cut = next(at for at, text in enumerate(texts_in_order) if text != texts_in_order[0])
        before, after = [[row for row in rows if (row.variant <= cut) == early] for early in (True, False)]
        common = {
            v for v in values(before, *_all(rows)) & values(after, *_all(rows)) if not v.startswith(("client:", "net:"))
        }
        common = {v for v in common if v != "domain:google.com"}
        assert len(common) == 1, common
        anchors.add(common.pop().partition(":")[0])
        assert texts_in_order.count(texts_in_order[0]) == cut
    assert anchors == {"reply_to", "phone", "dkim", "builder"}


def _all(rows: list[Truth]) -> set[str]:
    return {value.partition(":")[0] for row in rows for value in row.carries}


def test_a_taken_account_writes_honestly_before_and_after() -> None:
    """The account of a wave sends honest mail before it and after it; one account is taken over twice."""
    scene, made = case()
    senders = {one.truth.sha256: message_from_bytes(one.data)["From"] for one in made}
    used: Counter[str] = Counter()
    for rows in operations().values():
        if rows[0].kind == "taken":
            (account,) = {senders[row.sha256] for row in rows}
            used[account] += 1
            calm = [one.truth.when for one in made if not one.truth.hostile and senders[one.truth.sha256] == account]
            assert min(calm) < min(row.when for row in rows)
            assert max(calm) > max(row.when for row in rows)
    assert sorted(used.values())[-1] == 2
    assert len(scene.accounts) == len(used)


def test_a_leaked_document_lies_in_a_victims_honest_mail() -> None:
    """What newsrooms are offered was sent between colleagues before, in the mailbox of somebody who was targeted."""
    _, made = case()
    calm: dict[str, set[str]] = defaultdict(set)
    for one in made:
        if one.truth.role == "colleague":
            for _, data in files_of(one.data):
                calm[sha256(data).hexdigest()].add(one.truth.mailbox)
    for rows in operations().values():
        if rows[0].kind == "leak":
            (document,) = {value.partition(":")[2] for value in values(rows, "stolen")}
            assert calm[document] & {row.mailbox for row in rows if row.role != "leak"}
            assert not calm[document] & {row.mailbox for row in rows if row.role == "leak"}


def test_personas_who_vouch_send_no_link() -> None:
    """Their messages hold no link at all, two names, and some have the other in copy."""
    _, made = case()
    vouching = [one for one in made if one.truth.kind == "vouch"]
    assert not any("http" in text_of(one.data) for one in vouching)
    for rows in operations().values():
        if rows[0].kind == "vouch":
            assert len(values(rows, "persona")) == 2
            assert values(rows, "cc")


def test_hubs_are_honest_places_too() -> None:
    """Shared hosts, VPN exits, shorteners and forms occur in honest mail as well as in hostile mail."""
    scene, made = case()
    listed = hubs(scene)
    calm = "\n".join(text_of(one.data) for one in made if not one.truth.hostile)
    foul = "\n".join(text_of(one.data) for one in made if one.truth.hostile)
    for some in (listed["ips"], ["bit.ly", "tinyurl.com", "cutt.ly", "t.ly"], ["docs.google.com/forms"], ["web.app"]):
        assert any(value in calm for value in some)
        assert any(value in foul for value in some)


def test_seeds_are_a_share_of_each_operation() -> None:
    """Of every operation so many messages as promised, all hostile, each once."""
    chosen = seeds(case()[1], 1)
    assert len(set(chosen)) == len(chosen)
    of = {row.sha256: name for name, rows in operations().items() for row in rows}
    counts = Counter(of[message] for message in chosen)
    for name, rows in operations().items():
        assert len(rows) * SEEDS <= counts[name] < len(rows) * SEEDS + 1


def test_dev_and_val_have_nothing_in_common() -> None:
    """The splits share no sentence, name, institution, organisation, topic or word of a domain."""
    dev, val = texts("dev"), texts("val")
    for one, two in zip(_said(dev), _said(val), strict=True):
        assert not one & two
    kits = [
        {v for rows in operations(s).values() if rows[0].kind == "kit" for v in values(rows, "path")}
        for s in ("dev", "val")
    ]
    assert not kits[0] & kits[1]


def _said(read: Texts) -> tuple[set[str], ...]:
    """What must differ: words of domains, sentences, names, what things are called, addresses."""
    return (
        {word for family in read.families for word in family},
        {sentence for one in read.drafts for sentence in (*one.sentences, *one.second, one.subject)},
        {*read.first_names, *read.last_names},
        {*read.institutions, *read.topics, *read.fillers},
        {domain for _, _, domain in read.organisations},
    )


def test_attack_domains_can_be_registered() -> None:
    """Each domain of an attacker stands directly under a public suffix, and no victim has it."""
    suffixes = PublicSuffixList()
    scene, _ = case()
    own = {domain for one in scene.operations for domain in one.actor.domains}
    assert len(own) > 100
    assert all(suffixes.privatesuffix(domain) == domain for domain in own)
    assert not own & {organisation.domain for organisation in scene.world.organisations}


def test_rates_change_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without reply addresses none is carried where it is no anchor; an unknown rate is refused with a sentence."""
    _, _, made = generate("dev", "tiny", 1, {**RATES, "reply_to": 0.0})
    assert not [one for one in made if one.truth.kind == "mutation" and values([one.truth], "reply_to")]
    assert values([row for rows in operations().values() for row in rows if row.kind == "mutation"], "reply_to")
    assert main(["--out", str(tmp_path), "--rate", "nonsense=2"]) == 2
    assert "--rate nonsense=2" in capsys.readouterr().err


def test_no_two_messages_of_an_operation_are_alike() -> None:
    """Every message is a mutation: within a mutating operation no two texts are equal."""
    _, made = case()
    seen: dict[str, list[str]] = defaultdict(list)
    for one in made:
        if one.truth.kind == "mutation":
            seen[one.truth.operation].append(
                re.sub(r"\s+", " ", text_of(one.data).split("Content-Transfer-Encoding")[-1])
            )
    assert seen
    assert all(len(set(said)) == len(said) for said in seen.values())


def test_bulk_writes_what_it_says(tmp_path: Path) -> None:
    """So many messages of 1 to 4 kB, and the truth of the hostile ones by their bytes."""
    bulk(tmp_path, 400, 4, 1)
    found = [sha256(data).hexdigest() for box in sorted(tmp_path.glob("*.mbox")) for data in unboxed(box.read_bytes())]
    assert len(found) == len(set(found)) == 400
    rows = read_truth(tmp_path)
    assert len(rows) == 20
    assert {row.sha256 for row in rows} <= set(found)
    with (tmp_path / "seeds.csv").open(encoding="utf-8", newline="") as file:
        assert {one["message"] for one in csv.DictReader(file)} <= {row.sha256 for row in rows}
    sizes = [len(data) for box in tmp_path.glob("*.mbox") for data in unboxed(box.read_bytes())]
    assert min(sizes) > 1000
    assert max(sizes) < 4000
