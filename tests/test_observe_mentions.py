"""By what an author can be reached: numbers, addresses, accounts, wallets and counters, and what is none of these."""

import re
import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.observe import observe
from watchword.observe.contacts import ADDRESS, HANDLE, PHONE, TRACKING, WALLET, contacts
from watchword.observe.mentions import EACH, MENTIONS, in_text
from watchword.read.raw import RawMessage
from watchword.tables import Mention

KNOWN = tomllib.loads(files("watchword").joinpath("knowledge", "contacts.toml").read_text("utf-8"))


def named(text: str, kind: str, is_signature: bool = False) -> list[str]:
    """Give the values of one kind that a text names."""
    return [found.value for found in in_text(text, is_signature) if found.kind == kind]


def mentioned(body: str, kind: str = "plain", head: str = "") -> list[Mention]:
    """Observe a message and give its mentions."""
    data = (
        f"From: Ann Lee <ann@example.org>\r\nTo: bob@example.net\r\nCc: Eva <eva@example.com>\r\n{head}"
        f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{body}"
    ).encode()
    return [row for row in observe(RawMessage(data, "k", len(data)), "test") if isinstance(row, Mention)]


def values(body: str, kind: str = "plain", head: str = "") -> list[tuple[str, str]]:
    """Observe a message and give place and value of each mention."""
    return [(row.found_in, row.value) for row in mentioned(body, kind, head)]


# ---------------------------------------------------------------- telephone numbers


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("+1 (202) 555-0142", "+12025550142"),
        ("+1.202.555.0142", "+12025550142"),
        ("+1-202-555-0142", "+12025550142"),
        ("1-202-555-0142", "+12025550142"),
        ("(202) 555-0142", "2025550142"),
        ("202-555-0142", "2025550142"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+442079460018", "+442079460018"),
        ("Tel.: 0044 20 7946 0018", "+442079460018"),
        ("+49 (0) 30 - 23125 0815", "+4930231250815"),
        ("Telefon 030 / 23125-000", "03023125000"),
        ("Tél. : 01 99 00 12 34", "0199001234"),
        ("тел. 8 (495) 000-12-34", "84950001234"),
        ("+7 (912) 000-12-34", "+79120001234"),
        ("تلفن: ۰۲۱-۵۵۵۰۰۱۴۲", "02155500142"),
        ("هاتف: ‎+964 770 000 0142", "+9647700000142"),
        ("טלפון: 03-555-0142", "035550142"),
        ("手机：13800000142", "13800000142"),
        ("Call us now on: 0800 0001425", "08000001425"),
        ("＋１ ２０２ ５５５ ０１４２", "+12025550142"),
        ("+1 – 202 – 555 – 0142", "+12025550142"),
    ],
)
def test_telephone_numbers(written: str, value: str) -> None:
    """A number is the same however it is written, amid a sentence, at its end and in brackets."""
    for text in (written, f"Please ask for Ann.\n{written}.", f"{written}, or write", f"Ann Lee ({written})"):
        assert named(text, PHONE) == [value], text


@pytest.mark.parametrize(
    "written",
    [
        "2024-11-24 10:30", "24.11.2024", "Tel 24.11.2024", "call 2024-11-24", "on 20241124", "10:30-11:45 12.12.2024",
        "Order 123456789", "invoice no. 555 0142 99", "case 202-55-0142", "ISBN 978-3-16-148410-0", "#5550142999",
        "$ 1 234 567 890", "EUR 12345678", "+1 000 000 000", "+250 000 000 000", "1,234,567,890", "+12.3456789",
        "99.1234567%",
        "192.168.100.200", "Phone 192.168.100.200", "38.8977, -77.0365", "+38.897700 -77.036500",
        "a signal at 860.2375 MHz", "https://example.org/2025550142/x", "?id=+12025550142", "ab+4420794600018",
        "1-202-555-01425", "+1 202 555 01", "+999 555 0142 00", "+0 202 555 0142", "(do_idle_call) from [<80156128>]",
        "Conference phone ID: 735 728 42#", "+1111111111", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
        "UTC+0200", "+100,000 readers", "call 911", "-2025550142", "ann2025550142@example.org",
    ],
)  # fmt: skip
def test_what_is_no_telephone_number(written: str) -> None:
    """Dates, amounts, order numbers, coordinates, addresses of the net and numbers that nobody could dial are none."""
    for text in (written, f"Dear Bob, {written} is it."):
        assert named(text, PHONE) == [], text


