"""The keys that were recovered from signatures of the case, kept in `keys/recovered.jsonl`: they cost minutes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from watchword.authenticate.dkim import PublicKey, public_key
from watchword.authenticate.kept import RECOVERED
from watchword.errors import WatchwordError

RecoveredKeys = Mapping[tuple[str, str], Sequence[PublicKey]]  # by d= and s=


@dataclass(frozen=True, slots=True)
class Attempt:
    """Signatures of one domain and selector that were tried together, and the key that came out, if one did."""

    domain: str
    selector: str
    key: str  # base64 of SubjectPublicKeyInfo; empty if nothing came out
    bits: int
    exponent: int
    rests_on: tuple[str, ...]  # `message/number` of each signature, as in the table `signatures`


def attempts(folder: Path) -> list[Attempt]:
    """Read what was tried before, oldest first. Raises WatchwordError naming a line that cannot be read."""
    file = folder / RECOVERED
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            row = json.loads(line)
            found.append(
                Attempt(
                    str(row["domain"]),
                    str(row["selector"]),
                    str(row["key"]),
                    int(row["bits"]),
                    int(row["exponent"]),
                    tuple(str(one) for one in row["rests_on"]),
                )
            )
        except (ValueError, KeyError, TypeError):
            raise WatchwordError(
                f"Line {number} of {file} cannot be read.", do="Take the line out, or the file away and recover anew."
            ) from None
    return found


def keep(folder: Path, attempt: Attempt) -> None:
    """Append an attempt."""
    folder.mkdir(exist_ok=True)
    with (folder / RECOVERED).open("ab") as stream:
        stream.write((json.dumps(asdict(attempt)) + "\n").encode())


def recovered_keys(folder: Path) -> dict[tuple[str, str], list[PublicKey]]:
    """Give the recovered keys by domain and selector; several of one selector were used one after the other."""
    keys: dict[tuple[str, str], list[PublicKey]] = {}
    for attempt in attempts(folder):
        key = public_key(attempt.key, "rsa") if attempt.key else None
        found = keys.setdefault((attempt.domain, attempt.selector), [])
        if key and key not in found:
            found.append(key)
    return {name: found for name, found in keys.items() if found}
