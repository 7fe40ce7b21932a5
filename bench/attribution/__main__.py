"""Who it was, told from techniques, software and infrastructure: order, calibration, false names, abstention.

python -m bench.attribution --corpora DIR [--markdown FILE] [--dev]
"""

import argparse
import sys
import time
from pathlib import Path

from bench.attribution import corpus, infrastructure, planted, profiles


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__.partition("\n")[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--dev", action="store_true", help="only what was tuned on: reports of 2018 to 2020")
    given = parser.parse_args()
    begun = time.monotonic()
    folder = given.corpora / "threat_intel"
    lines = profiles.tables(corpus.read(folder / "mitre-cti"), given.dev)
    if not given.dev:
        lines += infrastructure.tables(folder, Path(__file__).with_name("infrastructure.toml"))
        lines += planted.table()
    lines += ["", f"Took {time.monotonic() - begun:.0f} s."]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if given.markdown:
        given.markdown.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
