"""How fast Outlook's forms are read, what is found in real samples of them, and what hostile ones cost.

    python -m bench.outlook --corpora FOLDER

`FOLDER/fixtures` holds the samples of msg-extractor (.msg), tnefparse (TNEF) and java-libpst (PST). The PST for the
speed is written here, as no large real one may be kept.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.outlook_pst import Folder
from tests.outlook_pst import pst as written
from tests.test_read_outlook import HOSTILE
from tests.test_read_pst import KEYWORDS, mail
from watchword.parse.message import parse
from watchword.read import RawMessage, Source, msg, pst, tnef
from watchword.read.single import original

ROUNDS = 30
FOLDERS, MAILS = 20, 100


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Give the median of the CPU seconds that something takes."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def told(name: str, kind: str, data: bytes) -> None:
    """Print what is found in one file."""
    found = original(kind, data)
    message = parse(found.data)
    leaves = [part for part in message.parts if part.kind == "leaf"]
    texts = [f"{part.content_type[5:]} {len(message.decode(part))}" for part in leaves if not part.names]
    files = [f"{part.names[0]} {len(message.decode(part))}" for part in leaves if part.names]
    inner = sum(part.kind == "message" for part in message.parts)
    taken = seconds(lambda: original(kind, data))
    more = [what for what, _, _ in found.defects if what != "rebuilt"]
    print(f"{name:32} {1000 * taken:6.2f} ms  texts: {texts}; files: {files}; inside: {inner} {more}")


def speed_of_pst() -> None:
    """Print how many messages of a data file are read per CPU second, of both processes."""
    top = Folder("Top", (), [Folder(f"F{one}", [mail(at) for at in range(MAILS)]) for one in range(FOLDERS)])
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "box.pst")
        path.write_bytes(written(top, KEYWORDS))
        source = Source(str(path), "", "pst", path.stat().st_size, "")
        before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        found = sum(isinstance(item, RawMessage) for _, item in pst.items(source, [(0, FOLDERS * MAILS)]))
        after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        ours, theirs = (b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
        print(
            f"{found} messages of {path.stat().st_size >> 10} kB in all, each with a file and a message inside: "
            f"{found / (ours + theirs):.0f} per CPU s ({ours:.2f} s here, {theirs:.2f} s in the process with limits)"
        )


def hostile(name: str) -> None:
    """Read one hostile file in this process; print CPU seconds and peak memory."""
    data = HOSTILE[name]()
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    try:
        found = f"{len(parse(original('tnef' if data[:1] == b'x' else 'msg', data).data).parts)} parts"
    except ValueError as error:
        found = str(error)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{name:24} {len(data):>10,} bytes {time.process_time() - begun:5.2f} s {peak >> 10:>4} MB "
          f"(before: {base >> 10})  {found}")  # fmt: skip


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path)
    parser.add_argument("--hostile")
    given = parser.parse_args()
    if given.hostile:
        hostile(given.hostile)
        return
    fixtures = given.corpora / "fixtures"
    for path in sorted(fixtures.glob("TeamMsgExtractor_*/example-msg-files/*.msg")):
        told(path.name, "msg", path.read_bytes())
    everything = [path.read_bytes() for path in sorted(fixtures.glob("koodaamo_*/tests/examples/*.tnef"))]
    for path in sorted(fixtures.glob("koodaamo_*/tests/examples/*.tnef")):
        told(path.name, "tnef", path.read_bytes())
    print(f"{len(everything)} TNEF files: {len(everything) / seconds(lambda: list(map(tnef.message, everything))):.0f} "
          "per CPU s without putting them together")  # fmt: skip
    small = HOSTILE["a usual message"]()
    print(f"a small .msg: {1 / seconds(lambda: msg.original(small)):.0f} per CPU s")
    for path in sorted(fixtures.glob("rjohnsondev_*/src/test/resources/*.pst")):
        found = pst.look(str(path), "")
        rows = [item for _, item in pst.items(Source(str(path), "", "pst", 1, ""), [(0, found.items)])]
        reasons = [row.reason.rpartition(", ")[2] for row in rows if not isinstance(row, RawMessage)]
        print(f"{path.name}: {found.items} items, {found.troubles or 'no trouble'}; {reasons}")
    speed_of_pst()
    sys.stdout.flush()
    for name in HOSTILE:
        subprocess.run([sys.executable, "-m", "bench.outlook", "--hostile", name], check=True)  # noqa: S603  # ourselves


if __name__ == "__main__":
    main()
