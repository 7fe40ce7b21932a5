"""Make the pages of the manual that follow from the code: verbs, tables, detectors, evidence, defects.

`python -m docs.build` writes them, `python -m docs.build --check` fails if they are not what the code says.
"""

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from watchword import tables
from watchword.cli import main as verbs
from watchword.connect import elsewhere, pairs
from watchword.connect.evidence import FAMILIES, FORGEABLE, Kind, kinds
from watchword.connect.group import SUPPORT
from watchword.connect.networks import LISTS
from watchword.connect.story import HOPS
from watchword.connect.traces import HELD
from watchword.defects import DEFECTS
from watchword.disclose.history import ENOUGH
from watchword.disclose.tiers import tiers
from watchword.judge import severity
from watchword.judge.detector import GROUPS, KEYS, Detector, detectors
from watchword.judge.weights import weights
from watchword.observe.files.contains import CONTAINS

HERE = Path(__file__).parent
RULES = """\
## When messages belong together

- Against any two messages speak {least:g} to {most:g} bits: log2 of the number of messages compared.
- Of a family only the best kind counts in full, the second a quarter, more nothing: they see the same thing.
- Two messages belong together from {merge:g} bits for it, and then only by one item of {held:g} bits that nobody but
  its holder can show, or by two families of {telling:g} bits or more, with {uncopied:g} bits of what is neither copied
  from a mail nor bought as a kit.
- A message follows one such tie into a group. Two groups become one by an item that only its holder can show, by a tie
  of {firm:g} bits that rests on a machine and on a second family, or where {support} messages of each are tied to the
  other. A single message between them is no bridge, and a chain of weak links joins no two groups.
- An operation holds a message that stands out by itself, and what lies within {hops} links of one.
- Mail of people whom the owner has long known is compared only if it was judged hostile, or leads where a stranger's
  mail leads. What a person put together or apart holds in every later run.
- What anybody could have copied joins nothing; it is listed as a resemblance.

## What weighs nothing

Hubs are taken out in three layers, and every value keeps its reason (`traces.hub`):

1. By the Public Suffix List with its private part: tenants of shared hosting are told apart.
2. By lists: the million most used domains, free and disposable mail, mailing services, shorteners, shared hosting,
   known institutions, correspondents; of addresses {lists}.
3. By what is seen: what honest mail of this case shows, too, and what {senders} senders or more share of whom over
   {alone:.0%} of the pairs share nothing else.
"""
MADE = "<!-- made by `make docs` from the code; do not edit -->\n"


def verbs_page() -> Iterator[str]:
    """Every verb with its help, as the terminal shows it."""
    yield "# Verbs\n\nEvery verb takes `--json` and `--help`. Exit codes: 0 done, 2 wrong arguments or input,"
    yield "3 nothing to judge, 4 the case is in use or cannot be written, 5 the disk or memory is full.\n"
    for name in verbs.list_commands(click.Context(verbs)):
        command = verbs.commands[name]
        context = click.Context(command, info_name=f"watchword {name}", max_content_width=100, terminal_width=100)
        yield f"## watchword {name}\n\n```\n{command.get_help(context)}\n```\n"
        group = command.commands if isinstance(command, click.Group) else {}
        for below, verb in group.items():
            inner = click.Context(
                verb,
                info_name=f"watchword {name} {below}",
                max_content_width=100,
                terminal_width=100,
            )
            yield f"### watchword {name} {below}\n\n```\n{verb.get_help(inner)}\n```\n"


