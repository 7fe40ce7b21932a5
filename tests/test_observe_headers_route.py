"""Claims about Received fields, the border of the receiving provider, and recorded authentication."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.observe.authentication import authentications
from watchword.observe.received import Received, read_received
from watchword.observe.results import RESULTS, read_received_spf, read_results
from watchword.observe.route import hops, is_internal_address, provider, route
from watchword.parse.message import parse

KEY = "0" * 64


def _received(value: str) -> Received:
    return read_received(value.replace("\n", " "))


def _passes(value: str) -> list[tuple[str, str]]:
    return [(found.method, found.domain) for found in read_results(value)[1] if found.result == "pass"]


def _trusted(mail: str) -> list[tuple[str, str, str]]:
    message = parse(mail.encode())
    rows = authentications(message, KEY, route(message), "sender.example").rows
    return [(row.method, row.result, row.domain) for row in rows if row.trusted]


def _defects(mail: str) -> list[str]:
    message = parse(mail.encode())
    return [defect.kind for defect in authentications(message, KEY, route(message), "").defects]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            "from mail.sender.example (out.sender.example [192.0.2.7])\n"
            " (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client certificate requested)\n"
            " by mx.example.org (Postfix) with ESMTPS id 4Cfr for <jane@example.org>; Mon, 2 Mar 2026 15:59:28 +0100",
            ("mail.sender.example", "out.sender.example", "192.0.2.7", "mx.example.org", "ESMTPS", "jane@example.org"),
            id="Postfix",
        ),
        pytest.param(
            "from out.sender.example ([192.0.2.7]:50732 helo=mail.sender.example)\n by mx.example.org with esmtps"
            " (TLSv1.2:ECDHE) (Exim 4.92) (envelope-from <a@sender.example>) id 1huY for jane@example.org;"
            " Mon, 02 Mar 2026 14:59:28 +0000",
            ("mail.sender.example", "out.sender.example", "192.0.2.7", "mx.example.org", "ESMTPS", "jane@example.org"),
            id="Exim",
        ),
        pytest.param(
            "from mail.sender.example (root@out.sender.example [192.0.2.7]) by mx.example.org (8.12.8/8.12.5)"
            " with ESMTP id l3QA for <jane@example.org>; Mon, 2 Mar 2026 09:59:28 -0500",
            ("mail.sender.example", "out.sender.example", "192.0.2.7", "mx.example.org", "ESMTP", "jane@example.org"),
            id="Sendmail",
        ),
        pytest.param(
            "from bank.example (dial-7.isp.example [192.0.2.7] (may be forged)) by mx.example.org with SMTP id 1;"
            " Mon, 2 Mar 2026 14:59:28 +0000",
            ("bank.example", "", "192.0.2.7", "mx.example.org", "SMTP", ""),
            id="Sendmail doubts the reverse name",
        ),
        pytest.param(
            "from a.prod.outlook.com (2603:10b6:5:bc::48) by b.prod.outlook.com (2603:10b6:8:b9::10)\n with Microsoft"
            " SMTP Server (version=TLS1_2, cipher=X) id 15.20; Mon, 2 Mar 2026 14:59:28 +0000",
            ("a.prod.outlook.com", "", "2603:10b6:5:bc::48", "b.prod.outlook.com", "SMTP", ""),
            id="Exchange",
        ),
        pytest.param(
            "by 2002:a05:612c:711:b0:381:73ac:3a65 with SMTP id ft17csp; Mon, 2 Mar 2026 06:59:28 -0800 (PST)",
            ("", "", "", "2002:a05:612c:711:b0:381:73ac:3a65", "SMTP", ""),
            id="Gmail inside",
        ),
        pytest.param(
            "from unknown (HELO mail.sender.example) (192.0.2.7)\n by mx.example.org with SMTP; 2 Mar 2026 14:59:28"
            " -0000",
            ("mail.sender.example", "", "192.0.2.7", "mx.example.org", "SMTP", ""),
            id="qmail",
        ),
        pytest.param(
            "from 192.0.2.7 (EHLO mail.sender.example) by mx.example.org with SMTPs; Mon, 2 Mar 2026 14:59:28 +0000",
            ("mail.sender.example", "", "192.0.2.7", "mx.example.org", "SMTPS", ""),
            id="Yahoo",
        ),
        pytest.param(
            "from mail.sender.example ([192.0.2.7]) by mx.example.org (Lotus Domino Release 8.5.3) with ESMTP id"
            " 2026030214; Mon, 2 Mar 2026 14:59:28 +0000",
            ("mail.sender.example", "", "192.0.2.7", "mx.example.org", "ESMTP", ""),
            id="Lotus",
        ),
        pytest.param(
            "from mail pickup service by mx.example.org with Microsoft SMTPSVC; Mon, 2 Mar 2026 14:59:28 +0000",
            ("mail", "", "", "mx.example.org", "SMTPSVC", ""),
            id="pickup",
        ),
        pytest.param(
            "(qmail 123 invoked by uid 48); 2 Mar 2026 14:59:28 -0000", ("", "", "", "", "", ""), id="qmail local"
        ),
        pytest.param(
            "from laptop [127.0.0.1] by localhost with IMAP (fetchmail-6.3) for jane@localhost (single-drop);"
            " Mon, 2 Mar 2026 14:59:28 +0000",
            ("laptop", "", "127.0.0.1", "localhost", "IMAP", "jane@localhost"),
            id="fetchmail",
        ),
    ],
)
def test_every_server_s_shape_is_read(value: str, expected: tuple[str, ...]) -> None:
    """HELO, reverse name, address, `by`, protocol and `for` are told apart in the shapes of all common servers."""
    found = _received(value)
    got = (found.from_host, found.from_reverse, found.from_ip, found.by_host, found.protocol, found.recipient)
    assert got == expected
    assert found.time == datetime(2026, 3, 2, 14, 59, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "from [10.0.0.1] (out.sender.example [192.0.2.7]) by mx.example.org; Mon, 2 Mar 2026 14:59:28 +0000",
        "from out.sender.example ([192.0.2.7] helo=[10.0.0.1]) by mx.example.org with esmtp; 2 Mar 2026 14:59 +0000",
        "from out.sender.example ([192.0.2.7] ident=[10.0.0.1] helo=x) by mx.example.org; 2 Mar 2026 14:59 +0000",
        "from unknown (HELO [10.0.0.1]) (192.0.2.7) by mx.example.org with SMTP; 2 Mar 2026 14:59 +0000",
        "from x (IDENT:[10.0.0.1]@out.sender.example [192.0.2.7]) by mx.example.org; 2 Mar 2026 14:59 +0000",
        'from x (y [192.0.2.7]) (Client CN "[10.0.0.1]" (not verified)) by mx.example.org; 2 Mar 2026 14:59 +0000',
    ],
)
def test_client_cannot_choose_its_address(value: str) -> None:
    """Nothing that the client says of itself (HELO, ident, certificate) is taken for its address."""
    assert _received(value).from_ip == "192.0.2.7"


GOOGLE = """\
Delivered-To: jane@gmail.com
Received: by 2002:a05:612c:711:b0:381:73ac:3a65 with SMTP id 1; Mon, 2 Mar 2026 06:00:04 -0800 (PST)
X-Received: by 2002:a17:906:7e0e:b0:7c0:d6b6:1ee9 with SMTP id 2; Mon, 2 Mar 2026 06:00:03 -0800 (PST)
ARC-Authentication-Results: i=1; mx.google.com;
       dkim=pass header.i=@sender.example header.s=k1 header.b=AbC;
       spf=pass (google.com: domain of a@sender.example designates 192.0.2.7 as permitted sender)
 smtp.mailfrom=a@sender.example
