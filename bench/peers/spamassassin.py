"""SpamAssassin as it is installed: local tests only, without Bayes, which nobody has trained."""

import re
import socket
from pathlib import Path

from bench.peers.filters import AT_ONCE, Filter

LARGEST = 512_000  # bytes: what is larger spamc does not pass on
SCORE = re.compile(rb"(?m)^Spam: \w+ ; (-?[\d.]+) /")


def _command(folder: Path, port: int) -> list[str]:
    return [
        "--local",  # no test that asks the network
        "--nouser-config",
        f"--min-children={AT_ONCE}",
        f"--max-children={AT_ONCE}",
        "--max-conn-per-child=100000",
        f"--listen=127.0.0.1:{port}",
        f"--helper-home-dir={folder}",
        "--cf=use_bayes 0",
        "--syslog=null",
    ]


def _ask(port: int, data: bytes) -> float:
    """Ask as spamc does."""
    if len(data) > LARGEST:
        return 0.0
    with socket.create_connection(("127.0.0.1", port), 300) as server:
        server.sendall(b"CHECK SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(data) + data)
        server.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: server.recv(65536), b""))
    score = SCORE.search(answer)
    if score is None:
        raise ValueError(answer[:200])
    return float(score[1])


FILTER = Filter("spamassassin", "spamd", _command, lambda _folder, _port: {}, _ask)
