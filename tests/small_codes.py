"""QR codes for tests, made by zxing-cpp."""

import io

import zxingcpp
from PIL import Image

from watchword.limited import process
from watchword.limited.wire import Finding, Question


def code_rows(said: str) -> list[list[bool]]:
    """Give the rows of a QR code without its quiet zone; true is dark."""
    code = zxingcpp.create_barcode(said, zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))
    cells = [value < 128 for value in picture.convert("L").tobytes()]
    return [cells[at : at + picture.width] for at in range(0, len(cells), picture.width)]


def code_picture(said: str, cell: int = 5, margin: int = 4) -> Image.Image:
    """Draw a QR code with so many pixels to a cell, and so many cells of white around it."""
    rows = code_rows(said)
    side = len(rows)
    bare = Image.frombytes("L", (side, side), bytes(0 if dark else 255 for row in rows for dark in row))
    drawn = Image.new("L", (side + 2 * margin, side + 2 * margin), 255)
    drawn.paste(bare, (margin, margin))
    return drawn.resize((drawn.width * cell, drawn.height * cell), Image.Resampling.NEAREST)


def saved(picture: Image.Image, kind: str) -> bytes:
    """Write a picture in a format."""
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def ask_in_a_worker(question: Question) -> tuple[list[Finding], int]:
    """Ask in a process of a pool; give the answer and the number of the process with limits."""
    answer = process.ask(question)
    return answer.findings, process._PROCESS.id or 0