def tables_page() -> Iterator[str]:
    """Every table and column."""
    yield "# Tables\n\nOpen them with `watchword sql`, as Parquet under `CASE/tables/`, or in Python:"
    yield "`watchword.open_case(path).table(name)`. The view `messages` adds to the columns below `sha256`"
    yield "(the same as `message`) and `source`, `member`, `offset`, `length` and `owner` of the place where it"
    yield "was first seen. The view `received` is mail that came to an owner, joined with `relationships` and"
    yield "`conversations`; its `is_letter` says that a person may have written it: no list, bulk or automatic"
    yield "mail, no long page of links.\n"
    groups = (("Facts", tables.FACTS), ("Accounts", tables.ACCOUNTS), ("Authenticity", tables.AUTHENTICITY))
    groups += (("Context", tables.CONTEXT), ("Judgement", tables.JUDGEMENT), ("Connection", tables.CONNECTION))
    groups += (("Reporting", tables.REPORTING), ("Attribution", tables.ATTRIBUTION))
    for title, group in groups:
        yield f"## {title}\n"
        for name, row in group.items():
            yield f"### {name}\n\n{(row.__doc__ or '').strip()}\n\n| column | type | meaning |\n|---|---|---|"
            for column in tables.columns(row):
                missing = ", may be missing" if column.nullable else ""
                yield f"| {column.name} | {column.type}{missing} | {column.says} |"
            yield ""
    yield from contains_rows()


def contains_rows() -> Iterator[str]:
    """Every word that `attachments.contains` may hold."""
    yield "## What files hold\n\nThe words of `attachments.contains`. What a file holds is no verdict.\n"
    yield "| word | meaning |\n|---|---|"
    for word, says in CONTAINS.items():
        yield f"| {word} | {says} |"


def detectors_page() -> Iterator[str]:
    """Every detector with its weight and its blind spot."""
    measured = weights()
    found = detectors()
    yield f"# Detectors\n\n{len(found)} files in `watchword/judge/detectors/`; a case's own go into `CASE/detectors/`."
    yield f"Weights are bits, measured {measured.date} on {measured.corpora}; see [benchmark](benchmark.md). What the"
    yield "column `shows` says is explained [below](#severity).\n"
    for group, says in GROUPS.items():
        members = [one for one in found if one.group == group]
        if members:
            ceiling = f" At most {measured.ceilings[group]:g} bits together." if group in measured.ceilings else ""
            yield f"## {group}: {says}\n\n{ceiling}\n\n| detector | bits | says | shows | seen in | blind to |"
            yield "|---|---|---|---|---|---|"
            for one in members:
                bits = f"{measured.detectors[one.name].bits:+.1f}" if one.name in measured.detectors else "not measured"
                cells = (one.name, bits, one.says, _shows(one), "; ".join(one.seen_in), one.blind_to)
                yield f"| {' | '.join(cells)} |"
            yield ""
    yield from tiers_and_severity()
    yield "## Keys of a detector file\n\nA case's own detectors are files in its folder `detectors`; `watchword check`"
    yield "tries them on their own examples.\n\n| key | what it holds |\n|---|---|"
    for key, holds in KEYS.items():
        yield f"| {key} | {holds} |"


def _shows(one: Detector) -> str:
    """What the file says of severity and history."""
    shown = [f"social {one.social}"] if one.social else []
    shown += [f"technical {one.technical:g}"] if one.technical else []
    return ", ".join([*shown, "needs history"] if one.needs_history else shown)


def tiers_and_severity() -> Iterator[str]:
    """What the tiers of verdicts and the levels of severity stand for."""
    yield "## Tiers of verdicts\n\n`verdicts.tier`; the figures are those of `weights.toml`.\n"
    yield "| tier | title | means |\n|---|---|---|"
    for one in tiers(weights()):
        yield f"| {one.tier} | {one.title} | {one.means} |"
    yield f"\n## Severity\n\n{' '.join((severity.__doc__ or '').partition('- The')[0].split())}\n"
    yield "- The" + (severity.__doc__ or "").partition("- The")[2].rstrip() + "\n"
    for title, levels in (("social", severity.SOCIAL), ("technical", severity.TECHNICAL)):
        yield f"| {title} | is called | means |\n|---|---|---|"
        for number, level in levels.items():
            yield f"| {number:g} | {level.title} | {level.means} |"
        yield ""
    yield "| seen in the facts, by no detector | |\n|---|---|"
    for name, title in severity.SEEN.items():
        yield f"| {name} | {title} |"
    yield "\n## History\n\nA message is judged against the mail that its mailbox held before it. Detectors that"
    yield f"`need history` compare with what was usual. With fewer than {ENOUGH} earlier messages that is not known:"
    yield "they say little or nothing, and whoever is called a stranger may be an old acquaintance. The report says so"
    yield "for each mailbox and verdict.\n"