def test_two_numbers_are_two() -> None:
    """What separates two numbers does not join them, and what follows a number is no part of it."""
    assert named("202-555-0142  202-555-0143", PHONE) == ["2025550142", "2025550143"]
    assert named("+44 20 7946 0018 / +44 20 7946 0019", PHONE) == ["+442079460018", "+442079460019"]
    assert named("+1 202 555 0142 (9-17 h)", PHONE) == ["+12025550142"]
    assert named("Phone: +1 202 555 0142 24 hours", PHONE) == ["+12025550142"]


def test_signatures_abbreviate() -> None:
    """`M:` announces a number in a signature, and nowhere else."""
    assert named("M: 0171 2345678", PHONE, is_signature=True) == ["01712345678"]
    assert named("M: 0171 2345678", PHONE) == []


def test_numbers_of_messengers() -> None:
    """A number that a messenger is named for is an account there, too."""
    found = list(in_text("Signal/WhatsApp: +49 1500 000142"))
    assert [one.value for one in found] == ["+491500000142", "signal:+491500000142", "whatsapp:+491500000142"]


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("Write to Ann.Lee+x@Example.ORG.", "ann.lee+x@example.org"),
        ("<ann_lee@sub.example.co.uk>", "ann_lee@sub.example.co.uk"),
        ("'ann@example.org'", "ann@example.org"),
        ("ann@bücher.example.de", "ann@xn--bcher-kva.example.de"),
        ("مدیر: ann@example.ir،", "ann@example.ir"),
    ],
)
def test_addresses(written: str, value: str) -> None:
    """A mail address comes in lower case with its host in A-label form."""
    assert named(written, ADDRESS) == [value]


@pytest.mark.parametrize(
    "written",
    ["ann@localhost", "ann@example.notatld", "@example.org", "a@b", "a@@example.org",
     "20241124103000.1234-1-x@example.org", "ann at example.org", "user@10.0.0.1", "ann@example.org@example.net"],
)  # fmt: skip
def test_what_is_no_address(written: str) -> None:
    """Hosts without a registered end, Message-IDs and handles are no addresses."""
    assert named(written, ADDRESS) == []


def test_own_addresses_say_nothing() -> None:
    """Those in From, To and Cc do not count, another one does."""
    assert values("I am ann@example.org, you are bob@example.net, ask eva@example.com or Zoe@Example.info") == [
        ("written", "zoe@example.info")
    ]


# ---------------------------------------------------------------- accounts


@pytest.mark.parametrize(
    ("link", "value"),
    [
        ("https://t.me/Ann_Lee?start=1", "telegram:ann_lee"),
        ("https://t.me/s/ann_lee", "telegram:ann_lee"),
        ("https://telegram.me/joinchat/AAAAAExampleExample", "telegram:AAAAAExampleExample"),
        ("tg://resolve?domain=ann_lee", "telegram:ann_lee"),
        ("https://wa.me/12025550142?text=hi", "whatsapp:+12025550142"),
        ("https://api.whatsapp.com/send?text=x&phone=12025550142", "whatsapp:+12025550142"),
        ("whatsapp://send?phone=12025550142", "whatsapp:+12025550142"),
        ("https://signal.me/#p/+12025550142", "signal:+12025550142"),
        ("https://x.com/AnnLee", "x:annlee"),
        ("https://mobile.twitter.com/AnnLee?s=20", "x:annlee"),
        ("https://www.instagram.com/ann.lee/", "instagram:ann.lee"),
        ("https://www.facebook.com/ann.lee.5", "facebook:ann.lee.5"),
        ("https://m.facebook.com/profile.php?id=100012345", "facebook:100012345"),
        ("https://www.linkedin.com/in/Ann-Lee-1/", "linkedin:ann-lee-1"),
        ("https://uk.linkedin.com/company/acme/", "linkedin:company/acme"),
        ("skype:ann.lee?chat", "skype:ann.lee"),
        ("https://calendly.com/ann-lee/30min", "calendly:ann-lee"),
    ],
)
def test_accounts_in_links(link: str, value: str) -> None:
    """A link to an account names it, in a page, in running text, and behind a gateway's redirect."""
    wrapped = "https://nam01.safelinks.protection.outlook.com/?url=" + re.sub("[?&#+:/]", _coded, link)
    assert ("page", value) in values(f'<p>Ask <a href="{link}">me</a></p>', "html")
    if link.startswith("https"):
        assert values(f"Ask {link} now") == [("written", value)]
        assert ("page", value) in values(f'<p>Ask <a href="{wrapped}">me</a></p>', "html")


