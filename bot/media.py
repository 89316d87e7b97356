"""Citizens' photos: fetched from the provider, checked, drawn anew without metadata, kept."""

import io
import warnings
from dataclasses import dataclass

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_BYTES = 20_000_000
LARGEST_PIXELS = 40_000_000  # a 40-megapixel photo needs about 160 MB to decode; bombs claim far more
LONGEST_SIDE = 2560  # pixels kept: enough to read a street sign
PHOTOS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
OTHERS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/m4a": "m4a",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
}


class Refused(Exception):
    """The file cannot be kept; the text is one Indonesian sentence for the citizen and the officer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it may be kept: `media_type` is what its bytes are, whatever its sender said."""

    data: bytes
    media_type: str
    ending: str


def prepare(data: bytes) -> Kept:
    """A file that is safe to keep: type by its bytes, photos re-encoded; raises Refused."""
    if len(data) > LARGEST_BYTES:
        raise Refused("Berkas terlalu besar untuk disimpan.")
    guessed = filetype.guess(data)
    media_type = guessed.mime if guessed else ""
    if media_type in PHOTOS:
        return _redrawn(data)
    if media_type in OTHERS:
        return Kept(data, media_type, OTHERS[media_type])
    raise Refused("Jenis berkas ini tidak dapat disimpan.")


def _redrawn(data: bytes) -> Kept:
    """The picture drawn anew as JPEG: hidden places, names and programs in the file are gone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as photo:
                if photo.width * photo.height > LARGEST_PIXELS:
                    raise Refused("Foto terlalu besar untuk disimpan.")
                upright = ImageOps.exif_transpose(photo).convert("RGB")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=85)
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError, Warning) as error:
        raise Refused("Foto rusak dan tidak dapat dibuka.") from error
    return Kept(out.getvalue(), "image/jpeg", "jpg")