def evidence_page() -> Iterator[str]:
    """Every kind of evidence that ties messages, and the rules by which it does."""
    found, counted = kinds(), elsewhere.counts()
    yield f"# Evidence\n\nWhat two messages of the same people may share: {len(found)} kinds, each a file in"
    yield "`watchword/connect/evidence/` with the examples that prove it. What is shared weighs bits: log2 of how much"
    yield "oftener two messages of one operation share such a value than two of unrelated people do (Fellegi and Sunter"
    yield "1969). How rare a value is comes from other mail and from lists, never from what is compared: an operation"
    yield "that repeats itself would make its own habits look common. Who is behind an operation is another question.\n"
    yield from evidence_rules()
    yield "## Who could have made it look so\n\n| | could be shown by |\n|---|---|"
    for name, says in FORGEABLE.items():
        yield f"| {name} | {says} |"
    yield "\nThe column *at most* below is what a value weighs that was never seen elsewhere: the cap, or what rare"
    yield "coincidences of its kind weigh in the background where that is less, and log2 of how many pairs of one"
    yield "operation share such a value.\n"
    for family, says in FAMILIES.items():
        yield f"## {family}: {says}\n\n| kind | says | forged by | share | cap | background | at most | |"
        yield "|---|---|---|---|---|---|---|---|"
        for kind in found:
            if kind.family == family:
                yield f"| {' | '.join(_evidence_cells(kind, counted.get(kind.name)))} |"
        yield ""


def evidence_rules() -> Iterator[str]:
    """When two messages, and two groups of them, are put together, and what weighs nothing."""
    yield RULES.format(
        least=pairs.PRIOR[0],
        most=pairs.PRIOR[1],
        merge=pairs.MERGE,
        held=HELD,
        telling=pairs.TELLING,
        uncopied=pairs.UNCOPIED,
        firm=pairs.FIRM,
        support=SUPPORT,
        hops=HOPS,
        lists=", ".join(f"`{name}`" for name in LISTS),
        senders=pairs.HUB_SENDERS,
        alone=pairs.HUB_ALONE,
    )


def _evidence_cells(kind: Kind, background: elsewhere.Counted | None) -> Iterator[str]:
    unseen = min(kind.cap, background.unseen) if background else kind.cap
    yield from (kind.name, kind.says.replace("|", "\\|"), kind.forgeable, f"{kind.share:g}", f"{kind.cap:g}")
    yield f"{background.senders:,} senders, {background.unseen:.1f}" if background else "not counted"
    yield f"{max(0.0, unseen + math.log2(kind.share)):.1f}"
    yield kind.why


def defects_page() -> Iterator[str]:
    """Every kind of defect."""
    yield "# Defects\n\nWhat can be wrong with a container or message, or read in two ways.\n"
    yield "| kind | meaning |\n|---|---|"
    for kind, says in DEFECTS.items():
        yield f"| {kind} | {says} |"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "verbs.md": verbs_page,
    "tables.md": tables_page,
    "detectors.md": detectors_page,
    "evidence.md": evidence_page,
    "defects.md": defects_page,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check compare them. Gives the exit code."""
    stale = []
    for name, page in PAGES.items():
        content = MADE + "\n".join(page()) + "\n"
        file = HERE / name
        if "--check" in arguments:
            if not file.exists() or file.read_text("utf-8") != content:
                stale.append(name)
        else:
            file.write_text(content, "utf-8")
    if stale:
        print(f"docs/{', docs/'.join(stale)} differ from the code: run `make docs` and commit.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
