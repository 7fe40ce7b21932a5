"""Knowledge of actors as others write it: what comes in is a fact, an explanation, or rejected by name; never lost."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from watchword.actors import forms
from watchword.actors.members import Member
from watchword.actors.patterns import read_pattern
from watchword.actors.reports import date_in, date_of_address, publisher, read_date, report
from watchword.actors.taken import Given, Taken, about, actor_id
from watchword.actors.values import read_value

DAY = "2024-03-05T10:00:00.000Z"


def _id(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def _thing(kind: str, number: int, **more: object) -> dict[str, object]:
    return {"type": kind, "id": _id(kind, number), "created": DAY, "modified": DAY, **more}


def _link(number: int, source: str, how: str, target: str, **more: object) -> dict[str, object]:
    return _thing("relationship", number, source_ref=source, relationship_type=how, target_ref=target, **more)


def _read(*files: tuple[str, object], given: Given | None = None) -> list[Taken]:
    members = [
        Member(name, held.encode() if isinstance(held, str) else json.dumps(held).encode()) for name, held in files
    ]
    taken = forms.read(members, "f00dcafe", given or Given())
    for one in taken:
        assert one.items == one.used + one.explaining + len(one.rejected)
    return taken


def _one(*files: tuple[str, object], given: Given | None = None) -> Taken:
    (taken,) = _read(*files, given=given)
    return taken


def _said(taken: Taken, kind: str) -> set[tuple[str, str]]:
    return {(fact.actor, fact.value) for fact in taken.facts if fact.kind == kind}


# ------------------------------------------------------------ ATT&CK

_PAGE = {"source_name": "mitre-attack", "url": "https://attack.mitre.org/groups/G9001", "external_id": "G9001"}
_VENDOR = {
    "source_name": "Vendor Heron May 2022",
    "url": "https://securelist.com/heron/1/",
    "description": "Doe, J. (2022, May 17). Heron comes to town. Retrieved June 1, 2023.",
}
_NAMING = {"source_name": "Grey Heron", "description": "(Citation: Vendor Heron May 2022)"}
_GROUP = _thing(
    "intrusion-set", 1, name="Heron", aliases=["Heron", "Grey Heron", "HN-1"],
    description="[Heron](https://attack.mitre.org/groups/G9001) is a group.(Citation: X) It writes mail. It rests.",
    external_references=[_PAGE, _NAMING, _VENDOR],
)  # fmt: skip
_TECHNIQUE = _thing(
    "attack-pattern", 2, name="Spearphishing Link",
    external_references=[{"source_name": "mitre-attack", "external_id": "T1566.002"}],
)  # fmt: skip
_USES = _link(3, _id("intrusion-set", 1), "uses", _id("attack-pattern", 2), external_references=[_VENDOR])
_CAMPAIGN = _thing("campaign", 4, name="Operation Reed", external_references=[_PAGE])
_OF = _link(5, _id("campaign", 4), "attributed-to", _id("intrusion-set", 1))
_GONE = _thing("intrusion-set", 6, name="Ibis", revoked=True)
_TACTIC = _thing("x-mitre-tactic", 7, name="Reading")
_BUNDLE: dict[str, object] = {
    "type": "bundle",
    "id": _id("bundle", 0),
    "objects": [_GROUP, _TECHNIQUE, _USES, _CAMPAIGN, _OF, _GONE, _TACTIC],
}


def test_a_technique_is_said_by_the_report_that_the_relationship_cites() -> None:
    """ATT&CK's `uses` is the cited publisher's word with that report's date, not MITRE's."""
    taken = _one(("attack.json", _BUNDLE))
    (fact,) = [one for one in taken.facts if one.kind == "technique"]
    assert (fact.actor, fact.value, fact.said_by) == ("heron@mitre-attack", "T1566.002", "Kaspersky")
    assert fact.published == datetime(2022, 5, 17, tzinfo=UTC)
    assert "Heron comes to town" in fact.reference
    assert "https://securelist.com/heron/1/" in fact.reference


def test_an_alias_is_said_by_the_report_that_it_cites_and_else_by_mitre() -> None:
    """An alias with a citation is the vendor's word; one without is MITRE's; the group's number is a name, too."""
    taken = _one(("attack.json", _BUNDLE))
    by = {fact.value: fact.said_by for fact in taken.facts if fact.kind == "alias" and fact.actor.startswith("heron")}
    assert by == {"Grey Heron": "Kaspersky", "HN-1": "MITRE", "G9001": "MITRE"}


