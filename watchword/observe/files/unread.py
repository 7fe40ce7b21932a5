"""Archives that nothing here opens: each is named as one, so that nobody takes silence for emptiness."""

from watchword.observe.files import Budget, Contents, File

KINDS = ("ace", "arj", "lzh", "wim", "deb", "pkg", "chm")


def read(file: File, budget: Budget) -> Contents:
    """Say that what it holds was not looked at."""
    return Contents(defects=[("archive-not-unpacked", f"an archive of the kind {file.kind}")])
