"""Where links lead on to: gateways that rewrite them, services that count clicks, copies, and redirects by shape."""

import base64
import json
import time
import tomllib
import zlib
from importlib.resources import files
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.observe import redirect, url
from watchword.observe.domain import ascii_host, registrable

EVIL = "https://evil.example.net/in?a=b"
CODED = quote(EVIL, safe="")
WAYS = {
    *("query", "path", "urldefense-2", "urldefense-3", "a1-base64", "amp", "translated-host", "between-underscores"),
    *("names-host", "opaque", "none"),
}


def base64_of(text: str) -> str:
    """Write a text in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def deflated(text: str) -> str:
    """Write a text as Mailgun does: deflated, in base64."""
    return base64_of_bytes(zlib.compress(text.encode()))


def base64_of_bytes(data: bytes) -> str:
    """Write bytes in URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


SERVICES = [
    # put in by the receiving side
    (f"https://eur01.safelinks.protection.outlook.com/?url={CODED}&data=05%7C01", EVIL, "safelinks"),
    (f"https://usg02.safelinks.protection.office365.us/?url={CODED}&data=05", EVIL, "safelinks"),
    (f"https://eur03.safelinks.protection.outlook.com/ap/b-59584e83/?url={CODED}&data=05", EVIL, "safelinks"),
    (f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={CODED}", EVIL,
     "safelinks"),
    (f"https://urldefense.proofpoint.com/v1/url?u={CODED}&k=oIvRg1%2BdGA%3D%3D%0A", EVIL, "urldefense-1"),
    ("https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example.net_in-3Fa-3Db&d=DwMF", EVIL, "urldefense-2"),
    ("https://urldefense.com/v3/__https://evil.example.net/in?a=b__;!!ORG!tok$", EVIL, "urldefense-3"),
    ("https://urldefense.us/v3/__https:/evil.example.net/in?a=b__;!!ORG!tok$", EVIL, "urldefense-3"),
    ("https://urldefense.com/v3/__https://evil.example.net/in?a*b__;PQ!!ORG!tok$", EVIL, "urldefense-3"),
    ("https://urldefense.com/v3/__https://evil.example.net/in?a=b", EVIL, "urldefense-3"),
    (f"https://linkprotect.cudasvc.com/url?a={CODED}&c=E,1,tok&typo=1", EVIL, "barracuda"),
    (f"https://secure-web.cisco.com/1S1h_Cy8Q/{CODED}", EVIL, "cisco"),
    (f"https://ca-1234.check.trendmicro.com/wis/clicktime/v1/query?url={CODED}&umid=1", EVIL, "trendmicro"),
    (f"https://clicktime.symantec.com/39e8TeBH?u={CODED}", EVIL, "symantec"),
    (f"https://protect2.fireeye.com/v1/url?k=1-2&q=1&e=3&u={CODED}", EVIL, "trellix"),
    (f"https://us-west-2.protection.sophos.com/?d=evil.example.net&u={base64_of(EVIL)}&p=m&i=aa", EVIL, "sophos"),
    (f"https://protect.checkpoint.com/v2/r01/___{EVIL}___.YzJ1OnRva2Vu", EVIL, "checkpoint"),
    (f"https://avanan.url-protection.com/v1/url?o={CODED}&g=tok", EVIL, "checkpoint"),
    (f"https://urlsand.esvalabs.com/?u={CODED}&e=1", EVIL, "vade"),
    (f"https://deref-gmx.net/mail/client/tok/dereferrer/?redirectUrl={CODED}", EVIL, "dereferrer"),
    (f"https://eur01.safelinks.protection.outlook.com/?x=1&amp;url={CODED}&amp;data=05", EVIL, "safelinks"),
    # sites that pass readers on
    (f"https://www.google.com/url?q={CODED}&sa=D", EVIL, "google"),
    (f"https://www.google.co.uk/url?sa=t&url={CODED}&usg=x", EVIL, "google"),
    ("https://www.google.com/amp/s/evil.example.net/in?a=b", EVIL, "amp"),
    ("https://evil-example-net.cdn.ampproject.org/c/s/evil.example.net/in?a=b", EVIL, "amp"),
    ("https://evil-example-net.translate.goog/in?a=b", EVIL, "translation"),
    ("https://my--site-evil-example-net.translate.goog/", "https://my-site.evil.example.net/", "translation"),
    ("https://translate.google.com/translate?sl=auto&u=evil.example.net/in", "http://evil.example.net/in",
     "translation"),
    (f"https://adclick.g.doubleclick.net/pcs/click?x&&adurl={EVIL}", EVIL, "google-ads"),
    (f"https://www.bing.com/ck/a?!&&p=1&u=a1{base64_of(EVIL)}&ntb=1", EVIL, "bing"),
    (f"https://duckduckgo.com/l/?uddg={CODED}", EVIL, "duckduckgo"),
    (f"https://r.search.yahoo.com/_ylt=A0/RV=2/RE=1/RO=10/RU={CODED}/RK=2/RS=x-", EVIL, "yahoo"),
    (f"https://www.linkedin.com/safety/go?url={CODED}&trk=x", EVIL, "linkedin"),
    (f"https://l.facebook.com/l.php?u={CODED}&h=AT0", EVIL, "facebook"),
    (f"https://www.youtube.com/redirect?event=x&q={CODED}", EVIL, "youtube"),
    (f"https://slack-redir.net/link?url={CODED}", EVIL, "slack"),
    ("https://web.archive.org/web/20200101000000/https://evil.example.net/in?a=b", EVIL, "archive"),
    # bulk mail
    ("https://x1.r.us-east-1.awstrack.me/L0/https:%2F%2Fevil.example.net%2Fin%3Fa=b/1/0100/tok", EVIL, "amazon-ses"),
    ("https://mandrillapp.com/track/click/30/evil.example.net?p="
     + base64_of(json.dumps({"s": "x", "p": json.dumps({"u": 30, "url": EVIL}).replace("/", "\\/")})), EVIL,
     "mandrill"),
]  # fmt: skip
SHAPES = [
    (f"https://a.example/?next={EVIL}", EVIL, "parameter"),
    (f"https://a.example/?next={quote(CODED, safe='')}", EVIL, "parameter"),
    ("https://a.example/?next=HTTPS:%5C%5Cevil.example.net/in?a=b", EVIL, "parameter"),
    ("https://a.example/?url=//evil.example.net/in?a=b", EVIL, "parameter"),
    ("https://a.example/?x=%2F%2Fevil.example.net/in?a=b", EVIL, "parameter"),
    ("https://a.example//evil.example.net/in?a=b", EVIL, "path"),
    ("https://a.example/?url=//evil%252eexample%252enet/in?a=b", EVIL, "parameter"),
    (
        f"https://a.example/?link={quote(EVIL + '&continueUrl=https://a.example/', safe='')}",
        f"{EVIL}&continueUrl=https://a.example/",
        "parameter",
    ),
    ("https://a.example/?url=evil.example.net", "http://evil.example.net/", "parameter"),
    (f"https://a.example/r/{EVIL}", EVIL, "path"),
    (f"https://a.example/r/{CODED}/more", EVIL, "path"),
    (f"https://a.example/#{EVIL}", EVIL, "fragment"),
    (f"https://a.example/#/?go={EVIL}&x=1", EVIL, "fragment"),
    (f"https://a.example/?ref=https://press.example/&url={CODED}", EVIL, "parameter"),
    (f"https://a.example/?back=https://a.example/x&u={CODED}", EVIL, "parameter"),
    (f"https://a.example/?t={base64_of(EVIL)}", EVIL, "base64"),
    (f"https://a.example/c/{base64_of(EVIL)}/0f", EVIL, "base64"),
    (f"https://a.example/c/{base64_of(json.dumps({'id': 7, 'href': EVIL, 'x': 1}))}", EVIL, "base64"),
    (f"https://a.example/?{base64_of('ver=1.001&&&url=' + CODED + '&&id=1')}", EVIL, "base64"),
    (f"https://a.example/{EVIL.encode().hex()}", EVIL, "hex"),
    (f"https://email.a.example/c/{deflated('i=1%40a.example&l=' + CODED + '&r=ann%40a.example')}", EVIL, "deflate"),
]


