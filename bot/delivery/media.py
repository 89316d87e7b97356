"""What citizens attach: checked by its bytes, photos drawn anew without metadata, the rest as it came."""

import io
import warnings
from dataclasses import dataclass

import filetype
from PIL import Image, ImageOps

from bot.delivery.look_hash import look_hash

LARGEST_BYTES = 20_000_000
LARGEST_PIXELS = 40_000_000  # a 40-megapixel photo needs about 160 MB to decode; bombs claim far more
LONGEST_SIDE = 2560  # pixels kept: enough to read a street sign
PHOTOS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
# Both messengers turn it into JPEG when it is sent as a photo; as a file it comes as the telephone took it.
HEIC = ("image/heic", "image/heif", "image/avif")
# Kept as they came, with whatever their makers wrote into them: only the report's own officers can save them.
OTHERS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/m4a": "m4a",
    "audio/aac": "aac",  # this and AMR: older telephones
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "application/pdf": "pdf",
}
# What the citizen is told: keys of the catalogue.
TOO_LARGE = "Your file is too large to be kept. Please send a smaller one."
WRONG_KIND = "This kind of file cannot be kept. Please send a photo, voice message, video or PDF."
BROKEN = "The photo is damaged and cannot be opened. Please send it again."
IS_HEIC = "HEIC photos cannot be opened here. Please send it as an ordinary photo."
NOT_FETCHED = "Your file could not be fetched, it may be too large. Please send a smaller one."


class Refused(Exception):
    """The file cannot be kept; the text is one Indonesian sentence for staff, `key` is for the citizen."""

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it may be kept: `media_type` is what its bytes are, whatever its sender said.

    `look` is the perceptual hash of a photo, None of anything else and of a photo that shows nothing.
    """

    data: bytes
    media_type: str
    ending: str
    look: int | None = None


def prepare(data: bytes) -> Kept:
    """A file that is safe to keep: type by its bytes, photos re-encoded; raises Refused."""
    if len(data) > LARGEST_BYTES:
        raise Refused("Berkas terlalu besar untuk disimpan.", TOO_LARGE)
    media_type = kind_of(data)
    if media_type in PHOTOS:
        return _redrawn(data)
    if media_type in OTHERS:
        return Kept(data, media_type, OTHERS[media_type])
    if media_type in HEIC:
        raise Refused("Foto HEIC tidak dapat dibuka.", IS_HEIC)
    raise Refused("Jenis berkas ini tidak dapat disimpan.", WRONG_KIND)


def kind_of(data: bytes) -> str:
    """The media type by the bytes, empty when nobody knows it."""
    if data[4:11] == b"ftyp3gp":  # filetype looks for this four bytes too early
        return "video/3gpp"
    guessed = filetype.guess(data)
    return str(guessed.mime) if guessed else ""


def prepare_photo(data: bytes, longest_side: int) -> Kept:
    """A photo drawn anew with at most so many pixels on a side; raises Refused, for other files too."""
    if len(data) > LARGEST_BYTES:
        raise Refused("Berkas terlalu besar untuk disimpan.", TOO_LARGE)
    if kind_of(data) not in PHOTOS:
        raise Refused("Ini bukan foto JPEG, PNG atau WebP.", WRONG_KIND)
    return _redrawn(data, longest_side)


def _redrawn(data: bytes, longest_side: int = LONGEST_SIDE) -> Kept:
    """The picture drawn anew as JPEG: hidden places, names and programs in the file are gone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as photo:
                if photo.width * photo.height > LARGEST_PIXELS:
                    raise _too_many_pixels()
                upright = _upright(photo).convert("RGB")
        upright.thumbnail((longest_side, longest_side))
        upright.info.clear()  # Pillow would write a comment and XMP into the new file
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=85)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Refused:
        raise
    except Exception as error:  # decoders raise whatever they trip over in a damaged file
        raise Refused("Foto rusak dan tidak dapat dibuka.", BROKEN) from error
    return Kept(out.getvalue(), "image/jpeg", "jpg", look_hash(upright))


def _upright(photo: Image.Image) -> Image.Image:
    """The picture as the camera was held; where that cannot be read, as it lies."""
    try:
        return ImageOps.exif_transpose(photo)
    except Exception:  # a damaged EXIF does not make the picture worthless
        return photo


def _too_many_pixels() -> Refused:
    return Refused("Foto terlalu besar untuk disimpan.", TOO_LARGE)