Return-Path: <a@sender.example>
Received: from mail.sender.example (out.sender.example. [192.0.2.7])
        by mx.google.com with ESMTPS id 3 for <jane@gmail.com>; Mon, 2 Mar 2026 06:00:02 -0800 (PST)
Received-SPF: pass (google.com: domain of a@sender.example designates 192.0.2.7 as permitted sender)
 client-ip=192.0.2.7;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@sender.example header.s=k1 header.b=AbC;
       dmarc=fail (p=NONE) header.from=other.example
"""
OUTLOOK = """\
Received: from a.namprd19.prod.outlook.com (::1) by b.namprd19.prod.outlook.com with HTTPS;
 Mon, 2 Mar 2026 14:00:04 +0000
Received: from c.namprd13.prod.outlook.com (2603:10b6:5:bc::48) by a.namprd19.prod.outlook.com
 (2603:10b6:8:b9::10) with Microsoft SMTP Server id 15.20; Mon, 2 Mar 2026 14:00:03 +0000
Received: from d.eop-nam11.prod.protection.outlook.com (2603:10b6:5:bc:cafe::62) by c.outlook.office365.com
 (2603:10b6:5:bc::48) with Microsoft SMTP Server id 15.20; Mon, 2 Mar 2026 14:00:02 +0000
Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=sender.example; dkim=none (message not
 signed) header.d=none;dmarc=bestguesspass action=none header.from=sender.example;compauth=pass reason=109
