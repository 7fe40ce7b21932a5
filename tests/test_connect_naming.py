"""Names of hosts and paths: what they share by the same making, and that what everybody has weighs nothing."""

import time
import tomllib
from importlib.resources import files

import pytest

from watchword.connect.background import BITS, CONTROL, Background, Weighed
from watchword.connect.naming import listed, naming, owner, path_values, words
from watchword.observe.domain import registrable

OURS = "meldung-prufstelle7.example"
HOSTS = [
    "a7.zelkovar-login.ru",
    "b9.zelkovar-login.top",
    "mail.google.com",
    "www.google.com",
    "zelkovar.linkpc.net",
    "brandivar.linkpc.net",
    "quuxling.compress.to",
    "mail.zelkovar.ru",
    "qzx-grubnik.zelkovar.ru",
    "104.16.1.2",
    "62.4.5.6",
    "fe80::1",
]
MANY = [f"brandizar-{place}.com" for place in range(50)]


@pytest.fixture(scope="module")
def background() -> Background:
    """Read the lists once."""
    return Background([*HOSTS, *MANY, OURS], hubs={"zelkovar.ru", "62.4.5"})


def shared(one: str, other: str) -> set[tuple[str, str]]:
    """Give kinds and values that two hosts have in common."""
    values = {(value.kind, value.value) for value in naming(one)}
    return values & {(value.kind, value.value) for value in naming(other)}


def weighed(background: Background, host: str) -> dict[str, Weighed]:
    """Give what a host may share by its kind."""
    return {one.value.kind: one for one in background.host(host)}


@pytest.mark.parametrize(
    ("one", "other", "kind", "value"),
    [
        ("zelkovar.ru", "zelkovar.top", "label", "zelkovar"),
        ("office365-login-x1.com", "office365-login-x2.net", "counted", "office0-login-x0"),
        ("account-recovery-user.bid", "recoveryuseraccount.club", "words", "account recovery user"),
        ("zelkovar-login.ru", "update-zelkovar.com", "word", "zelkovar"),
        ("mail-verify-zelko.ru", "zz-mail-verify.com", "pair", "mail verify"),
        ("login-zelkovar4.ru", "update-brandivar7.ru", "pattern", "s-w1.ru"),
        ("node12.zelkovar.ru", "node77.brandivar.com", "below", "node0"),
        ("10.1.2.3", "10.1.2.77", "network", "10.1.2"),
    ],
)
def test_names_of_one_making_share_a_value(one: str, other: str, kind: str, value: str) -> None:
    """What was registered by one habit has the same value of the kind that stands for that habit."""
    assert (kind, value) in shared(one, other)


def test_names_of_different_making_share_nothing() -> None:
    """Two names without a word, label or form in common have no value in common."""
    assert shared("a7.zelkovar-login.ru", "brandivar.com") == set()


def test_a_tenant_stands_for_itself() -> None:
    """Below shared hosting and dynamic DNS each name is somebody's own, also where only our own list knows it."""
    assert owner("x.quuxling.github.io") == "quuxling.github.io"
    assert owner("deep.quuxling.compress.to") == "quuxling.compress.to"
    assert shared("quuxling.compress.to", "brandivar.compress.to") == {("pattern", "w.compress.to")}


def test_words_are_cut_at_known_words_and_leave_what_is_rare() -> None:
    """Known words come off both ends, nothing is lost, and no rest has less than three letters."""
    assert words("loginzelkovarupdate") == ["login", "zelkovar", "update"]
    assert words("zelkovar") == ["zelkovar"]
    for piece in ("loginxy", "xylogin", "xyloginxy", "accountsy"):
        assert "".join(words(piece)) == piece
        assert min(map(len, words(piece))) >= 3


def test_what_is_no_name_gives_nothing() -> None:
    """Single labels, empty names and labels made by a machine are taken without an error, and give no words."""
    assert list(naming("")) == list(naming("localhost")) == list(naming("fe80::1")) == []
    machine = "x9" * 30 + ".com"
    assert {value.kind for value in naming(machine)} == {"host", "domain"}
    assert {value.kind for value in naming("xn--80ak6aa92e.com")} == {"host", "domain"}


