"""What each detector weighs, as `bench/` measured it, and how bits become a probability."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Weight:
    """One detector's weight and where it was measured."""

    bits: float  # log2 of how much more often it fires in attacks than in honest mail
    aim: float  # log2 of how much more often it fires in attacks on few than in those on many
    measured: str  # hits and messages per corpus, as text for `why`


@dataclass(frozen=True, slots=True)
class Weights:
    """All weights, the groups' ceilings in bits, and the calibration measured with them."""

    detectors: dict[str, Weight]
    ceilings: dict[str, float]
    prior: float  # bits of a message on which nothing fires
    aim: float  # bits for an attack on few, rather than on many, before anything is known
    slope: float  # calibrated log-odds (bits) = prior + slope * sum
    attack: float  # probability from which the tier is `attack`
    suspicious: float  # probability from which the tier is `suspicious`
    honest: float  # share of the honest messages of any one collection that may reach `suspicious`, 0 if not said
    twins: float  # the same share of honest messages that are written to look like attacks
    date: str
    corpora: str  # digest of what was measured on


def weights(content: str | None = None) -> Weights:
    """Read `weights.toml`, the shipped one unless `content` is given."""
    if content is None:
        content = files(__name__.rpartition(".")[0]).joinpath("weights.toml").read_text("utf-8")
    data = tomllib.loads(content)
    scale = data["scale"]
    return Weights(
        detectors={
            name: Weight(float(entry["bits"]), float(entry["aim"]), str(entry["measured"]))
            for name, entry in data["detectors"].items()
        },
        ceilings={name: float(bits) for name, bits in data["ceilings"].items()},
        prior=float(scale["prior"]),
        aim=float(scale["aim"]),
        slope=float(scale["slope"]),
        attack=float(scale["attack"]),
        suspicious=float(scale["suspicious"]),
        honest=float(scale.get("honest", 0)),
        twins=float(scale.get("twins", 0)),
        date=str(scale["date"]),
        corpora=str(scale["corpora"]),
    )
