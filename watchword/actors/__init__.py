"""Knowledge of actors: who they are by whose word, what they use, what they resemble. Names are never merged.

It comes from our own files, the case's own, the galaxies that pymispgalaxies ships, and what a person added:
`keep` takes files in, `build` makes the tables `actors`, `actor_facts` and `actor_rejections`, `names` finds names
of actors in a text, `shown` answers what is known of a name or a value.
"""

from watchword.actors.build import build

__all__ = ["build"]