def test_paths_of_one_kit_share_their_form() -> None:
    """Numbers and tokens change, the form, the last part and the names of parameters stay."""
    one = {(value.kind, value.value) for value in path_values("/a/9/panel-in.php", "uid=7&k=1")}
    other = {(value.kind, value.value) for value in path_values("/b/31/panel-in.php", "?k=2&uid=9")}
    assert one & other == {("file", "panel-in.php"), ("form", "/w/9/w-w.php"), ("parameters", "k&uid")}
    assert list(path_values("/", "")) == []
    assert {value.value for value in path_values("/x7Gq2kPz9w/s.php") if value.kind == "form"} == {"/t/w.php"}


def test_hubs_weigh_nothing(background: Background) -> None:
    """Much used domains, addresses of content networks and hubs that were learned weigh nothing, with a reason."""
    google = weighed(background, "mail.google.com")
    assert {kind: one.bits for kind, one in google.items() if kind in ("domain", "label")} == {"domain": 0, "label": 0}
    assert google["domain"].hub == "much used"
    assert weighed(background, "104.16.1.2")["address"].hub
    assert weighed(background, "62.4.5.6")["network"].hub == "seen with unrelated people"
    learned = weighed(background, "qzx-grubnik.zelkovar.ru")
    assert learned["domain"].bits == 0
    assert learned["host"].bits > 0, "a domain that many use is scored by host"


def test_no_hub_is_held_by_those_looked_for(background: Background) -> None:
    """Whatever has no weight cannot be what ties two alone, nor a host below a domain that everybody uses."""
    for host in HOSTS:
        for one in background.host(host):
            assert one.control <= (one.bits > 0 and one.value.kind in CONTROL)
    assert not weighed(background, "www.google.com")["host"].control
    assert weighed(background, "zelkovar.linkpc.net")["domain"].control


def test_the_rarer_weighs_more(background: Background) -> None:
    """A word that many sites have weighs less than one that none has, and no value more than its kind may."""
    rare = weighed(background, OURS)
    common = weighed(background, "a7.zelkovar-login.ru")
    assert rare["words"].bits == BITS["words"][0]
    assert common["pattern"].bits < BITS["pattern"][0], "many sites are named a word and login"
    assert rare["label"].bits > weighed(background, "mail.google.com")["label"].bits
    assert all(one.bits <= BITS[kind][0] for kind, one in {**rare, **common}.items())


def test_weights_come_from_the_lists_alone(background: Background) -> None:
    """That the compared hosts repeat a value does not make it look common: counts are those of the lists."""
    assert all(weighed(background, host)["counted"].bits == BITS["counted"][0] for host in MANY)


def test_our_list_of_open_domains_adds_to_the_others() -> None:
    """Each entry is a registrable domain, once, with a source; none is in the lists that are read anyway."""
    entry = tomllib.loads(files("watchword").joinpath("knowledge", "naming.toml").read_text("utf-8"))["dynamic"]
    assert entry["source"]
    assert entry["domains"] == sorted(set(entry["domains"]))
    theirs = set(listed("dynamic-dns"))
    assert [name for name in entry["domains"] if registrable(name) != name or name in theirs] == []


def test_common_paths_weigh_nothing(background: Background) -> None:
    """A file that every site has is no trace; a name that nobody else chose is."""
    assert all(one.bits == 0 for one in background.path("/admin/login.php"))
    rare = {one.value.kind: one.bits for one in background.path("/wp-includes/grubnik.php")}
    assert rare["path"] > rare["file"] > 0


def test_naming_keeps_pace() -> None:
    """A hundred thousand names take seconds, not minutes: ten times slower than measured fails."""
    names = [f"a{place}.zelkovar-login{place}.ru" for place in range(10_000)]
    list(naming(names[0]))
    begun = time.perf_counter()
    for name in names:
        for _ in naming(name):
            pass
    assert time.perf_counter() - begun < 1.5