def _coded(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


@pytest.mark.parametrize(
    "link",
    ["https://t.me/share/url?url=x", "https://t.me/share?url=x", "https://t.me/ann/123", "https://x.com/AnnLee/status/1",
     "https://twitter.com/intent/tweet?text=x", "https://twitter.com/share?url=x", "https://www.facebook.com/sharer.php?u=x",
     "https://www.facebook.com/sharer/sharer.php", "https://www.facebook.com/ann/posts/1", "https://instagram.com/p/abc/",
     "https://www.linkedin.com/feed/", "https://nott.me/ann_lee", "https://t.me.example.org/ann_lee", "https://x.com/"],
)  # fmt: skip
def test_links_that_are_no_account(link: str) -> None:
    """Buttons to share, single posts and look-alike hosts name nobody."""
    assert values(f'<a href="{link}">x</a>', "html") == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("Telegram: @Ann_Lee", "telegram:ann_lee"),
        ("message me on telegram at @Ann_Lee.", "telegram:ann_lee"),
        ("I am @ann_lee on Telegram", "telegram:ann_lee"),
        ("Телеграм: @ann_lee", "telegram:ann_lee"),
        ("تلگرام: @ann_lee", "telegram:ann_lee"),
        ("see t.me/ann_lee, please", "telegram:ann_lee"),
        ("wa.me/12025550142", "whatsapp:+12025550142"),
        ("Instagram @ann.lee_", "instagram:ann.lee_"),
        ("Skype: live:.cid.ab12cd34", "skype:live:.cid.ab12cd34"),
        ("Skype ID: ann.lee42", "skype:ann.lee42"),
        ("WeChat: annlee42", "wechat:annlee42"),
    ],
)
def test_accounts_in_words(written: str, value: str) -> None:
    """A name beside the name of a service is an account there."""
    assert named(written, HANDLE) == [value]


@pytest.mark.parametrize(
    "written",
    ["I read it on Telegram. @all please",
     "write to telegram@example.org", "Skype or Zoom?", "Skype: anytime", "@ann_lee",
     "Telegram: ann@example.org", "the telegram of 1917", "skype://", "Twitter, Telegram and Instagram"],
)  # fmt: skip
def test_words_that_name_no_account(written: str) -> None:
    """A service without a name, a name without a service, and mail addresses are no accounts."""
    assert named(written, HANDLE) == []


# ---------------------------------------------------------------- wallets


@pytest.mark.parametrize(
    ("written", "value"),
    [
        # The first block's address, those of BIP 173 and BIP 350, EIP-55's, and that of Tron's documentation.
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "bitcoin:bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ethereum:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
        ("TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9", "tron:TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9"),
    ],
)
def test_wallets(written: str, value: str) -> None:
    """An address of a wallet counts in a sentence; with one letter changed its checksum is wrong and it does not."""
    assert named(f"Send it to {written}, today.", WALLET) == [value]
    wrong = written[:-3] + ("3" if written[-3] != "3" else "4") + written[-2:]
    assert named(wrong, WALLET) == ([] if not written.startswith("0x") else named(wrong, WALLET))


def test_what_is_no_wallet() -> None:
    """Hashes of commits, keys in base64 and rows of zeros are none."""
    for text in (
        "0x" + "0" * 40,
        "0x" + "ab" * 32,
        "1" * 34,
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "3" + "J" * 33,
    ):
        assert named(text, WALLET) == []


# ---------------------------------------------------------------- counters


