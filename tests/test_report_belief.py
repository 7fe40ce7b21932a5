"""The report shows whose word on the sender was believed, and on what results rest that were computed again."""

from tests.report_case import Rows, connect
from watchword.disclose.belief import RESTS, Belief, Believed, Sealer, belief


def rows() -> Rows:
    """Three messages of Ana: two taken in by one provider, one by nobody who can be told."""
    made = Rows()
    for number, (name, provider) in enumerate([("a", "mail.example"), ("b", "mail.example"), ("c", "")]):
        made.add("messages", message=name, provider=provider)
        made.add("places", message=name, source="s", owner="ana@org.example", offset=number)
        made.add("relationships", message=name, owner="ana@org.example", direction="received")
    made.add("authentications", message="a", method="dmarc", result="pass", server="mx.mail.example", trusted=True)
    made.add("authentications", message="b", method="dmarc", result="pass", server="mx.mail.example")
    made.add("signatures", message="a", field="arc-seal", domain="microsoft.com", organisation="microsoft.com")
    made.add("signatures", message="b", field="arc-seal", domain="mail.example", organisation="mail.example")
    made.add("checks", message="a", method="spf", result="pass", rests_on="record-then")
    made.add("checks", message="b", method="spf", result="unknown", rests_on="no-record")
    return made


def told(*given: tuple[str, ...]) -> Belief:
    """Gather it for that case."""
    return belief(connect(rows().tables), *given)


def test_who_was_believed_and_how_that_is_known() -> None:
    """Each mailbox names its provider, for how many messages, and whether that is inferred or the user's word."""
    assert told().providers == (
        Believed("ana@org.example", "mail.example", "inferred", 2, 1),
        Believed("ana@org.example", "", "none", 1, 0),
    )
    assert told(("mail.example",)).providers[0].how == "given"


def test_who_sealed_forwarded_mail() -> None:
    """Seals of others are listed, believed only if the case says so; the provider's own is none of them."""
    assert told().sealers == (Sealer("microsoft.com", "Microsoft 365, Outlook.com", 1, False),)
    assert told((), ("microsoft.com",)).sealers[0].trusted


def test_what_results_rest_on_is_counted() -> None:
    """Every way in which a result can be founded has words and a count."""
    found = told()
    assert [found.count("spf", rest) for rest in RESTS] == [1, 0, 0, 0, 0, 0, 1]
    assert found.tried