def test_a_campaign_is_part_of_its_group_and_stays_itself() -> None:
    """What a campaign is attributed to is a fact of the campaign; the two are not one actor."""
    taken = _one(("attack.json", _BUNDLE))
    assert set(taken.actors) == {"heron@mitre-attack", "operation-reed@mitre-attack"}
    assert _said(taken, "part-of") == {("operation-reed@mitre-attack", "Heron")}


def test_what_was_withdrawn_or_fits_no_kind_is_rejected_by_name() -> None:
    """A revoked group and a tactic give no fact, and both are named with the reason."""
    taken = _one(("attack.json", _BUNDLE))
    assert {row.value: row.reason for row in taken.rejected} == {
        "Ibis": "Withdrawn by its publisher.",
        "x-mitre-tactic Reading": "No kind of fact fits such an object.",
    }


def test_files_of_single_objects_are_one_bundle() -> None:
    """A folder with a file for each object gives the same facts as the bundle, whatever the files are called."""
    things = [_GROUP, _TECHNIQUE, _USES, _CAMPAIGN, _OF, _GONE, _TACTIC]
    split = [(f"{number}.txt", {**_BUNDLE, "objects": [one]}) for number, one in enumerate(things)]
    assert sorted(map(repr, _one(*split).facts)) == sorted(map(repr, _one(("attack.json", _BUNDLE)).facts))


# ------------------------------------------------------------ STIX


def _stix(*things: dict[str, object]) -> Taken:
    return _one(("some.json", {"type": "bundle", "id": _id("bundle", 0), "objects": list(things)}))


_ACTOR = _thing("threat-actor", 1, name="Coot", threat_actor_types=["nation-state"])
_OTHER = _thing("threat-actor", 2, name="Smew")
_AUTHOR = _thing("identity", 3, name="Reedbed Labs")


def _indicator(number: int, pattern: str, **more: object) -> dict[str, object]:
    return _thing("indicator", number, pattern=pattern, pattern_type="stix", created_by_ref=_id("identity", 3), **more)


def test_an_indicator_belongs_to_whom_it_indicates() -> None:
    """Of two actors in a bundle only the one that a relationship names gets the domain, by its author's word."""
    taken = _stix(
        _ACTOR, _OTHER, _AUTHOR, _indicator(4, "[domain-name:value = 'coot.example.org']"),
        _link(5, _id("indicator", 4), "indicates", _id("threat-actor", 1)),
    )  # fmt: skip
    assert _said(taken, "host") == {("coot@f00dcafe", "coot.example.org")}
    assert {fact.said_by for fact in taken.facts} == {"Reedbed Labs"}
    assert taken.actors["coot@f00dcafe"].kind == "state"


def test_an_indicator_belongs_through_malware_to_who_uses_it_unless_many_do() -> None:
    """Through software of one actor an indicator is the actor's; through software of four it is nobody's by name."""
    malware = _thing("malware", 6, name="QUACK")
    ind = _indicator(4, "[ipv4-addr:value = '198.51.100.7']")
    indicates = _link(5, _id("indicator", 4), "indicates", _id("malware", 6))
    users = [_thing("threat-actor", number, name=f"Duck {number}") for number in range(10, 14)]
    uses = [_link(number + 10, _id("threat-actor", number), "uses", _id("malware", 6)) for number in range(10, 14)]
    taken = _stix(malware, ind, indicates, users[0], users[1], uses[0])
    (fact,) = [one for one in taken.facts if one.kind == "ip"]
    assert fact.actor == "duck-10@f00dcafe"
    assert "through QUACK" in fact.reference
    shared = _stix(malware, ind, indicates, *users, *uses)
    assert {fact.actor for fact in shared.facts if fact.kind == "ip"} == {"unnamed-some-json@f00dcafe"}