@pytest.mark.parametrize(
    ("link", "value"),
    [
        ("https://www.google-analytics.com/collect?v=1&tid=UA-12345678-9&cid=5", "ga:UA-12345678"),
        ("https://www.googletagmanager.com/gtag/js?id=G-AB12CD34EF", "ga:G-AB12CD34EF"),
        ("https://www.facebook.com/tr?id=123456789012345&ev=PageView", "meta:123456789012345"),
        ("https://stats.example.org/matomo.php?rec=1&idsite=7", "matomo:stats.example.org/7"),
        ("https://static.hotjar.com/c/hotjar-1234567.js?sv=6", "hotjar:1234567"),
        ("https://mc.yandex.ru/watch/12345678", "yandex:12345678"),
        (f"https://a.us1.list-manage.com/track/click?u={'ab12' * 6}c&id=1", f"mailchimp:{'ab12' * 6}c"),
        ("https://u1234567.ct.sendgrid.net/ls/click?upn=x", "sendgrid:1234567"),
        ("https://acme.activehosted.com/lt.php?x=1", "activecampaign:acme"),
        ("https://hs-123456.s.hubspotemail.net/x", "hubspot:123456"),
        ("https://manage.kmail-lists.com/subscriptions/unsubscribe?a=AbC123&c=1", "klaviyo:AbC123"),
        ("https://ab1cd.mjt.lu/lnk/x", "mailjet:ab1cd"),
        ("https://mandrillapp.com/track/click/30012345/www.example.org?p=x", "mandrill:30012345"),
    ],
)
def test_counters_in_links(link: str, value: str) -> None:
    """A picture or link that is counted names whose counter it is."""
    escaped = link.replace("&", "&amp;")
    assert values(f'<p>x</p><img src="{escaped}" width=1 height=1>', "html") == [("page", value)]


def test_account_at_the_mailer_in_the_header() -> None:
    """List-Unsubscribe names the mailer's account; an address there is not one to reach the author by."""
    unsubscribe = (
        f"List-Unsubscribe: <mailto:u@example.info>, <https://a.us1.list-manage.com/unsubscribe?u={'ab12' * 6}c>"
    )
    assert values("Hello", "plain", f"{unsubscribe}\r\n") == [("page", f"mailchimp:{'ab12' * 6}c")]


def test_counters_in_scripts() -> None:
    """Scripts of a page name counters, and the bot that a form's contents are sent to."""
    page = """<html><body><p>Sign in</p><script>
    ga('create', 'UA-12345678-2', 'auto'); gtag('config', 'G-AB12CD34EF'); (function(w){})(window,'GTM-AB12CD');
    fbq('init', '123456789012345'); h._hjSettings={hjid:1234567,hjsv:6}; ym(12345678, "init", {});
    fetch("https://api.telegram.org/bot1234567890:AAexample_example_example_example_x/sendMessage");
    </script></body></html>"""
    assert [value for _, value in values(page, "html")] == [
        "ga:UA-12345678", "ga:G-AB12CD34EF", "ga:GTM-AB12CD", "meta:123456789012345", "hotjar:1234567",
        "yandex:12345678", "telegram-bot:1234567890",
    ]  # fmt: skip


# ---------------------------------------------------------------- whole messages


def test_what_is_quoted_is_not_said() -> None:
    """Numbers, accounts and links in quoted layers are of others; those beside them are the sender's."""
    quoted = "> Call +1 202 555 0143 or https://t.me/other_one or zoe@example.info\r\n"
    body = f"Call +1 202 555 0142 or https://t.me/ann_lee\r\n\r\nOn Monday, Zoe wrote:\r\n{quoted}"
    assert values(body) == [("written", "+12025550142"), ("written", "telegram:ann_lee")]
    page = (
        '<div>Ask <a href="https://t.me/ann_lee">my colleague</a></div><div class="gmail_quote">On Monday, Zoe wrote:'
        '<blockquote class="gmail_quote">See <a href="https://t.me/other_one">this</a>'
        '<img src="https://u1234567.ct.sendgrid.net/wf/open" width=1 height=1></blockquote></div>'
    )
    assert values(page, "html") == [("page", "telegram:ann_lee")]


def test_signature_and_order() -> None:
    """What stands in the signature says so; rows are numbered, each value once."""
    body = "Call +1 202 555 0142 or +1 (202) 555-0142.\r\n\r\nBest regards,\r\nAnn\r\nM: +44 20 7946 0018\r\n"
    rows = mentioned(body)
    assert [(row.number, row.found_in, row.kind, row.value) for row in rows] == [
        (0, "written", "phone", "+12025550142"),
        (1, "signature", "phone", "+442079460018"),
    ]
    assert rows[1].shown == "+44 20 7946 0018"


