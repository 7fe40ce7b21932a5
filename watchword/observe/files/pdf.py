"""PDF: text, links with what the reader sees of them, scripts, forms, files inside, pages that are one picture or link.

pdfium reads it in the process with limits, and its objects are read by pattern here: each sees what the other does not,
and where the one was stopped, the other stands.
"""

import re
from collections.abc import Sequence

from watchword.limited.wire import Finding, Question
from watchword.observe.files import Budget, Contents, File, Held, Reading, pdf_objects
from watchword.observe.files.image import add_code
from watchword.observe.files.native import look
from watchword.observe.html import Address
from watchword.observe.links import running

KINDS = ("pdf",)
PAGES = 50  # of one document

_HYPHEN = "\x02"  # what pdfium gives for a hyphen at the end of a line, where it joins the two halves
_HYPHEN_IN_ADDRESS = re.compile(f"(://[^\\s{_HYPHEN}]{{0,300}}){_HYPHEN}")


def read(file: File, budget: Budget) -> Contents:
    """Read one document."""
    contents = Contents()
    pages = min(PAGES, budget.pages)
    numbers = {"pages": pages, "room": budget.unpacked}
    found = look(Question("pdf", file.data, (), numbers), contents, budget)
    if _has(found, "locked") and file.passwords:
        found = look(Question("pdf", file.data, file.passwords, numbers), contents, budget)
    is_locked = _has(found, "locked")
    data = file.data
    for finding in found:
        match finding.what:
            case "password":
                contents.password = finding.value
            case "plain":
                data = finding.data
            case "pages" if finding.value.isdecimal():
                if int(finding.value) > pages:
                    contents.defects.append(("limit-pages", f"{finding.value} pages"))
                budget.pages -= min(int(finding.value), pages)
            case "link":
                contents.links.append(Address("pdf", finding.value, finding.shown, True))
            case "path":
                if finding.value[:2] in {"\\\\", "//"}:
                    contents.links.append(Address("pdf", finding.value))
                    contents.contains.append("remote-file")
            case "file":
                budget.unpacked -= len(finding.data)
                size = int(finding.shown) if finding.shown.isdecimal() else len(finding.data)
                if finding.shown:
                    contents.defects.append(("limit-unpacked", f"{finding.value}: {size} bytes"))
                contents.files.append(Held(finding.value, None if finding.shown else finding.data, size))
                contents.contains.append("embedded-file")
            case "contains" if finding.value == "one-big-link":
                contents.contains.append("one-big-link")
            case "contains" if finding.value == "image-only-pages":
                contents.contains.append("image-only-pages")
            case "script":
                _script(finding.value, contents)
    if text := "\n".join(finding.value for finding in found if finding.what == "text"):
        text = _HYPHEN_IN_ADDRESS.sub(r"\1-", text.replace("\r\n", "\n")).replace(_HYPHEN, "")
        contents.texts.append(Reading("pdf", text))
    _objects(data, contents, budget, is_encrypted=is_locked)
    _codes(file.data, found, contents, budget)
    if found and (is_locked or contents.password or _has(found, "pages")):
        contents.is_locked = is_locked or bool(contents.password)
    return contents


def _has(found: Sequence[Finding], what: str) -> bool:
    return any(finding.what == what for finding in found)


def _objects(data: bytes, contents: Contents, budget: Budget, *, is_encrypted: bool) -> None:
    """Add what the objects say beyond what pdfium told. Strings of a file that is still encrypted say nothing."""
    objects = pdf_objects.scan(data, budget.unpacked)
    budget.unpacked -= objects.unpacked
    contents.contains += objects.contains
    if objects.is_bomb:
        contents.contains.append("bomb")
    if is_encrypted:
        return
    was_stopped = any(kind == "file-stopped-reader" for kind, _ in contents.defects)
    known = {address.raw for address in contents.links}
    for raw in objects.links:
        if raw not in known:  # in no page that is shown, unless nobody could look at the pages
            contents.links.append(Address("pdf", raw, "", was_stopped))
    contents.links += [Address("form", raw, "", True) for raw in dict.fromkeys(objects.targets)]
    for raw in objects.places:
        if raw not in known:
            contents.links.append(Address("pdf", raw))
            contents.contains.append("remote-file")
    for script in objects.scripts:
        _script(script, contents)


def _script(script: str, contents: Contents) -> None:
    known = {address.raw for address in contents.links}
    contents.links += [Address("script", raw) for raw in dict.fromkeys(running(script)) if raw not in known]


def _codes(data: bytes, found: Sequence[Finding], contents: Contents, budget: Budget) -> None:
    """Look for codes on the pages that may hold one."""
    pages = [int(finding.value) for finding in found if finding.what == "picture" and finding.value.isdecimal()]
    pages = pages[: budget.images]
    if not pages:
        return
    budget.images -= len(pages)
    words = (contents.password,) if contents.password else ()
    for code in look(Question("pdf-codes", data, words, {str(page): page for page in pages}), contents, budget):
        add_code(code, contents)