Received-SPF: Pass (protection.outlook.com: domain of sender.example designates 192.0.2.7 as permitted sender)
 receiver=protection.outlook.com; client-ip=192.0.2.7; helo=mail.sender.example; pr=C
Received: from mail.sender.example (192.0.2.7) by d.mail.protection.outlook.com (10.13.173.44) with Microsoft SMTP
 Server id 15.20 via Frontend Transport; Mon, 2 Mar 2026 14:00:01 +0000
"""
POSTFIX = """\
Return-Path: <a@sender.example>
Delivered-To: jane@example.org
Received: from localhost (localhost [127.0.0.1]) by mx.example.org (Postfix) with ESMTP id 2;
 Mon, 2 Mar 2026 14:00:02 +0000
Authentication-Results: mx.example.org; dkim=pass (2048-bit key) header.d=sender.example header.s=k1
Authentication-Results: mx.example.org; dmarc=pass (p=none dis=none) header.from=sender.example
Received: from mail.sender.example (out.sender.example [192.0.2.7]) by mx.example.org (Postfix) with ESMTPS id 1
 for <jane@example.org>; Mon, 2 Mar 2026 14:00:01 +0000
"""
PROTON_OWN = """\
Authentication-Results: mailin045.protonmail.ch; dmarc=fail (p=none dis=none) header.from=sender.example
Authentication-Results: mailin045.protonmail.ch; spf=fail smtp.mailfrom=sender.example
Authentication-Results: mailin045.protonmail.ch; arc=none smtp.remote-ip=192.0.2.7
Authentication-Results: mailin045.protonmail.ch; dkim=none
"""
PROTON_RECEIVED = """\
Received: from mail.sender.example (unknown [192.0.2.7]) by mailin045.protonmail.ch (Postfix) with ESMTPS id 1 for
 <jane@protonmail.com>; Mon, 2 Mar 2026 14:00:01 +0000
"""
BODY = "From: A <a@sender.example>\nSubject: Hello\n\nHello\n"


@pytest.mark.parametrize(
    ("head", "border", "host", "who"),
    [
        (GOOGLE, 1, "out.sender.example", "google.com"),
        (OUTLOOK, 3, "mail.sender.example", "outlook.com"),
        (POSTFIX, 1, "out.sender.example", "example.org"),
        (PROTON_RECEIVED + PROTON_OWN, 0, "mail.sender.example", "protonmail.ch"),
    ],
)
def test_border_is_where_an_outside_host_hands_over(head: str, border: int, host: str, who: str) -> None:
    """The border is found below the provider's internal hops, and the outside host stands there."""
    path = route(parse((head + BODY).encode()))
    assert (path.border, path.outside, provider(path)) == (border, True, who)
    hop = path.received[path.border]
    assert (hop.from_ip, hop.from_reverse or hop.from_host) == ("192.0.2.7", host)
    assert [row.trusted for row in hops(path, KEY)] == [True] * (border + 1)


