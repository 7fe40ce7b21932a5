"""Look-alike domains are found by the ways that operations used, and honest neighbours are left alone."""

import functools
import string
import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.context.lookalike import WAYS, Lookalike, lookalikes, skeleton, spelled

# Second-level labels of at least eight letters, so that every mutation below is one the rules promise to find.
PROTECTED = [
    "brookings.edu",
    "understandingwar.org",
    "washingtonpost.com",
    "foreignaffairs.com",
    "hillfield-campaign.example",
    "rivermouth-courier.example",
]
SUFFIXES = ["press", "live", "online", "site", "info", "co", "top"]
TWINS = {
    "i": "l1ıі",
    "l": "i1ӏ",
    "o": "0оο",
    "a": "аɑ",
    "e": "3е",
    "g": "q",
    "m": ["rn"],
    "c": "с",
    "p": "р",
    "s": "5ѕ",
}
FAMILY = ["docs", "drive", "share", "view", "online", "cloud", "mail", "login", "verify", "secure", "account"]


@functools.cache
def known() -> tuple[frozenset[str], dict[str, str]]:
    """Give the domains and stems of the shipped identities."""
    domains: set[str] = set()
    stems: dict[str, str] = {}
    for file in files("watchword").joinpath("knowledge", "identities").iterdir():
        if file.name.endswith(".toml"):
            for entry in tomllib.loads(file.read_text("utf-8"))["identity"]:
                domains.update(entry["domains"])
                of = next(iter([*entry["domains"], *entry["names"]]))
                stems |= dict.fromkeys([*spelled(entry["names"]), *entry.get("mimics", [])], of)
    return frozenset(domains), stems


PUBLISHED = [
    # Volexity on CharmingCypress, 2024-02-13; Google TAG and Recorded Future on APT42, 2024
    ("ecomonist.org", "economist.com", "edit"),
    ("eocnomist.com", "economist.com", "edit"),
    ("foreiqnaffairs.com", "foreignaffairs.com", "skeleton"),
    ("forieqnaffairs.com", "foreignaffairs.com", "edit"),
    ("washinqtonpost.press", "washingtonpost.com", "skeleton"),
    ("businesslnsider.org", "businessinsider.com", "skeleton"),
    ("vanityfaire.org", "vanityfair.com", "edit"),
    ("timesfisrael.com", "timesofisrael.com", "edit"),
    ("khaleejtimes.org", "khaleejtimes.com", "other-suffix"),
    ("jpost.press", "jpost.com", "other-suffix"),
    ("jpostpress.com", "jpost.com", "label-in-other"),
    ("ynetnews.press", "ynetnews.com", "other-suffix"),
    ("maariv.net", "maariv.co.il", "other-suffix"),
    ("azadlliq.info", "azadliq.org", "edit"),
    ("themedealine.org", "themedialine.org", "edit"),
    ("aspenlnstitute.org", "aspeninstitute.org", "skeleton"),
    ("mccainlnstitute.org", "mccaininstitute.org", "skeleton"),
    ("washingtonlnstitute.org", "washingtoninstitute.org", "skeleton"),
    ("rasaaneh-iiis.org", "rasanah-iiis.org", "edit"),
    ("rasaanah-iiis.org", "rasanah-iiis.org", "edit"),
    ("rasaneh-iiis.org", "rasanah-iiis.org", "edit"),
    ("we-transfer.shop", "wetransfer.com", "skeleton"),
    ("mail-roundcube.site", "roundcube.net", "label-in-other"),
    # Proofpoint, BadBlood, 2021-03-30
    ("1drv.casa", "1drv.com", "other-suffix"),
    # SecureWorks, TG-4127, 2016
    ("accounts-google.com", "google.com", "label-in-other"),
    # Sekoia on Calisto, 2022
    ("cija-docs.com", "cijaonline.org", "label-in-other"),
    ("hd-centre-drive.com", "hdcentre.org", "label-in-other"),
    ("nonviolent-conflict-service.com", "nonviolent-conflict.org", "label-in-other"),
    ("login.parliament.uk.online-redirect.site", "parliament.uk", "subdomain"),
    ("connect.cam.ac.uk.online-redirect.site", "cam.ac.uk", "subdomain"),
    # Google TAG on APT42, 2024-08-14
    ("understandingthewar.org", "understandingwar.org", "edit"),
    # forms that relays of sign-in pages give to hosts
    ("accounts-google-com.online-redirect.site", "google.com", "subdomain"),
    ("accounts.google.com-session.site", "google.com", "subdomain"),
    # names written out
    ("amnestyinternational.live", "amnesty.org", "other-suffix"),
    ("council-on-foreign-relations.live", "cfr.org", "skeleton"),
    ("councilforeignrelations-panel.com", "cfr.org", "label-in-other"),
]


@functools.cache
def published() -> dict[str, Lookalike]:
    """Find the look-alikes among the published domains, all at once."""
    domains, stems = known()
    return lookalikes([domain for domain, _, _ in PUBLISHED], domains, mimics=stems)


@pytest.mark.parametrize(("domain", "of", "how"), PUBLISHED)
def test_published_lookalikes(domain: str, of: str, how: str) -> None:
    """Domains of published operations are found, with the way they were made."""
    found = published()[domain]
    assert (found.of, found.how) == (of, how)


def test_known_identities_are_no_lookalikes() -> None:
    """No domain of a known identity is a look-alike of another's."""
    domains, stems = known()
    assert lookalikes(domains, domains, mimics=stems) == {}


