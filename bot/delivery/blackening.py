"""Blacks out parts of a photo: the copy is drawn anew, so that nothing of what was there is in the file."""

import io
import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from bot.delivery.look_hash import look_hash
from bot.delivery.media import BROKEN, Kept, Refused

MOST_BOXES = 20
# A JPEG is made of blocks of 8 or 16 pixels, through which every detail ripples: a box takes whole blocks, so
# that none of what was in it can be guessed from its rim.
# Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf (A.1.1, A.3.3)
BLOCK = 16


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a photo, in per cent of its width and height from the upper left."""

    left: float
    top: float
    width: float
    height: float

    def pixels(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """The corners on a photo of this size, rounded outwards to whole blocks; the last ones lie inside."""
        wide, high = size
        left, right = _blocks(self.left, self.left + self.width, wide)
        top, bottom = _blocks(self.top, self.top + self.height, high)
        return left, top, right, bottom


def _blocks(begin: float, end: float, length: int) -> tuple[int, int]:
    """First and last pixel of the blocks between two per cents of a length."""
    first = math.floor(begin / 100 * length / BLOCK) * BLOCK
    after = math.ceil(end / 100 * length / BLOCK) * BLOCK
    return first, min(length, after) - 1


def read_box(left: str, top: str, width: str, height: str) -> Box:
    """A box as somebody typed it, with point or comma; raises ValueError when it is none on a photo."""
    given = [float(one.strip().replace(",", ".")) for one in (left, top, width, height)]
    box = Box(*given)
    if not all(math.isfinite(one) and 0 <= one <= 100 for one in given) or min(box.width, box.height) <= 0:
        raise ValueError("no part of a photo")
    if box.left >= 100 or box.top >= 100:
        raise ValueError("beside the photo")
    return box


def blacken(data: bytes, boxes: list[Box]) -> Kept:
    """The photo with these boxes black, drawn anew: no metadata, no preview, none of the old pixels in them.

    Raises:
        Refused: the file is no photo that can be opened.
    """
    photo = _opened(data)
    draw = ImageDraw.Draw(photo)
    for box in boxes:
        draw.rectangle(box.pixels(photo.size), fill=(0, 0, 0))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=90)
    return Kept(out.getvalue(), "image/jpeg", "jpg", look_hash(photo))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a photo as it is seen; raises Refused when it cannot be opened."""
    return _opened(data).size


def _opened(data: bytes) -> Image.Image:
    """The pixels alone, on a canvas of their own: no comment, profile or thumbnail comes along."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as found:
            upright = ImageOps.exif_transpose(found).convert("RGB")
    except Exception as error:  # decoders raise whatever they trip over in a damaged file
        raise Refused("Foto rusak dan tidak dapat dibuka.", BROKEN) from error
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    return canvas