def test_forged_received_does_not_move_the_border() -> None:
    """Received fields that the sender wrote, in the provider's own name, stay below the border."""
    forged = (
        "Received: from trusted.bank.example (trusted.bank.example [198.51.100.9]) by mx.example.org (Postfix)"
        " with ESMTPS id 0; Mon, 2 Mar 2026 13:00:00 +0000\n"
    )
    path = route(parse((POSTFIX + forged + BODY).encode()))
    assert path.border == 1
    assert path.received[path.border].from_ip == "192.0.2.7"


def test_helo_in_the_provider_s_name_stays_outside() -> None:
    """A sender who says HELO with the name of the provider's own host is outside still."""
    head = (
        "Received: from mx.example.org (unknown [192.0.2.7]) by mx.example.org (Postfix) with ESMTP id 1;"
        " Mon, 2 Mar 2026 14:00:01 +0000\n"
        "Received: from bank.example (bank.example [198.51.100.9]) by mx.example.org (Postfix) with ESMTP id 0;"
        " Mon, 2 Mar 2026 13:00:01 +0000\n"
    )
    assert route(parse((head + BODY).encode())).border == 0


def test_two_customers_of_one_provider_are_strangers() -> None:
    """Mail from another tenant of Microsoft enters at the front door; the tenant's own hops below are claims."""
    head = OUTLOOK.replace(
        "from mail.sender.example (192.0.2.7) by d",
        "from apc01-obe.outbound.protection.outlook.com (52.100.0.232) by d",
    ) + (
        "Authentication-Results: spf=pass smtp.mailfrom=bank.example; dmarc=pass header.from=bank.example\n"
        "Received: from e.prod.outlook.com (2603:10a6:10:1::1) by f.prod.outlook.com (2603:10a6:10:2::1) with Microsoft"
        " SMTP Server id 15.20; Mon, 2 Mar 2026 13:59:00 +0000\n"
    )
    path = route(parse((head + BODY).encode()))
    assert (path.border, path.received[path.border].from_ip) == (3, "52.100.0.232")
    assert ("dmarc", "pass", "bank.example") not in _trusted(head + BODY)


def test_mail_fetched_by_a_program_belongs_to_the_mailbox_it_came_from() -> None:
    """Below an IMAP or POP3 hop the server that held the mailbox is the receiving provider too."""
    head = (
        "Received: from localhost (localhost [127.0.0.1]) by home.example.net (Postfix) with ESMTP id 3;"
        " Mon, 2 Mar 2026 14:00:03 +0000\n"
        "Received: from mx.example.org [203.0.113.5] by localhost with IMAP (fetchmail-6.3) for jane@localhost;"
        " Mon, 2 Mar 2026 14:00:02 +0000\n"
        "Received: from mail.sender.example (out.sender.example [192.0.2.7]) by mx.example.org (8.14) with ESMTP id 1;"
        " Mon, 2 Mar 2026 14:00:01 +0000\n"
    )
    path = route(parse((head + BODY).encode()))
    assert (path.border, path.outside, path.received[path.border].from_ip) == (2, True, "192.0.2.7")


def test_message_without_received_has_no_border_and_trusts_nothing() -> None:
    """Without Received there is no border: results are claims, whoever they name."""
    mail = "Authentication-Results: mx.google.com; dkim=pass header.d=bank.example\n" + BODY
    assert route(parse(mail.encode())).border == -1
    assert _trusted(mail) == []