@pytest.mark.parametrize(("link", "to", "how"), SERVICES + SHAPES)
def test_target(link: str, to: str, how: str) -> None:
    """A link of each service, and of each shape, is unwrapped to the address that it carries."""
    read = url.read(link)
    assert (read.target_url, read.target_how) == (to, how)


@pytest.mark.parametrize(
    ("link", "host", "how"),
    [
        (
            "https://protect-us.mimecast.com/s/0wSdCVON0gczLDq1tGaO?domain=evil.example.net",
            "evil.example.net",
            "mimecast",
        ),
        ("https://protect-us.mimecast.com/s/0wSdCVON0gczLDq1tGaO", "", "mimecast"),
        ("https://us-east-2.protection.sophos.com/?d=evil.example.net&b=99026&x=55f", "evil.example.net", "sophos"),
        ("https://shared.outlook.inky.com/link?domain=evil.example.net&t=h.eJxVj", "evil.example.net", "inky"),
        ("https://u1.ct.sendgrid.net/ls/click?upn=u001.aHWq", "", "sendgrid"),
        ("https://x.us1.list-manage.com/track/click?u=1&id=2&e=3", "", "mailchimp"),
        ("https://www.baidu.com/link?url=tYfa2", "", "baidu"),
    ],
)
def test_targets_that_cannot_be_read(link: str, host: str, how: str) -> None:
    """A link that only its service can resolve says so, with the host where the service names it."""
    read = url.read(link)
    assert (read.target_url, read.target_host, read.target_how) == ("", host, how)