def test_a_report_ties_indicators_to_the_actor_it_is_about() -> None:
    """Without relationships, a report about one actor and an indicator says whose it is, and when it was public."""
    told = _thing(
        "report", 7, name="Coots at night", published="2024-04-01T00:00:00Z",
        object_refs=[_id("threat-actor", 1), _id("indicator", 4)],
        external_references=[{"source_name": "x", "url": "https://www.proofpoint.com/coots"}],
    )  # fmt: skip
    taken = _stix(_ACTOR, _OTHER, _AUTHOR, told, _indicator(4, "[url:value = 'http://coot.example.org/in']"))
    (fact,) = [one for one in taken.facts if one.kind == "url"]
    assert (fact.actor, fact.published) == ("coot@f00dcafe", datetime(2024, 4, 1, tzinfo=UTC))
    assert fact.reference == "Coots at night, https://www.proofpoint.com/coots"


def test_what_was_only_observed_is_nobodys() -> None:
    """An observed address that nothing ties to an actor is rejected by name: it may be the victim's."""
    taken = _stix(_ACTOR, _thing("ipv4-addr", 4, value="198.51.100.7"))
    assert [row.value for row in taken.rejected] == ["198.51.100.7"]
    assert not _said(taken, "ip")


def test_a_benign_indicator_is_no_fact() -> None:
    """An indicator that says itself that it is benign is rejected."""
    taken = _stix(_ACTOR, _indicator(4, "[domain-name:value = 'good.example.org']", indicator_types=["benign"]))
    assert not _said(taken, "host")
    assert len(taken.rejected) == 1


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[domain-name:value = 'a.example.org']", {"a.example.org"}),
        ("[domain-name:value='a.example.org' OR url:value = 'http://b.example.org/x']",
         {"a.example.org", "http://b.example.org/x"}),
        ("[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')]", {"198.51.100.1", "198.51.100.2"}),
        ("[file:hashes.'SHA-256' = '" + "AB" * 32 + "']", {"ab" * 32}),
        ("[network-traffic:dst_ref.value = '198.51.100.3' AND network-traffic:dst_port = 80]", {"198.51.100.3"}),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", {"198.51.100.0/24"}),
        ("[domain-name:value != 'a.example.org']", set()),
        ("[domain-name:value NOT = 'a.example.org']", set()),
        ("[domain-name:value LIKE '%.example.org']", set()),
        ("[file:name = 'a.example.org']", set()),
        ("[url:value = 'http://b.example.org/it\\'s']", {"http://b.example.org/it's"}),
    ],
)  # fmt: skip
def test_a_pattern_gives_the_values_that_it_compares_with(pattern: str, values: set[str]) -> None:
    """Equality and sets give values; likeness, negation and names of files give none."""
    assert {value for _, value in read_pattern(pattern)[0]} == values


@with_any(st.text(max_size=300))
def test_no_pattern_and_no_value_breaks_the_reading(text: str) -> None:
    """Whatever stands there, reading ends and never raises."""
    read_pattern(f"[{text}]")
    read_value(text)
    report(text)
    read_date(text)
    about(text)


# ------------------------------------------------------------ MISP


def _event(**more: object) -> dict[str, object]:
    attributes = [
        {"type": "domain", "category": "Network activity", "to_ids": True, "value": "heron-mail.example"},
        {"type": "domain", "category": "Network activity", "to_ids": True, "value": "heron-login.org"},
        {"type": "filename|sha256", "category": "Payload delivery", "value": "a.exe|" + "1f" * 32},
        {"type": "ip-dst|port", "category": "Network activity", "value": "198.51.100.9|443"},
        {"type": "email-dst", "category": "Payload delivery", "value": "victim@example.org"},
        {"type": "link", "category": "External analysis", "value": "https://citizenlab.ca/2024/03/heron"},
        {"type": "yara", "category": "Artifacts dropped", "value": "rule x { condition: true }"},
    ]
    return {
        "Event": {
            "uuid": "5c0ffee0-0000-4000-8000-000000000001", "info": "Heron writes to voters", "date": "2024-03-09",
            "Orgc": {"name": "Reedbed CERT"}, "Attribute": attributes, **more,
        }
    }  # fmt: skip