def test_list_server_s_results_are_claims() -> None:
    """Results that a list server wrote before it sent the message on are not the receiving provider's."""
    list_hop = (
        "Authentication-Results: lists.example.net; dkim=pass header.d=sender.example\n"
        "Received: from x (x [198.51.100.9]) by lists.example.net (Postfix) with ESMTP id 0; 2 Mar 2026 13:00 +0000\n"
    )
    trusted = _trusted(POSTFIX + list_hop + BODY)
    assert trusted == [("dkim", "pass", "sender.example"), ("dmarc", "pass", "sender.example")]
    assert _defects(POSTFIX + list_hop + BODY) == []


def test_results_above_the_border_are_trusted_at_microsoft_without_a_name() -> None:
    """Microsoft omits the authserv-id and writes below three internal hops, but above the border."""
    assert _trusted(OUTLOOK + BODY) == [
        ("spf", "pass", "sender.example"),
        ("dkim", "none", ""),
        ("dmarc", "bestguesspass", "sender.example"),
        ("compauth", "pass", ""),
        ("spf", "pass", "sender.example"),
    ]
    nameless = "Authentication-Results: spf=pass smtp.mailfrom=bank.example\n"
    assert ("spf", "pass", "bank.example") not in _trusted(OUTLOOK + nameless + BODY)
    assert ("spf", "pass", "bank.example") not in _trusted(nameless + POSTFIX + BODY)


def test_copy_below_google_s_own_block_is_not_trusted() -> None:
    """Google writes below its Received; a second field in its name there is the sender's, and is told."""
    forged = "Authentication-Results: mx.google.com; dmarc=pass header.from=bank.example\n"
    assert ("dmarc", "fail", "other.example") in _trusted(GOOGLE + BODY)
    assert _trusted(GOOGLE + forged + BODY) == _trusted(GOOGLE + BODY)
    assert _defects(GOOGLE + forged + BODY) == ["results-below-border"]
    assert _defects(GOOGLE + BODY) == []


@pytest.mark.parametrize("head", [PROTON_OWN + PROTON_RECEIVED, PROTON_RECEIVED + PROTON_OWN])
def test_copy_in_proton_s_sorted_header_is_not_trusted(head: str) -> None:
    """Proton groups fields by name, so its own come first and end when all four methods have been seen."""
    forged = "Authentication-Results: mailin045.protonmail.ch; dkim=pass header.d=bank.example\n"
    own = [
        ("dmarc", "fail", "sender.example"),
        ("spf", "fail", "sender.example"),
        ("arc", "none", ""),
        ("dkim", "none", ""),
    ]
    assert _trusted(head + BODY) == own
    grouped = head.replace("dkim=none\n", "dkim=none\n" + forged)
    assert _trusted(grouped + BODY) == own
    assert _defects(grouped + BODY) == ["results-below-border"]
    others = (
        "Received-SPF: pass (mailin045.protonmail.ch: domain of a@bank.example designates it) x\n"
        "ARC-Authentication-Results: i=1; mailin045.protonmail.ch;"
        " dmarc=pass header.from=bank.example; spf=pass; dkim=pass\n"
    )
    assert _trusted(others + head + BODY) == own
    again = head.replace("dkim=none\n", "dkim=none\nAuthentication-Results: mailin045.protonmail.ch; dkim=none\n")
    assert _defects(again + BODY) == []