def test_redirects_inside_each_other() -> None:
    """Redirects are unwrapped to the last, outermost first; a chain longer than the limit stops there."""
    inner = f"https://slack-redir.net/link?url={CODED}"
    middle = f"https://urldefense.com/v3/__{inner.replace('%', '*')}__;{base64_of('%' * inner.count('%'))}!!ORG!x$"
    read = url.read(f"https://eur01.safelinks.protection.outlook.com/?url={quote(middle, safe='')}&data=1")
    assert (read.target_url, read.target_how) == (EVIL, "safelinks urldefense-3 slack")
    long = EVIL
    for number in range(3 * redirect.STEPS):
        long = (
            f"https://r{number}.example/?u={quote(long, safe='')}"
            if number < 4
            else f"https://r{number}.example/{long}"
        )
    assert redirect.target(long, f"r{3 * redirect.STEPS - 1}.example").how.count(" ") == redirect.STEPS - 1


@pytest.mark.parametrize(
    ("run", "aside", "text"),
    [("a*b", "=", "a=b"), ("a**Cb", "=%&*", "a=%&*b"), ("a**Ab", "é=", "aé=b"), ("a***Abc", "x=y", "ax=ybc")],
)
def test_bytes_put_aside(run: str, aside: str, text: str) -> None:
    """URL Defense v3 puts letters aside: one for each `*`, and `**` with a letter says how many."""
    link = f"https://urldefense.com/v3/__https://evil.example.net/?{run}__;{base64_of(aside)}!!ORG!x$"
    assert redirect.target(link, "urldefense.com").url == url.read(f"https://evil.example.net/?{text}").url


@pytest.mark.parametrize(
    "link",
    [
        "https://a.example/?next=/inside",
        "https://a.example/?next=https://a.example/inside",
        "https://a.example/https-only/http_server",
        "https://a.example/?page=index.php",
        "https://a.example/?l=en.us&q=some.thing",
        "https://a.example//images/logo.png",
        "https://a.example/?mail=ann@lee.example.org",
        "https://a.example/page#:~:text=see%20https://b.example/x",
        f"https://www.facebook.com/sharer/sharer.php?u={CODED}",
        f"https://twitter.com/intent/tweet?url={CODED}&text=Read",
        f"https://www.linkedin.com/shareArticle?mini=true&url={CODED}",
        f"https://calendar.google.com/calendar/render?action=TEMPLATE&details={CODED}",
        f"https://www.google.com/search?q={CODED}",
        "https://groups.google.com/a/lists.example.org/group/x/subscribe",
    ],
)
def test_nobody_is_passed_on(link: str) -> None:
    """Ways within one site, shared addresses, searches and file names are no redirects."""
    assert url.read(link).target_host == ""


@given(st.text(max_size=200), st.sampled_from([link for link, _, _ in SERVICES + SHAPES]))
def test_any_text_is_survived(text: str, link: str) -> None:
    """Whatever stands in a link or is cut out of it, reading it never raises."""
    at = len(text) * 7 % len(link)
    for damaged in (link + text, link[:at] + text + link[at:], link[:at], f"https://a.example/?u={text}"):
        url.read(damaged)


@pytest.mark.parametrize(
    "unit",
    ["http", "https://", "=//", "%25", "aHR0c", "h0dH", "68747470", "/eJ", "&u=", "/" , "\\", "https:%2f", "a.",
     "&url=a.", "*", "**A", "___", "#", "?", "%2F%2F"],
)  # fmt: skip
@pytest.mark.parametrize(
    "before", ["https://a.example/?u=", "https://a.example/", "https://urldefense.com/v3/__http://"]
)
def test_time_grows_with_length(unit: str, before: str) -> None:
    """Eight times the length costs far less than 64 times the time, and the longest address little altogether."""

    def cost(size: int) -> float:
        link = before + unit * (size // len(unit))
        begun = time.process_time()
        redirect.target(link, "a.example")
        return time.process_time() - begun

    small = min(cost(1_000) for _ in range(3))
    large = min(cost(8_000) for _ in range(2))
    assert large < max(30 * small, 0.02)


def test_services_are_well_formed() -> None:
    """An entry of knowledge says how it is read, has its source, and names hosts as they are looked up."""
    text = files("watchword").joinpath("knowledge", "redirects.toml").read_text("utf-8")
    entries = tomllib.loads(text)["redirect"]
    assert len(entries) > 50
    for entry in entries:
        assert set(entry) <= {"how", "hosts", "paths", "reads", "parameters", "source"}
        assert entry["reads"] in WAYS
        assert entry["source"]
        assert ("parameters" in entry) == (entry["reads"] in {"query", "names-host", "urldefense-2", "a1-base64"})
        assert entry["how"].replace("-", "").isalnum()
        assert all(path[0] == "/" for path in entry.get("paths", []))
        assert entry["hosts"] == sorted(set(entry["hosts"])), entry["how"]
        for host in entry["hosts"]:
            assert host.endswith(".*") or (host == ascii_host(host) and registrable(host, private=False)), host
