"""Pictures: Pillow decodes one, zxing-cpp finds and reads the codes in it, and a hash tells it however it was saved.

Findings: `code` (value: what it says; shown: its kind), `hash` (value: 16 hexadecimal digits), `limit` (value: what was
too much).
"""

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence

import zxingcpp
from PIL import Image, ImageFile, UnidentifiedImageError

from watchword.limited.wire import Finding

PIXELS = 40_000_000  # of a picture that is decoded
SIDE = 2_000  # pixels; larger pictures are made smaller, as a code that a telephone can read is no finer
CODES = 20  # of one picture
SAID = 4_096  # characters of one code
HASHED = 40  # pixels of the shorter side; smaller pictures are icons that hold no code, and are not decoded
CLEARLY = 3  # of 255 shades: what saving it again as JPEG may change in an even area
STEPS = 8  # places where the small picture changes clearly; with fewer, many pictures look the same
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_PLUGINS = ("PngImagePlugin", "JpegImagePlugin", "MpoImagePlugin", "GifImagePlugin", "BmpImagePlugin",
            "WebPImagePlugin", "TiffImagePlugin")  # fmt: skip
# Aztec and Data Matrix would take half as much time again each, and few telephones open what they say.
_KINDS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.RMQRCode,
    ]
)


def load() -> None:
    """Load all that decoding takes by decoding one picture of each format, as no file can be opened later."""
    for name in _PLUGINS:
        __import__(f"PIL.{name}")
    for kind in FORMATS:
        for mode in ("L", "P", "RGBA"):
            kept = io.BytesIO()
            with contextlib.suppress(OSError):  # a format without this mode
                Image.new(mode, (30, 30)).save(kept, kind)
                _ = list(read(kept.getvalue(), (), {}))
    Image.MAX_IMAGE_PIXELS = PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # as programs show them
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def read(data: bytes, _words: Sequence[str], numbers: Mapping[str, int]) -> Iterator[Finding]:
    """Find the codes in one picture, in its first frame.

    With `half` two pictures follow each other in the data, the first so many bytes long: each shows one half of a code,
    beside the other, or with `below` under it.
    """
    half = numbers.get("half", len(data))
    try:
        shown = [_grey(Image.open(io.BytesIO(piece), formats=FORMATS)) for piece in (data[:half], data[half:]) if piece]
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        yield Finding("limit", f"more than {PIXELS} pixels")
        return
    except UnidentifiedImageError:  # its own words hold an address in memory
        yield Finding("unreadable", "the picture's header is damaged")
        return
    if len(shown) == 1 and (told := fingerprint(shown[0])):
        yield Finding("hash", told)
    yield from find(shown[0] if len(shown) == 1 else _joined(shown[0], shown[1], "below" in numbers))


def fingerprint(grey: Image.Image) -> str:
    """Give the difference hash of a picture (dHash), 16 hexadecimal digits; empty if it is small or shows little.

    The picture is made 9 x 8 pixels small; each bit tells whether one is clearly brighter than the next in its row, two
    digits a row. Measured on 389 different pictures of seven corpora of mail: made half as large, or saved as JPEG of
    quality 60, 40 % and 57 % keep every bit, 96 % and 99 % all but at most three. Two hashes that differ in at most
    three bits are equal in the first, second, third or fourth four digits.
    """
    if min(grey.size) < HASHED:
        return ""
    small = grey.resize((9, 8), Image.Resampling.BOX).tobytes()
    steps = [small[at] - small[at + 1] for at in range(71) if at % 9 < 8]
    if sum(abs(step) > CLEARLY for step in steps) < STEPS:
        return ""
    return "".join(
        f"{sum((step > CLEARLY) << place for place, step in enumerate(steps[at : at + 8])):02x}"
        for at in range(0, 64, 8)
    )


def _joined(one: Image.Image, other: Image.Image, below: bool) -> Image.Image:
    corner = (0, one.height) if below else (one.width, 0)
    both = Image.new("L", (corner[0] + other.width, corner[1] + other.height), 255)
    both.paste(one)
    both.paste(other, corner)
    return both


def cells(data: bytes, _words: Sequence[str], numbers: Mapping[str, int]) -> Iterator[Finding]:
    """Find the codes in a drawing that has one byte (0 dark, 255 light) for each cell and `width` cells in a row."""
    width = numbers["width"]
    height = len(data) // width
    scale = max(1, min(4, 1_000 // max(width, height)))
    drawn = Image.new("L", (width + 8, height + 8), 255)  # with the quiet zone of four cells
    drawn.paste(Image.frombytes("L", (width, height), data[: width * height]), (4, 4))
    yield from find(drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST))


def find(picture: Image.Image) -> Iterator[Finding]:
    """Find the codes in a grey picture."""
    for code in zxingcpp.read_barcodes(picture, formats=_KINDS, try_rotate=False)[:CODES]:
        if code.text:
            yield Finding("code", code.text[:SAID], code.format.name)


def _grey(picture: Image.Image) -> Image.Image:
    """Decode a picture as grey on white, made smaller where it is large."""
    picture.draft("L", (SIDE, SIDE))  # JPEG is made smaller while it is decoded
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture)
        picture = ground
    grey = picture.convert("L")
    if max(grey.size) > SIDE:
        grey.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2)
    return grey
