"""Web archives (MHTML, RFC 2557): the page and what belongs to it, in the form of a message."""

from watchword.observe.files import Budget, Contents, File, page
from watchword.parse.message import parse

KINDS = ("mhtml",)

PARTS = 200


def read(file: File, budget: Budget) -> Contents:
    """Read the pages of an archive; its other parts are files that it holds."""
    contents = Contents()
    message = parse(file.data)
    for part in message.parts[:PARTS]:
        if part.kind not in {"leaf", "beyond"}:
            continue
        data = message.decode(part)
        if part.content_type in {"text/html", "application/xhtml+xml", "image/svg+xml"}:
            kind = "svg" if part.content_type == "image/svg+xml" else "html"
            inner = page.read(File(kind, file.name, data, (), part.charset), budget)
            contents.texts += inner.texts
            contents.links += inner.links
            contents.files += inner.files
            contents.defects += inner.defects
            for word in inner.contains:
                contents.mark(word)
        elif part.content_type not in {"text/css", "text/plain"} and data:
            contents.hold(part.names[0] if part.names else f"{part.index}.bin", data, budget)
    return contents
