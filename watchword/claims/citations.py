"""What a report rests on, as it shows: copied text, shared quotations, links; and as it says (`credits`)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchword.claims.credits import Names, rules
from watchword.claims.passages import Span, sentence_at, words
from watchword.claims.speakers import Speakers, folded
from watchword.claims.stories import Cut, Reference, Story, rank

COPIED = 0.3  # part of a text that stands in another; of 924 news stories only 10 pairs of publishers share a twentieth
HELD = 0.5  # part of a short text that stands within a longer one
FEW = 20  # runs of words; a passage that stands within a longer text has that many
_LEAST = 5  # runs of words in common; two short texts share fewer by chance
WHOLE = 6  # words of a quotation that both have from mark to mark
NAMED = 4  # the same, where the later story also names who published the earlier
_COMMON = 12  # documents; what stands in more of them is a form of words, as the foot of a page


def references(stories: Sequence[Story], speakers: Speakers) -> list[Reference]:
    """Find all that the stories of a case rest on, story by story, in the order of the text.

    Who speaks for a house, as a story says, is one with it in `speakers` from then on.
    """
    found: list[Reference] = []
    read = {story.document: Cut(story) for story in stories}
    found += _copies(stories, read)
    found += _shared_quotations(stories, read)
    addresses = {_address(story.address): story.document for story in stories if story.address}
    finder = Names(speakers)
    for story in stories:
        found += _links(story, read[story.document], addresses)
        found += finder.find(story, read[story.document])
    for name, house in finder.houses.items():
        speakers.join(house, speakers.add(name))
    for one in found:
        if one.named and one.key:
            speakers.titles.setdefault(one.key, one.named)
    found = [replace(one, key=speakers.key(one.key)) if one.key else one for one in found]
    return sorted(found, key=lambda one: (one.document, one.start, one.stop, one.how, one.cited, one.key))


def _copies(stories: Sequence[Story], read: Mapping[str, Cut]) -> list[Reference]:
    """Find which stories have much of their text in common; the later one copies."""
    holders: dict[str, list[str]] = defaultdict(list)
    for story in stories:
        for run in read[story.document].plain:
            holders[run].append(story.document)
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    order = {story.document: number for number, story in enumerate(sorted(stories, key=rank))}
    for run, having in holders.items():
        if 1 < len(having) <= max(_COMMON, len(stories) // 4):
            having = sorted(having, key=order.__getitem__)
            for number, later in enumerate(having):
                for earlier in having[:number]:
                    shared[later, earlier].append(run)
    found = []
    for (later, earlier), runs in shared.items():
        if len(runs) < _LEAST:
            continue
        share = len(runs) / len(read[later].plain)
        held = len(runs) / len(read[earlier].plain)
        if share >= COPIED or (held >= HELD and len(runs) >= FEW):
            first = min(read[later].plain[run] for run in runs)
            start, stop = read[later].place(first)
            found.append(
                Reference(later, "copies", start, stop, cited=earlier, share=round(share, 4), lead=share >= COPIED)
            )
    return found


def _shared_quotations(stories: Sequence[Story], read: Mapping[str, Cut]) -> list[Reference]:
    """Find quotations of eight words and more that another story has, too, as a quotation or as its own words."""
    holders: dict[str, list[str]] = defaultdict(list)
    for story in stories:
        for run in read[story.document].all:
            holders[run].append(story.document)
    order = {story.document: number for number, story in enumerate(sorted(stories, key=rank))}
    publishers = {story.document: story.publisher for story in stories}
    forms = {folded(story.publisher) for story in stories if story.publisher}
    names = {
        story.document: {form for form in forms if f" {form} " in f" {' '.join(read[story.document].words.words)} "}
        for story in stories
    }
    whole: dict[str, list[tuple[str, Span]]] = defaultdict(list)
    for story in stories:
        for span in read[story.document].quotations:
            whole[" ".join(words(span.text).words)].append((story.document, span))
    found = []
    for story in stories:
        mine = read[story.document]
        for span in mine.quotations:
            if rules().answers.search(sentence_at(mine.sentences, span.start).text):
                continue
            spoken: dict[str, bool] = {}  # other story -> has the words as its own
            cut = words(span.text)
            for _, run in cut.runs():
                for other in holders[run]:
                    start, _ = read[other].place(read[other].all[run])
                    own = not any(one.start - 1 <= start < one.stop for one in read[other].quotations)
                    spoken[other] = spoken.get(other, False) or own
            for other, _ in whole[" ".join(cut.words)] if len(cut.words) >= NAMED else ():
                if len(cut.words) >= WHOLE or folded(publishers[other]) in names[story.document]:
                    spoken.setdefault(other, False)
            spoken.pop(story.document, None)
            for other, own in sorted(spoken.items()):
                if own or order[other] < order[story.document]:
                    found.append(
                        Reference(
                            story.document,
                            "quotes",
                            span.start,
                            span.stop,
                            cited=other,
                            lead=span.start < mine.lead,
                            spoken=own,
                        )
                    )
    return found


def _address(address: str) -> str:
    """Write an address so that spellings of it are equal."""
    bare = re.sub(r"^\w+://(?:www\.)?", "", address.strip())
    return re.sub(r"[?#].*$", "", bare).rstrip("/").lower()


def _links(story: Story, read: Cut, addresses: Mapping[str, str]) -> list[Reference]:
    found = []
    for link in dict.fromkeys(story.links):
        cited = addresses.get(_address(link), "")
        if cited and cited != story.document:
            place = max(0, story.text.find(link))
            span = sentence_at(read.sentences, place) if read.sentences else Span(0, 0, "")
            found.append(Reference(story.document, "links", span.start, span.stop, cited=cited, named=link, lead=False))
    return found
