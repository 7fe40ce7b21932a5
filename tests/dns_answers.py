"""A small DNS for tests: what stands in it, and whether the rest does not exist, is unknown or cannot be reached."""

from datetime import datetime

from watchword.authenticate.records import Answer, Status


class Answers:
    """Answers from a table; remembers what it was asked."""

    def __init__(self, records: dict[str, str | list[str]], rest: Status = "no-name") -> None:
        """`records` maps `name TYPE` to one value or several; an empty list is a name without such records."""
        self.records = {key: [value] if isinstance(value, str) else value for key, value in records.items()}
        self.rest = rest
        self.asked: list[str] = []

    def __call__(self, name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the protocol's word
        """Give what stands there."""
        self.asked.append(f"{name} {type}")
        values = self.records.get(f"{name} {type}")
        if values:
            return Answer("found", tuple(values), "then", "table")
        return Answer("no-data" if values == [] else self.rest)