def test_an_attached_message_is_of_somebody_else() -> None:
    """What stands in a message that is attached whole is not said by the one who forwards it."""
    inner = "From: x@example.info\r\nContent-Type: text/html\r\n\r\n<p>+1 202 555 0142 <a href='https://t.me/other_one'>x</a>"
    outer = (
        "From: ann@example.org\r\nTo: bob@example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        f"Content-Type: text/plain\r\n\r\nSee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    ).encode()
    rows = list(observe(RawMessage(outer, "k", len(outer)), "test"))
    assert [row for row in rows if isinstance(row, Mention)] == []


def test_a_page_that_is_attached_counts() -> None:
    """Numbers and counters of a page that is sent as a file count, as it is what the sender made."""
    page = "<html><p>Call +1 202 555 0142</p><script>fbq('init', '123456789012345');</script></html>"
    data = (
        "From: ann@example.org\r\nContent-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n\r\n"
        + page
    ).encode()
    rows = observe(RawMessage(data, "k", len(data)), "test")
    assert [row.value for row in rows if isinstance(row, Mention)] == ["+12025550142", "meta:123456789012345"]


def test_there_is_a_limit() -> None:
    """Of a thousand addresses 25 count, beside 25 numbers, and no more than 50 in all."""
    many = " ".join(f"a{number}@example.info +44 20 7946 {number:04}" for number in range(1_000, 2_000))
    rows = mentioned(f"{many} https://t.me/ann_lee")
    assert len(rows) == MENTIONS
    assert sum(row.kind == ADDRESS for row in rows) == sum(row.kind == PHONE for row in rows) == EACH
    assert all(len(row.shown) <= 120 for row in rows)


# ---------------------------------------------------------------- anything


@given(st.text(alphabet=st.sampled_from("+0123456789 ()-./@:abtT1xme\n\u0660\u200e，"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    """No text makes it raise, and what is shown stands in it."""
    for found in in_text(text):
        assert found.shown in text
        assert found.value


@pytest.mark.parametrize(
    "piece",
    ["+", "1", "+1 ", "1-", "(1", "(0) ", "+44 20 7946 0018 ", "call ", "tel 1", "@", "a@", "a@b.", "a.", "@a ",
     "t.me/", "t.me/a ", "telegram ", "telegram @", "@ab on ", "skype:", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ", "bc1q",
     "0x", "٣", "whatsapp +44 20 7946 0018 ", "1" * 30 + " ", "4" * 95 + " "],
)  # fmt: skip
def test_hostile_texts_are_linear(piece: str) -> None:
    """64 thousand characters of anything take less than half a second."""
    begun = time.process_time()
    list(in_text(piece * (65_536 // len(piece))))
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "piece",
    [
        "https://t.me/",
        "https://wa.me/send?phone=",
        "https://api.whatsapp.com/send?",
        "https://x.com/@",
        "&id=",
        "/tr?id=",
    ],
)
def test_hostile_links_are_linear(piece: str) -> None:
    """A thousand long links take less than two seconds in all."""
    link = f'<a href="https://www.facebook.com/tr?{piece * (2_000 // len(piece))}idsite=">x</a>'
    body = "".join(link.replace("tr?", f"tr?{number}") for number in range(1_000))
    begun = time.process_time()
    mentioned(body, "html")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("mark", [entry["mark"] for entry in KNOWN["source"]])
def test_hostile_pages_are_linear(mark: str) -> None:
    """A quarter of a million characters of what a script begins with take less than half a second."""
    begun = time.process_time()
    for shape in contacts().sources:
        list(shape.read(f"'{mark.upper()}1234 {mark}" * (250_000 // (2 * len(mark) + 6))))
    assert time.process_time() - begun < 0.5


# ---------------------------------------------------------------- knowledge


def test_knowledge_is_well_formed() -> None:
    """Each entry has its source and a pattern with a group for the name; words are lower case and stand once."""
    assert len(KNOWN["link"]) > 30
    for entry in (*KNOWN["link"], *KNOWN["source"]):
        groups = re.compile(entry["pattern"]).groupindex
        assert entry["source"]
        assert entry["kind"] in (HANDLE, TRACKING)
        assert set(groups) <= {"name", "phone", "exact", "other"}
        assert groups
        assert all(word == word.lower() for word in (*entry.get("never", ()), *entry.get("hosts", ())))
    hints = KNOWN["phone"]["hints"]
    assert len(set(hints)) == len(hints)
    assert [hint for hint in hints if hint != hint.lower()] == []
    names = [name for entry in KNOWN["service"] for name in entry["names"]]
    assert len(set(names)) == len(names)
