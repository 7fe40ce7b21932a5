"""The one error that a user's mistake or a machine's limit becomes."""


class WatchwordError(Exception):
    """Something the user can mend: what happened, to which file or message, and what to do.

    The text is shown as it stands, without a traceback. `code` is the exit code of the command:
    2 wrong arguments or input, 3 nothing to judge, 4 the case is in use or read-only, 5 the disk is full.
    """

    def __init__(self, what: str, *, do: str = "", code: int = 2) -> None:
        """`what` is one sentence that names the file or message; `do` is what the reader can do about it."""
        super().__init__(f"{what} {do}".strip())
        self.what = what
        self.do = do
        self.code = code