@pytest.mark.parametrize(
    "value",
    [
        # After Chen, Paxson, Jiang, USENIX Security 2020, attacks A4 to A7: what servers copied, unquoted.
        "mx.example.org; dkim=none; spf=pass smtp.mailfrom=x(@evil.example; dkim=pass header.d=bank.example",
        'mx.example.org; dkim=none; spf=none smtp.mailfrom="x@evil.example; dkim=pass header.d=bank.example',
        "mx.example.org; dkim=fail header.d=bank.example(.evil.example; dkim=pass header.d=bank.example",
        "mx.example.org; dkim=fail reason='x; dkim=pass header.d=bank.example' header.d=evil.example",
        'mx.example.org; spf=none smtp.mailfrom="x; dkim=pass header.d=bank.example "@evil.example',
        "mx.example.org; spf=none (domain of x; dkim=pass header.d=bank.example) smtp.mailfrom=evil.example",
        'mx.example.org; spf=none (domain of "a); dkim=pass header.d=bank.example ("@evil.example) smtp.helo=b.example',
        "mx.example.org; spf=none (a (b) ; dkim=pass header.d=bank.example) smtp.mailfrom=evil.example",
        "mx.example.org; spf=none (a \\) ; dkim=pass header.d=bank.example) smtp.mailfrom=evil.example",
        "mx.example.org; dkim=passed header.d=bank.example; dkim=pass-ish header.d=bank.example",
        "mx.example.org; x dkim=pass header.d=bank.example; =pass header.d=bank.example; dkim==pass",
        "mx.example.org; reason=pass header.d=bank.example",
    ],
)
def test_no_text_of_the_sender_becomes_a_pass(value: str) -> None:
    """Quotes, brackets and odd tokens never make a result for another domain than the server judged."""
    assert "bank.example" not in [domain for _, domain in _passes(value)]


@pytest.mark.parametrize(
    "value", ["bank.example(.evil.example)", 'bank.example".evil.example"', "bank.example'.evil.example"]
)
def test_domain_that_touches_a_comment_is_no_domain(value: str) -> None:
    """`header.d=bank.example(.evil.example)` is a pass, but for no domain."""
    assert _passes(f"mx.example.org; dkim=pass header.d={value}") == [("dkim", "")]


def test_honest_results_are_read_whole() -> None:
    """Version, comments, reasons, quoted addresses and several signatures do not hide what an honest server says."""
    server, results, cut = read_results(
        'mx.example.org 1; dkim=pass (2048-bit key; unprotected) header.d=sender.example header.s=k1 header.b="3E/x";'
        ' dkim=fail reason="signature; bad" header.i=@list.example; spf/1 = pass (ok)'
        ' smtp.mailfrom="b+1=jane@bounce.sender.example"; dmarc=pass header.from=Sender.Example; iprev=hardfail'
    )
    assert (server, cut) == ("mx.example.org", False)
    assert [(found.method, found.result, found.domain, found.selector) for found in results] == [
        ("dkim", "pass", "sender.example", "k1"),
        ("dkim", "fail", "list.example", ""),
        ("spf", "pass", "bounce.sender.example", ""),
        ("dmarc", "pass", "sender.example", ""),
        ("iprev", "fail", "", ""),
    ]


def test_quotation_that_does_not_end_is_told() -> None:
    """A sender can swallow results with an open bracket, so that is a defect of its own."""
    mail = POSTFIX.replace("(2048-bit key)", "(2048-bit key") + BODY
    assert _trusted(mail) == [("dkim", "pass", ""), ("dmarc", "pass", "sender.example")]
    assert _defects(mail) == ["results-unclosed"]


def test_received_spf_is_about_the_envelope_domain() -> None:
    """The envelope domain and the server come out of the comment or the key-value pairs (RFC 7208 9.1)."""
    server, result = read_received_spf(
        "Fail (mx.example.org: domain of evil@bank.example does not designate 192.0.2.7) client-ip=192.0.2.7"
    )
    assert (server, result and result.result, result and result.domain) == ("mx.example.org", "fail", "bank.example")
    server, result = read_received_spf(
        'softfail (why) receiver=mx.example.org; envelope-from="a@sender.example"; helo=x.y'
    )
    assert (server, result and result.result, result and result.domain) == (
        "mx.example.org",
        "softfail",
        "sender.example",
    )


_PIECES = st.lists(
    st.sampled_from(
        ["(", ")", '"', "'", "\\", ";", " ", "=", "dkim=pass ", "header.d=", "a.example", "@", "<", "\x00", "0"]
    )
)


@given(_PIECES)
def test_results_are_closed_words(pieces: list[str]) -> None:
    """Whatever the field holds, each result is one of the known words or `unknown`, and a domain holds no quotation."""
    for result in read_results("mx.example.org; " + "".join(pieces))[1]:
        assert result.result in RESULTS | {"unknown"}
        assert not set(result.domain) & set("()\"'\\;<>\x00 ")