@given(st.sampled_from(PROTECTED), st.data())
def test_twin_letters_are_found(domain: str, data: st.DataObject) -> None:
    """One letter exchanged for one that looks like it is a skeleton, under any suffix."""
    label = domain.partition(".")[0]
    at = data.draw(st.sampled_from([at for at, letter in enumerate(label) if letter in TWINS]))
    twin = data.draw(st.sampled_from(list(TWINS[label[at]])))
    name = f"{label[:at]}{twin}{label[at + 1 :]}.{data.draw(st.sampled_from(SUFFIXES))}"
    found = lookalikes([name], PROTECTED)[name]
    assert (found.of, found.how) == (domain, "skeleton")


@given(st.sampled_from(PROTECTED), st.data())
def test_one_edit_is_found(domain: str, data: st.DataObject) -> None:
    """A letter left out, put in, exchanged or two neighbours swapped is found."""
    label = domain.partition(".")[0]
    at = data.draw(st.integers(1, len(label) - 2))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    edited = data.draw(
        st.sampled_from(
            [
                label[:at] + label[at + 1 :],
                label[:at] + letter + label[at:],
                label[:at] + letter + label[at + 1 :],
                label[:at] + label[at + 1] + label[at] + label[at + 2 :],
            ]
        )
    ).strip("-")
    name = f"{edited}.{data.draw(st.sampled_from(SUFFIXES))}"
    assert lookalikes([name], PROTECTED)[name].of == domain


@given(
    st.sampled_from(PROTECTED), st.lists(st.sampled_from(FAMILY), min_size=1, max_size=3), st.booleans(), st.booleans()
)
def test_family_words_are_found(domain: str, words: list[str], hyphens: bool, before: bool) -> None:
    """A protected label with words of hosting families before or behind it is found, with hyphens or without."""
    joint = "-" if hyphens else ""
    label = domain.partition(".")[0]
    name = joint.join([*words, label] if before else [label, *words]) + ".site"
    found = lookalikes([name], PROTECTED)[name]
    assert (found.of, found.how) == (domain, "label-in-other")


@given(st.sampled_from(PROTECTED), st.lists(st.sampled_from(FAMILY), max_size=2), st.sampled_from(SUFFIXES))
def test_stuffed_subdomains_are_found(domain: str, words: list[str], suffix: str) -> None:
    """A whole protected domain in front of another's is found, and its true subdomains are not."""
    stuffed = ".".join([*words, domain, f"online-redirect.{suffix}"])
    true = ".".join([*words, domain])
    found = lookalikes([stuffed, true], PROTECTED)
    assert true not in found
    assert (found[stuffed].of, found[stuffed].how) == (domain, "subdomain")


@given(
    st.lists(
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.(com|org|de|co\.uk|press)", fullmatch=True), max_size=20
    ),
    st.lists(
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.(com|org|de|co\.uk|press)", fullmatch=True), max_size=20
    ),
)
def test_protected_and_harmless_never_fire(domains: list[str], protected: list[str]) -> None:
    """Protected names themselves and harmless ones never fire; what fires names a protected domain and a known way."""
    found = lookalikes([*domains, *protected], protected)
    assert found.keys().isdisjoint(protected)
    assert all(one.of in protected and one.how in WAYS and one.domain == name for name, one in found.items())
    assert lookalikes(domains, protected, harmless=set(domains)) == {}
    assert found == lookalikes([*protected, *reversed(domains)], list(reversed(protected)))


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    """A name that is no domain never raises and is never a look-alike of itself."""
    lookalikes([text, f"{text}.com"], ["brookings.edu", text])
    skeleton(text)


@pytest.mark.parametrize(
    ("domain", "protected"),
    [
        ("rand.co", "rand.org"),  # four letters
        ("linux.org", "lunax.org"),  # one edit, but too short
        ("example.de", "example.com"),  # the same house in another country
        ("hillfield.de", "hillfield.com"),
        ("newsletter.press", "newsletter.com"),  # a generic word
        ("mailout2.example", "mailout1.example"),  # numbered hosts of one house
        ("brookingsregister.com", "brookfield.edu"),
        ("maccabi.example", "maccain.example"),
        ("someone.github.io", "someone-else.github.io"),
        ("192.0.2.1", "192.0.2.7"),
    ],
)
def test_honest_neighbours_are_quiet(domain: str, protected: str) -> None:
    """Short labels, generic words, numbered hosts and country sites are not look-alikes."""
    assert lookalikes([domain], [protected]) == {}


def test_the_work_grows_with_the_number_of_domains() -> None:
    """Four times as many domains, alike among each other on purpose, take about four times as long, not sixteen."""

    def seconds(count: int) -> float:
        protected = [f"campaign{at:05d}hillfield.org" for at in range(count)]
        domains = [f"campaign{at:05d}hillfeild.com" for at in range(count)]
        begin = time.process_time()
        lookalikes(domains, protected)
        return time.process_time() - begin

    seconds(50)
    assert seconds(400) < 12 * seconds(100)


@pytest.mark.parametrize(
    ("domain", "how"),
    [
        ("rnicrosoft.site", "skeleton"),
        ("micr0soft.site", "skeleton"),
        ("mіcrosoft.site", "skeleton"),
        ("xn--mcrosoft-tkb.site", "skeleton"),
        ("microsoftt.site", "edit"),
        ("microsoft-login.pages.dev", "label-in-other"),
        ("onlinemicrosoftaccount.site", "label-in-other"),
        ("myrnicrosoftquarantine.site", "brand-in-name"),
    ],
)
def test_stems_are_protected_too(domain: str, how: str) -> None:
    """A stem that knowledge lists is protected like a domain, and a brand inside a longer label is found."""
    stems = {"microsoft": "microsoft.com"}
    assert lookalikes([domain], [], mimics=stems)[domain] == Lookalike(domain, "microsoft.com", how)
