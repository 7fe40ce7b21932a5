"""Every reason and caveat of `verifications`, with the words that go into a sentence. One not listed here is a bug."""

from watchword.observe.signature_tags import PROBLEMS

# "The signature of example.org does not hold: …"
REASONS: dict[str, str] = {
    "body-altered": "the body is not the one that was signed",
    "header-altered": "this very key made it, but over other header fields: they were altered since, or it was copied "
    "from another message",
    "header-and-body-altered": "this very key made it, but over other header fields and another body: both were "
    "altered since, or it was copied from another message",
    "other-key": "it was made with another key",
    "altered-or-other-key": "a header field that it covers was altered, or it was made with another key",
    "body-not-kept": "the header fields that it covers are unaltered; the bytes of the body were not kept",
    "body-hash-unknown": "its hash of the body cannot be compared",
    "digest-unknown": "what it covers cannot be computed",
    "expired": "it had expired when the message arrived",
    "no-key": "nobody kept the key",
    "key-not-published": "no key was published for it at that time",
    "key-revoked": "the key was revoked",
    "key-unreadable": "the key record cannot be read",
    "key-type-differs": "the key is of another kind than the signature",
    "key-too-short": "a key under 1,024 bits proves nothing (RFC 8301)",
    "key-not-for-mail": "the key is not meant for mail",
    "hash-not-allowed": "the key record does not allow its hash algorithm",
    "hash-outdated": "SHA-1 counts no more since January 2018 (RFC 8301)",
    "identity-differs": "the key record asks for i= and d= to be the same, and they are not",
    "key-unvouched": "the key was recovered from this case, and no server recorded that the domain published it",
    **PROBLEMS,
}

# "The signature of example.org holds; but …"
CAVEATS: dict[str, str] = {
    "partial-body": "it covers only the beginning of the body",
    "short-key": "the key is short enough to be broken with great effort",
    "weak-hash": "it uses SHA-1",
    "test-key": "its owner marked the key as a test",
    "from-added": "there is another From, which it does not cover",
    "subject-added": "there is another Subject, which it does not cover",
    "date-added": "there is another Date, which it does not cover",
    "to-added": "there is another To, which it does not cover",
    "cc-added": "there is another Cc, which it does not cover",
    "reply-to-added": "there is another Reply-To, which it does not cover",
    "content-type-added": "there is another Content-Type, which it does not cover",
    "from-could-be-added": "a second From could be added without breaking it",
    "subject-not-signed": "it does not cover the subject",
    "reply-to-not-signed": "it does not cover Reply-To",
    "content-type-not-signed": "it does not cover Content-Type, so the body could be shown differently",
    "signed-after-arrival": "it says to be made after the message arrived",
    "signed-long-before": "it was made more than a week before the message arrived, as when mail is sent again",
    "published-key-differs": "the key that is known from another time is not the one that signed",
}
