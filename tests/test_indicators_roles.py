"""Whose an indicator is, by the document's own words: never a vendor's or victim's taken for the attacker's."""

import pytest

from watchword.indicators import extract

DESK = "Clear Harbour Labs"


def roles(text: str, publisher: str = DESK, links: tuple[tuple[int, int, str], ...] = ()) -> dict[str, str]:
    """Give whose each value of a text is; where places differ, all of it."""
    found: dict[str, str] = {}
    for one in extract(text, publisher, links):
        said = found.setdefault(one.value, one.role)
        if one.role not in said.split():
            found[one.value] = f"{said} {one.role}"
    return found


SENTENCES = [
    ("The mail was sent from kay@first-desk.example to her.", "kay@first-desk.example", "attacker"),
    ("The form at harvest-papers[.]example asked for a password.", "harvest-papers.example", "attacker"),
    ("The C2 server 203.0.113.44 answered.", "203.0.113.44", "attacker"),
    ("The page imitates larkfield.example in all.", "larkfield.example", "victim"),
    ("larkfield.example was impersonated by ward-papers[.]example last week.", "larkfield.example", "victim"),
    ("larkfield.example was impersonated by ward-papers[.]example last week.", "ward-papers.example", "attacker"),
    ("ward-papers[.]example, which imitates larkfield.example, was new.", "ward-papers.example", "attacker"),
    ("ward-papers[.]example, which imitates larkfield.example, was new.", "larkfield.example", "victim"),
    ("It then redirects to the real portal.larkfield[.]example at once.", "portal.larkfield.example", "victim"),
    ("They put the kit on the compromised site bakery[.]example in May.", "bakery.example", "victim"),
    ("The group targeted harbour[.]example in June.", "harbour.example", "victim"),
    ("It was addressed to people at harbour.example by name.", "harbour.example", "victim"),
    ("bakery[.]example (a legitimate site) was used as well.", "bakery.example", "victim"),
    ("The spoofed sender was info@college[.]example there.", "info@college.example", "victim"),
    ("A server belonging to the ministry (mail.ministry[.]example) answered.", "mail.ministry.example", "victim"),
    ("According to first-desk.example, it began in May.", "first-desk.example", "cited"),
    ("See https://other-lab.example/post for more.", "https://other-lab.example/post", "cited"),
    ("Report suspicious mail to help@shelter.example at any time.", "help@shelter.example", "vendor"),
    ("Reach out to me at pat @ gmail dot com if you know more.", "pat@gmail.com", "vendor"),
    ("Our sinkhole is trap[.]example now.", "trap.example", "vendor"),
    ("Write to press@clearharbour.example about it.", "press@clearharbour.example", "vendor"),
    ("The rule came from www.emergingthreats[.]net and fired.", "www.emergingthreats.net", "cited"),
    ("The malware beacons to www.emergingthreats[.]net now and then.", "www.emergingthreats.net", "cited"),
    ("The story in washingtonpost[.]com was first.", "washingtonpost.com", "cited"),
    ("The lure led to google[.]com in the end.", "google.com", "unclear"),
    ("The lure led to hxxps://docs.google[.]com/d/1a2b3c in the end.", "https://docs.google.com/d/1a2b3c", "attacker"),
    ("The lure lay at hxxps://drive.google[.]com/… for a week.", "https://drive.google.com/", "unclear"),
    ("We met harbour.example there.", "harbour.example", "unclear"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "role"), SENTENCES)
def test_words_around_say_whose_it_is(text: str, value: str, role: str) -> None:
    """The nearest words count; whom words call imitated, broken into or real is no attacker, defanged or not."""
    assert roles(text)[value] == role


PLACES = """# Letters in the name of an institute

## Legitimate domains that were imitated

- larkfield[.]example

## Indicators of compromise

| Domain | Imitates |
|---|---|
| vote-papers.example | college.example |

Hashes:

275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f

## References

1. https://other-lab.example/post
2. college-news.example

## About us

Clear Harbour Labs, +1 202 555 0142, https://first-harbour.example/
"""


def test_places_say_whose_it_is() -> None:
    """Sections, the heads of columns and what introduces a list count where no words stand beside it."""
    assert roles(PLACES) == {
        "larkfield.example": "victim",
        "vote-papers.example": "attacker",
        "college.example": "victim",
        "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f": "attacker",
        "https://other-lab.example/post": "cited",
        "college-news.example": "cited",
        "+12025550142": "vendor",
        "https://first-harbour.example/": "vendor",
    }


def test_words_in_one_place_hold_in_all() -> None:
    """What words call a victim's in one place is not the attacker's in another that only defangs it."""
    text = "The page imitates larkfield.example in all.\n\nIOCs:\n\n- larkfield[.]example\n- ward-papers[.]example\n"
    assert roles(text) == {"larkfield.example": "victim", "ward-papers.example": "attacker"}


def test_a_contradiction_is_unclear() -> None:
    """What words call the attacker's here and a victim's there is neither."""
    text = "The group targeted harbour.example in May.\n\nThe mail was sent from kay@harbour.example on Friday."
    assert roles(text)["kay@harbour.example"] == "unclear"


@pytest.mark.parametrize(
    ("publisher", "role"),
    [
        ("https://www.shelter.example/post/1", "vendor"),
        ("shelter.example", "vendor"),
        ("The Shelter Team", "vendor"),
        ("Shel", "attacker"),
        ("", "attacker"),
    ],
)
def test_the_publishers_own_domain_is_never_the_attackers(publisher: str, role: str) -> None:
    """By address, domain or name of the publisher; another's beginning is not enough."""
    assert roles("IOCs:\n\n- in.shelter[.]example\n", publisher)["in.shelter.example"] == role


def test_what_can_be_clicked_is_cited() -> None:
    """A live link in running text is a citation, also one behind other words."""
    text = "They wrote to many, as others found, and went on."
    assert roles(text, links=((24, 36, "https://other-lab.example/found"),)) == {
        "https://other-lab.example/found": "cited"
    }


def test_each_role_has_a_reason_that_quotes() -> None:
    """The sentence says which words, heading or list it rests on."""
    (one,) = extract("The mail was sent from kay@first-desk.example to her.")
    assert one.because == "“sent from” stands before it."
    assert "Legitimate domains that were imitated" in next(
        one.because for one in extract(PLACES) if one.role == "victim"
    )