def test_an_event_without_an_actor_is_of_somebody_unnamed() -> None:
    """Facts of an event that names nobody are of an actor of that event alone, with its publisher and date."""
    taken = _one(("x.json", _event()))
    assert _said(taken, "domain") == {("unnamed-heron-writes-to-voters@f00dcafe", "heron-login.org")}
    assert _said(taken, "hash") == {("unnamed-heron-writes-to-voters@f00dcafe", "1f" * 32)}
    assert _said(taken, "ip") == {("unnamed-heron-writes-to-voters@f00dcafe", "198.51.100.9")}
    (fact,) = [one for one in taken.facts if one.kind == "domain"]
    assert (fact.said_by, fact.published) == ("Reedbed CERT", datetime(2024, 3, 9, tzinfo=UTC))
    assert "citizenlab.ca/2024/03/heron" in fact.reference


def test_whom_a_mail_went_to_is_not_the_attackers() -> None:
    """The victim's address in an event is rejected, as are a domain that cannot be one and a rule."""
    taken = _one(("x.json", _event()))
    assert not _said(taken, "address")
    assert {row.value for row in taken.rejected} == {
        "victim@example.org", "domain: heron-mail.example", "yara: rule x { condition: true }",
    }  # fmt: skip


def test_an_events_galaxies_name_its_actors_and_techniques() -> None:
    """Galaxy clusters and tags of an event are its actors and what they use."""
    galaxy = {
        "type": "threat-actor",
        "GalaxyCluster": [{"type": "threat-actor", "value": "Heron", "description": "A."}],
    }
    tag = {"name": 'misp-galaxy:mitre-attack-pattern="Spearphishing Link - T1566.002"'}
    taken = _one(("x.json", {"response": [_event(Galaxy=[galaxy], Tag=[tag])]}))
    assert _said(taken, "technique") == {("heron@f00dcafe", "T1566.002")}
    assert _said(taken, "domain") == {("heron@f00dcafe", "heron-login.org")}


# ------------------------------------------------------------ galaxies

_GALAXY = {
    "type": "threat-actor", "category": "actor", "name": "Threat Actor", "uuid": "u0", "version": 7,
    "values": [
        {"value": "Heron", "uuid": "u1", "description": "It writes. It waits. It rests.",
         "meta": {"synonyms": ["Heron", "Grey Heron"], "country": "IR", "refs": ["https://securelist.com/h"],
                  "cfr-suspected-victims": ["Israel", "Bird watchers"], "attribution-confidence": "50"},
         "related": [{"dest-uuid": "u2", "type": "similar",
                      "tags": ['estimative-language:likelihood-probability="likely"']},
                     {"dest-uuid": "nowhere", "type": "similar"}]},
        {"value": "Grebe", "uuid": "u2", "meta": {}},
    ],
}  # fmt: skip


def test_a_galaxy_gives_aliases_countries_and_what_is_similar() -> None:
    """A cluster's synonyms, country, victims and reports become facts; what overlaps stays another actor."""
    taken = _one(("x.json", _GALAXY))
    heron = "heron@misp-galaxy"
    assert _said(taken, "alias") == {(heron, "Grey Heron")}
    assert _said(taken, "country") == {(heron, "IR")}
    assert _said(taken, "country-targeted") == {(heron, "IL")}
    assert _said(taken, "target") == {(heron, "Bird watchers")}
    assert _said(taken, "similar") == {(heron, "Grebe")}
    assert set(taken.actors) == {heron, "grebe@misp-galaxy"}
    assert {row.value for row in taken.rejected} == {"attribution-confidence: 50", "similar nowhere"}


@pytest.mark.parametrize("kind", ["malpedia", "tidal-groups"])
def test_galaxies_with_licences_of_their_own_are_left_out(kind: str) -> None:
    """Clusters that are not free for every use give nothing, and that is said."""
    taken = _one(("x.json", _GALAXY | {"type": kind}))
    assert not taken.facts
    assert "licence" in taken.rejected[0].reason


# ------------------------------------------------------------ lists

_LIST = """\
# Copyright (c) 2024 Maltrail developers
# Aliases: grey heron, hn-1

# Reference: https://www.virustotal.com/gui/file/aa/detection
# Reference: https://securelist.com/heron-2022/1/ (2022-05-17 Heron comes to town)

heron-login.org
198.51.100.4:8080
http://198.51.100.5
mail.heron-login.org/in.php
/gate.php

# Reference: https://x.com/someone/status/1751483351330894304

heron-two.org
10.0.0.1
"""


