"""Domains that misspell the very name that their own mail bears, as `atlantic-siqnal.example` by "Atlantic Signal"."""

import re
from collections.abc import Iterable

from watchword.context.lookalike import skeleton
from watchword.engine import Connection
from watchword.observe.domain import unicode_host

LABEL = 8  # letters: shorter labels are abbreviations, which anything resembles
WORDS = 5  # of a name
_WORD = re.compile(r"[^\W_]+")


def misspelt(connection: Connection, harmless: Iterable[str]) -> dict[str, str]:
    """Give the domains that are written otherwise than the name in their mail, though they look the same.

    Looked for in the display name, subject, signature and last lines of the first messages from a domain that is not
    among the `harmless` (popular, freemail, known).
    """
    apart = set(harmless)
    found: dict[str, str] = {}
    rows = connection.execute(
        """
        select messages.from_organisation, concat_ws(' \n', from_name, subject, texts.signature,
            right(texts.written, 400), left(texts.written, 600))
        from message_facts messages join texts using (message)
        where texts.kind in ('plain', 'html') and len(split_part(from_organisation, '.', 1)) >= ?
            and not is_list and from_organisation <> ''
        qualify row_number() over (partition by from_organisation order by coalesce(time, date), message) <= 6
        """,
        [LABEL],
    ).fetchall()
    for organisation, said in rows:
        text = said.replace("&", " and ")
        if organisation not in apart and organisation not in found:
            name = misspelling(unicode_host(organisation).partition(".")[0], text)
            if name:
                found[organisation] = name
    return found


def misspelling(label: str, text: str) -> str:
    """Give the name in `text` that `label` misspells: the same to a hurried eye, but not the same letters."""
    plain = label.replace("-", "")
    folded = skeleton(plain)
    words = [(match[0].lower(), match.start(), match.end()) for match in _WORD.finditer(text)]
    if len(plain) < LABEL or any(plain == joined for joined, *_ in _joined(words, {len(plain)})):
        return ""
    # One letter may be two (rn for m), so the name may be shorter or longer than the label.
    for joined, start, end in _joined(words, set(range(len(plain) - 2, len(plain) + 3))):
        if joined != plain and skeleton(joined) == folded:
            return text[start:end]
    return ""


def _joined(words: list[tuple[str, int, int]], sizes: set[int]) -> Iterable[tuple[str, int, int]]:
    longest = max(sizes)
    for first, (_, start, _) in enumerate(words):
        joined = ""
        for word, _, end in words[first : first + WORDS]:
            joined += word
            if len(joined) > longest:
                break
            if len(joined) in sizes:
                yield joined, start, end