@given(st.text(alphabet="fromby()[]<>;: .1aHELOwith\n", max_size=300))
def test_any_received_is_read_without_error(value: str) -> None:
    """No text makes the reader of Received fail, and `by` is a host name or empty."""
    assert " " not in read_received(value).by_host


@pytest.mark.parametrize(
    "piece", ["(", "()", "(()", "from x (", "by ", "[", "1.", ":", "HELO ", "a@", "with ", "; ", '"', "\\"]
)
def test_reading_is_linear(piece: str) -> None:
    """A field of 256 kB made of one piece is read at once: the readers look at a bounded beginning, and only once."""
    value = piece * (256 * 1024 // len(piece))
    start = time.process_time()
    read_received("from x " + value)
    read_results("mx.example.org; dkim=pass " + value)
    read_received_spf("pass (" + value)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("ip", "internal"),
    [
        ("10.1.2.3", True),
        ("::1", True),
        ("fe80::1", True),
        ("::ffff:10.0.0.1", True),
        ("192.0.2.7", False),
        ("x", False),
    ],
)
def test_internal_addresses(ip: str, internal: bool) -> None:
    """Private, loopback and link-local addresses cannot come from outside; documentation addresses can."""
    assert is_internal_address(ip) is internal


FORWARDED = """\
Delivered-To: ana@gmail.com
Received: by 2002:a05:6000:1a: with SMTP id a; Mon, 2 Mar 2026 15:59:30 +0100
Authentication-Results: mx.google.com; spf=softfail smtp.mailfrom=ben@sender.example
Received: from mail.example.org (mail.example.org [192.0.2.25]) by mx.google.com with ESMTPS id b;
 Mon, 2 Mar 2026 15:59:29 +0100
Authentication-Results: mail.example.org; spf=pass smtp.mailfrom=ben@sender.example
Received: from out.sender.example (out.sender.example [198.51.100.7]) by mail.example.org with ESMTPS id c;
 Mon, 2 Mar 2026 15:59:28 +0100
Authentication-Results: mail.example.org; dkim=pass header.d=bank.example
From: ben@sender.example

"""


SOFT = [("spf", "softfail", "sender.example")]


@pytest.mark.parametrize(
    ("receiving", "border", "outside", "trusted"),
    [
        ((), 1, True, SOFT),
        (("google.com",), 1, True, SOFT),
        (("gmail.com", "example.org"), 2, True, [*SOFT, ("spf", "pass", "sender.example")]),
        (("gmail.com", "mail.example.org"), 2, True, [*SOFT, ("spf", "pass", "sender.example")]),
        (("example.org",), -1, False, []),
        (("other.example",), -1, False, []),
        (("google.com", "sender.example"), 1, True, SOFT),
    ],
)  # fmt: skip
def test_the_user_says_who_takes_in_the_mail(
    receiving: tuple[str, ...], border: int, outside: bool, trusted: list[tuple[str, str, str]]
) -> None:
    """The border lies below the last server that was named; what stands lower is the sender's word, as before."""
    message = parse(FORWARDED.encode())
    path = route(message, frozenset(receiving))
    rows = authentications(message, KEY, path, "sender.example").rows
    assert (path.border, path.outside) == (border, outside)
    assert [(row.method, row.result, row.domain) for row in rows if row.trusted] == trusted
    assert [hop.trusted for hop in hops(path, KEY)] == [number <= border for number in range(3)]


def test_a_forged_hop_of_a_named_server_is_not_believed() -> None:
    """A host outside cannot put itself within by writing fields of a server that the user named."""
    mail = FORWARDED.replace("(mail.example.org [192.0.2.25])", "(evil.test [203.0.113.9])")
    path = route(parse(mail.encode()), frozenset(("google.com", "example.org")))
    assert (path.border, path.outside) == (1, True)