def test_a_block_of_a_list_has_the_source_that_stands_above_it() -> None:
    """Indicators are said by the dated report above them, not by a page that shows a sample; posts date themselves."""
    taken = _one(("apt_heron.txt", _LIST))
    by = {fact.value: (fact.kind, fact.said_by, fact.published) for fact in taken.facts if fact.kind != "report"}
    may = datetime(2022, 5, 17, tzinfo=UTC)
    assert by["heron-login.org"] == ("domain", "Kaspersky", may)
    assert by["198.51.100.4"] == ("ip", "Kaspersky", may)
    assert by["198.51.100.5"] == ("ip", "Kaspersky", may)
    assert by["http://mail.heron-login.org/in.php"] == ("url", "Kaspersky", may)
    kind, said_by, published = by["heron-two.org"]
    assert (kind, said_by) == ("domain", "@someone on Twitter")
    assert published is not None
    assert published.date().isoformat() == "2024-01-28"


def test_a_list_names_its_actor_and_what_it_cannot_say() -> None:
    """Aliases are facts of the file's actor; a path without host and an inner address are rejected with their line."""
    taken = _one(("apt_heron.txt", _LIST))
    assert _said(taken, "alias") == {("heron@f00dcafe", "grey heron"), ("heron@f00dcafe", "hn-1")}
    assert {(row.place, row.value) for row in taken.rejected} == {
        ("apt_heron.txt, line 11", "/gate.php"), ("apt_heron.txt, line 16", "10.0.0.1"),
    }  # fmt: skip


def test_lists_of_nobody_are_not_one_actor() -> None:
    """Two lists that name nobody are of two unnamed actors, unless the user says whose they are."""
    two = [("a.txt", "heron-login.org\n"), ("b.txt", "smew-login.org\n")]
    assert len(_one(*two).actors) == 2
    told = _one(*two, given=Given(actor="Heron", publisher="Us", grade="B2"))
    assert set(told.actors) == {"heron@f00dcafe"}
    assert {(fact.said_by, fact.grade) for fact in told.facts} == {("Us", "B2")}


# ------------------------------------------------------------ tables


def test_a_tables_columns_are_guessed_and_said() -> None:
    """The column of indicators is found by what it holds; dates and reports are each row's own."""
    sheet = "seen,thing,link\n2024-02-01,hxxp://heron-login[.]org/a,https://securelist.com/x\n2024-02-02,none,\n"
    taken = _one(("x.csv", sheet + "2024-02-03,198.51.100[.]8,\n"))
    (page,) = [fact for fact in taken.facts if fact.kind == "url"]
    assert (page.value, page.said_by) == ("http://heron-login.org/a", "Kaspersky")
    assert page.published == datetime(2024, 2, 1, tzinfo=UTC)
    assert [row.place for row in taken.rejected] == ["x.csv, row 3"]
    assert "`thing` holds indicators" in taken.notes[0]


def test_the_user_may_say_what_a_column_holds() -> None:
    """A role that the user gives counts, whatever was guessed; a column that is not there is said."""
    sheet = "who,thing\nHeron,heron-login.org\nSmew,smew-login.org\n"
    taken = _one(("x.csv", sheet), given=Given(columns=(("who", "actor"), ("thing", "indicator"))))
    assert set(taken.actors) == {"heron@f00dcafe", "smew@f00dcafe"}
    wrong = _one(("x.csv", sheet), given=Given(columns=(("whom", "actor"),)))
    assert "no column whom" in wrong.rejected[0].reason


# ------------------------------------------------------------ what is no knowledge


@pytest.mark.parametrize(
    "held",
    [
        "Dear all, we met on Tuesday, and nothing came of it.\nRegards\n", "", "{", '{"a": 1}', "[[[[",
        "[" * 100_000, '{"type": "bundle", "id": "bundle--1", "objects": 5}', "\0\1\2\3",
        '{"Event": {"Attribute": 3, "info": []}}', '{"values": 3, "type": "x", "uuid": 1}',
    ],
)  # fmt: skip
def test_what_is_no_knowledge_gives_no_fact_and_no_trace_back(held: str) -> None:
    """Broken, foreign and hostile files end in no fact; a file is rejected by name, or had nothing in it."""
    assert not [fact for one in _read(("x.json", held)) for fact in one.facts]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from("type id objects Event Attribute value values uuid meta related name pattern source_ref "
                        "external_references object_refs labels Galaxy Tag aliases".split()), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@with_any(_JSON, st.sampled_from(["intrusion-set", "indicator", "relationship", "report", "file"]))
