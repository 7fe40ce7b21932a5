"""How fast a mailbox is fetched from a real server, in how much memory, and whether it goes on where it was killed.

    python -m bench.fetch --corpora DIR [--sample 500]

A Dovecot is started in a folder of its own and serves real messages from this machine, so that neither a network nor
its delay is measured. Of every message the bytes that came are compared with those that the server holds.
"""

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.imap_server import PASSWORD, USER, Dovecot, dovecot

CORPORA = ("mail/openbmc/dev", "mail/markup_political", "mail/phishing_pot/dev")


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=500, help="messages of each corpus")
    given = parser.parse_args()
    with dovecot() as server, TemporaryDirectory() as folder:
        digests: list[str] = []
        size = 0
        for corpus in CORPORA:
            place = server.maildir / f".{corpus.replace('/', '-')}" / "cur"
            place.mkdir(parents=True)
            files = [path for path in sorted((given.corpora / corpus).rglob("*")) if path.is_file()]
            for number, path in enumerate(files[:: max(len(files) // given.sample, 1)][: given.sample]):
                data = b"\r\n".join(path.read_bytes().replace(b"\r\n", b"\n").split(b"\n"))
                (place / f"{number}.a:2,").write_bytes(data)
                digests.append(hashlib.sha256(data).hexdigest())
                size += len(data)
        server.own()
        print(f"{len(digests)} messages, {size / 1e6:.1f} MB", file=sys.stderr)
        first = _run(server, Path(folder) / "whole")
        again = _run(server, Path(folder) / "whole")
        killed = _run(server, Path(folder) / "killed", kill_at=len(digests) // 3)
        rest = _run(server, Path(folder) / "killed")
        same = {name: sorted(_digests(Path(folder) / name)) == sorted(set(digests)) for name in ("whole", "killed")}
        told = {"messages": len(digests), "bytes": size, "first": first, "again": again, "killed": killed, "rest": rest}
        print(json.dumps({**told, "bytes_are_the_same": same}, indent=1))


def _digests(case: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in (case / "raw").rglob("*.eml")}


def _run(server: Dovecot, case: Path, kill_at: int = 0) -> dict[str, float]:
    url = f"imaps://{USER}@localhost:{server.tls}"
    options = ["--case", str(case), "--ca", str(server.certificate), "--password-env", "WW", "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own program, with arguments of our own
        [sys.executable, "-c", "from watchword.cli import main; main()", "fetch", url, *options],
        env={**os.environ, "WW": PASSWORD},
        stdout=subprocess.DEVNULL,
    )
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status")
        if status.exists() and "VmHWM" in (text := status.read_text()):
            peak = max(peak, int(text.partition("VmHWM:")[2].split()[0]))
        if kill_at and sum(1 for _ in (case / "raw").rglob("*.eml")) >= kill_at:
            process.send_signal(signal.SIGKILL)
            process.wait()
            break
        time.sleep(0.02)
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    count = sum(1 for _ in (case / "raw").rglob("*.eml"))
    return {"messages_here": count, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak / 1024}


if __name__ == "__main__":
    main()
