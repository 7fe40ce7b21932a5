"""Nothing in mail can act on the reader of a report: not in a browser, not in a terminal, not by looking innocent."""

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.report_case import WEIGHTS, Mail, Page, build, told
from watchword.disclose.report_html import report_html
from watchword.disclose.summary import summary
from watchword.disclose.visible import defanged, defanged_link, folded, visible
from watchword.disclose.why import why, why_text


@pytest.fixture(scope="module")
def three() -> Mail:
    """Three owners, one of whom answered."""
    return build()


@pytest.fixture(scope="module")
def hostile() -> Mail:
    """The same where everything that a sender can write tries to act on the reader."""
    return build(hostile=True)


def test_nothing_in_mail_becomes_markup(hostile: Mail) -> None:
    """Mail adds no element, no attribute, no address to load, and its invisible characters are shown by name."""
    harmless = Page(report_html(told(build())))
    page = report_html(told(hostile))
    parsed = Page(page)
    assert {tag for tag, _ in parsed.tags} <= {tag for tag, _ in harmless.tags}
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    for tag, attributes in parsed.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,")), (tag, attributes)
    assert "<img src=" in parsed.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", page)
    assert "⟨U+202E⟩" in page


def test_scripts_run_only_by_their_hash(three: Mail) -> None:
    """The policy allows nothing but the page's own script and style, each by its hash."""
    page = report_html(told(three))
    (policy,) = [a["content"] or "" for tag, a in Page(page).tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_terminal_gets_no_control_characters(hostile: Mail) -> None:
    """Neither the summary nor `why` gives the terminal anything from mail to act on, and the summary is short."""
    shown = told(hostile)
    stream = io.StringIO()
    Console(file=stream, width=80, force_terminal=False).print(summary(shown, Path("/tmp/report.html")))  # noqa: S108  # a name only
    message = shown.conversations[0].messages[0].message
    text = stream.getvalue() + why_text(why(hostile.connection, hostile.fetch, message, weights=WEIGHTS))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert stream.getvalue().count("\n") < 30
    assert "Found 147 = 132 judged + 12 copies + 3 not mail or not readable" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 中文 🙂", "plain é 中文 🙂"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("pay\u200bpal", "pay⟨U+200B⟩pal"),
        ("\u200c" * 90, "⟨U+200C and 89 more⟩"),
    ],
)
def test_invisible_characters_are_shown(text: str, shown: str) -> None:
    """What a reader could not see is named; honest spelling, as the joiner in Persian, stays."""
    assert visible(text) == shown


@given(st.text())
def test_visible_text_holds_nothing_hidden(text: str) -> None:
    """No control, bidi or surrogate character passes, whatever the text."""
    shown = visible(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text(), st.integers(10, 200))
def test_folded_text_is_short_and_says_so(text: str, limit: int) -> None:
    """A long text is cut in the middle, and the number of characters left out is right."""
    short = folded(text, limit)
    if len(text) <= limit + 40:
        assert short == text
    else:
        assert f"[{len(text) - limit:,} characters left out]" in short
        assert len(short) < limit + 50


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host.example/a.b?c=d.e", "hxxps://host[.]example/a.b?c=d.e"),
        ("HTTP://user@host.example:80/", "HxxP://user@host[.]example:80/"),
        ("mailto:ana@campaign.example", "mailto[:]ana[@]campaign[.]example"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
    ],
)
def test_links_do_not_open(url: str, shown: str) -> None:
    """A defanged link is no link any more, and what it was can still be read."""
    assert defanged_link(url) == shown


def test_text_with_links_is_defanged_once() -> None:
    """Links within text are defanged, and a second time changes nothing."""
    text = "see https://host.example/x, www.host.example and hxxps://host[.]example"
    assert defanged(text) == "see hxxps://host[.]example/x, www[.]host.example and hxxps://host[.]example"
    assert defanged(defanged(text)) == defanged(text)


class Visit(NamedTuple):
    """What a browser did with a page."""

    page: str  # as it stood in the end
    console: list[str]
    asked: set[str]  # addresses on the network that anything in the browser asked for


def browse(page: str, folder: Path) -> Visit:
    """Open a page in Chromium, without a network."""
    folder.mkdir()
    file, log = folder / "page.html", folder / "net.json"
    file.write_text(page, "utf-8")
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
        f"--user-data-dir={folder / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND", f"--log-net-log={log}",
        "--enable-logging=stderr", "--v=0", "--dump-dom", "--virtual-time-budget=2000", file.as_uri(),
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    events = json.loads(log.read_text("utf-8"))["events"]
    return Visit(
        run.stdout,
        [line for line in run.stderr.splitlines() if "CONSOLE" in line],
        {event["params"]["url"] for event in events if "url" in event.get("params", {})},
    )


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium")
def test_browser_asks_for_nothing_and_complains_of_nothing(hostile: Mail, tmp_path: Path) -> None:
    """Chromium opens the page offline without console error and without one request that the page would cause."""
    # The control shows that a request and an error would be seen.
    control = browse("<img src=https://evil.example/x.png><script>console.error('seen')</script>", tmp_path / "control")
    assert any("evil.example" in url for url in control.asked)
    assert any("seen" in line for line in control.console)
    visit = browse(report_html(told(hostile)), tmp_path / "report")
    assert 'class="timeline broad"' in visit.page
    assert visit.console == []
    # What is left is the browser's own, to its maker; every host in the mail is under a reserved name.
    assert not [url for url in visit.asked if re.search(r"://[^/]*\.(example|test|invalid)\b", url)]