def test_no_json_breaks_the_import(tree: object, kind: str) -> None:
    """Whatever the JSON, all items are accounted for."""
    thing = {"type": kind, "id": f"{kind}--1", "name": tree, "aliases": tree, "hashes": tree, "pattern": tree}
    _read(("a.json", tree), ("b.json", {"type": "bundle", "id": "bundle--2", "objects": [thing, tree]}))
    _read(("c.json", {"Event": {"Attribute": tree, "Galaxy": tree, "info": tree, "Tag": [tree]}}))
    _read(("d.json", _GALAXY | {"values": [{"value": "Heron", "meta": tree, "related": tree}]}))


# ------------------------------------------------------------ values, publishers, dates


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("hxxps[:]//Login[.]Heron[.]ORG/A", ("url", "https://login.heron.org/A")),
        ("heron.org", ("domain", "heron.org")),
        ("www.heron.org.", ("host", "www.heron.org")),
        ("*.heron.org", ("domain", "heron.org")),
        ("heron.github.io", ("domain", "heron.github.io")),
        ("HERON@Example.ORG", ("address", "heron@example.org")),
        ("198.51.100.0/24", ("network", "198.51.100.0/24")),
        ("2001:db8::1", ("ip", "2001:db8::1")),
        ("[2001:db8::1]:443", ("ip", "2001:db8::1")),
        ("http://heron.org/", ("domain", "heron.org")),
        ("heron.org:8443", ("domain", "heron.org")),
        ("D" * 32, ("hash", "d" * 32)),
        ("github.io", None),
        ("invoice.exe", None),
        ("127.0.0.1", None),
        ("heron", None),
        ("two words.org", None),
    ],
)
def test_values_are_normalised_as_the_facts_of_mail_are(written: str, value: tuple[str, str] | None) -> None:
    """Each kind of indicator is read in the form that the tables of facts have; what is none gives nothing."""
    assert read_value(written) == value


@with_any(st.from_regex(r"[a-z]{1,10}\.(org|com|co\.uk)", fullmatch=True))
def test_a_defanged_domain_is_the_same_domain(domain: str) -> None:
    """However a domain is defanged, the same value comes out."""
    plain = read_value(domain)
    assert plain
    assert all(read_value(domain.replace(".", dot)) == plain for dot in ("[.]", "(.)", "[dot]", "\\."))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Doe, J. (2020, July 29). A title.", "2020-07-29"),
        ("Doe, J. (2020, February). A title.", "2020-02-29"),
        ("Doe, J. (2019). A title.", "2019-12-31"),
        ("14 words, Aug. 14, 2024", "2024-08-14"),
        ("2018-06-12 Heron", "2018-06-12"),
        ("no date at all", None),
    ],
)
def test_the_date_of_a_report_is_the_latest_that_its_words_allow(text: str, day: str | None) -> None:
    """A month is its last day: what was not public yet must not count as known."""
    found = date_in(text)
    assert (found.date().isoformat() if found else None) == day


def test_an_address_dates_by_its_path_and_a_sandbox_does_not() -> None:
    """A month in the path counts as its end; digits of a hash are no date; an archive is what it keeps."""
    month = date_of_address("https://www.clearskysec.com/wp-content/uploads/2017/12/x.pdf")
    assert month == datetime(2017, 12, 31, tzinfo=UTC)
    assert date_of_address("https://www.virustotal.com/gui/file/2017/12/20171201/x") is None
    kept = "https://web.archive.org/web/20200101000000/https://securelist.com/heron/1/"
    assert publisher(kept) == "Kaspersky"
    assert date_of_address(kept) is None


def test_ids_of_actors_say_where_they_come_from() -> None:
    """A name of our own stands alone; another source's bears the source; signs make no difference."""
    assert actor_id("Mint Sandstorm", "watchword") == "mint-sandstorm"
    assert actor_id("TEMP.Veles_2", "abc") == "temp-veles-2@abc"
    taken = Taken("abc")
    assert [taken.actor("A-B"), taken.actor("A B"), taken.actor("A-B")] == ["a-b@abc", "a-b-2@abc", "a-b@abc"]
