"""DKIM and ARC signatures as written, and the digests that they sign (RFC 6376, RFC 8463, RFC 8617)."""

from collections.abc import Iterator, Sequence

from watchword.observe.domain import organisation
from watchword.observe.signature_tags import ARC, DKIM, SEAL, Tags, read_tags, results_instance
from watchword.observe.signed_header import SignedHeader
from watchword.parse.message import Defect, Header, Message
from watchword.read.body_hash import MAX_SIGNATURES, Body
from watchword.tables import Signature

_WANTED = frozenset((DKIM, ARC, SEAL))
_RESULTS = "arc-authentication-results"
_MOST = 100  # rows of one message; honest mail has at most a handful
_SHOWN = 200  # names in h= that are kept

# What a reader sees or a mail program goes by. Those with True stand once, so that another one could be put on top.
_RELIED_ON = {
    "from": True,
    "sender": False,
    "reply-to": True,
    "to": True,
    "cc": True,
    "subject": True,
    "date": True,
    "in-reply-to": False,
    "references": False,
    "content-type": True,
    "content-transfer-encoding": False,
}


def signatures(message: Message, key: str, from_organisation: str, *, whole: bool = True) -> list[Signature]:
    """Give one row for each signature, topmost first.

    `whole` says that the bytes of the body are those that arrived; otherwise a body that does not fit shows nothing.
    """
    headers = message.named(_WANTED)
    if not headers:
        return []
    if len(headers) > _MOST:
        message.defects.append(Defect("limit-signatures", 0, headers[_MOST].start, f"{len(headers)} signatures"))
    read = [(header, read_tags(header)) for header in headers[:_MOST]]
    signed = SignedHeader(message)
    body = Body(message.data, message.parts[0].body_start)
    seals = dict(_seals(message, signed, read))
    counts = {name: len(message.all(name)) for name in _RELIED_ON}
    rows = []
    looked_at = 0
    for number, (header, tags) in enumerate(read):
        fits: bool | None = None
        digest = seals.get(header.start, "")
        if header.name != SEAL:
            looked_at += 1
            if looked_at > MAX_SIGNATURES:
                tags.problem = tags.problem or "too-many-signatures"
            else:
                if tags.digest:
                    digest = signed.digest(header, tags.names, relaxed=tags.relaxed, algorithm=tags.digest)
                fits = _fits(body, tags, whole)
        owner = organisation(tags.domain) if tags.domain else ""
        rows.append(
            Signature(
                message=key,
                number=number,
                field=header.name,
                instance=tags.instance,
                domain=tags.domain,
                organisation=owner,
                selector=tags.selector,
                algorithm=tags.algorithm,
                identity=tags.identity,
                canonicalization=tags.canonicalization,
                chain=tags.chain,
                signed_at=tags.signed_at,
                expires_at=tags.expires_at,
                aligned=bool(owner) and owner == from_organisation,
                body_hash=fits,
                length=tags.claim.length if tags.claim else None,
                signed=tags.names[:_SHOWN],
                unsigned=[] if header.name == SEAL else _unsigned(counts, tags.names),
                header_hash=digest,
                signature=tags.signature,
                problem=tags.problem,
            )
        )
    return rows


def _fits(body: Body, tags: Tags, whole: bool) -> bool | None:
    """Say whether the body is the one that was signed; None if that cannot be told."""
    if tags.claim is None:
        return None
    fits = body.fits(tags.claim)
    if not fits and not whole:
        return None
    length = tags.claim.length
    if not fits and length is not None and length > len(body.form(relaxed=tags.claim.relaxed)):
        tags.problem = tags.problem or "length-beyond-body"
    return fits


def _unsigned(counts: dict[str, int], names: Sequence[str]) -> list[str]:
    """Name the fields that are there and not covered, and with a `+` those of which another one could be added.

    Of several fields the undermost are covered, and programs show the topmost: RFC 6376 8.15.
    """
    covered = {name: names.count(name) for name in _RELIED_ON}
    loose = [name for name, count in counts.items() if count > covered[name]]
    return loose + [f"+{name}" for name, once in _RELIED_ON.items() if once and counts[name] == covered[name]]


def _seals(message: Message, signed: SignedHeader, read: Sequence[tuple[Header, Tags]]) -> Iterator[tuple[int, str]]:
    """Give the digests of the seals by where the seal begins; faults of the chain are noted in the tags of its seals.

    RFC 8617 5.2, step 3: from 1 on every instance has one field of each of the three kinds, and cv= is `none` in the
    first and `pass` in the others. What has no instance belongs to no set, and breaks the chain.
    """
    if not any(header.name != DKIM for header, _ in read):
        return
    kinds: dict[str, dict[int, Header]] = {ARC: {}, SEAL: {}, _RESULTS: {}}
    of_seal: dict[int, Tags] = {}
    doubled: set[int] = set()
    stray = False
    found = [(header, tags.instance) for header, tags in read if header.name != DKIM]
    found += [(header, results_instance(header)) for header in message.all(_RESULTS)[:_MOST]]
    for header, instance in found:
        if instance is None:
            stray = True
        elif instance in kinds[header.name]:
            doubled.add(instance)
        else:
            kinds[header.name][instance] = header
    for header, tags in read:
        if header.name == SEAL and tags.instance:
            of_seal.setdefault(tags.instance, tags)
    top = max((instance for one in kinds.values() for instance in one), default=0)
    sets: dict[int, tuple[Header, Header, Header, bool]] = {}
    for instance in range(1, top + 1):
        own = [kinds[kind].get(instance) for kind in (_RESULTS, ARC, SEAL)]
        results, signature, seal = own
        if results is None or signature is None or seal is None:
            break
        sets[instance] = (results, signature, seal, of_seal[instance].chain == "fail")
    for instance, tags in of_seal.items():
        if instance in doubled:
            tags.problem = tags.problem or "set-twice"
        elif instance not in sets or (instance == max(of_seal) and (stray or top not in sets)):
            tags.problem = tags.problem or "set-incomplete"
        elif tags.chain != "fail" and tags.chain != ("none" if instance == 1 else "pass"):
            tags.problem = tags.problem or "chain-contradicts"
    for instance, digest in signed.seals(sets):
        yield sets[instance][2].start, digest
