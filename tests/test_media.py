"""What may be kept of what citizens attach: the bytes decide, not what the sender says."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.delivery.media import (
    BROKEN,
    IS_HEIC,
    LARGEST_BYTES,
    LONGEST_SIDE,
    TOO_LARGE,
    WRONG_KIND,
    Kept,
    Refused,
    prepare,
)
from tests.contract_case import FUZZ

SECRET = "Rumah Budi, Jl Pemuda 1"


def drawn(kind: str, size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112], made[0x010E] = orientation, SECRET
    made.get_ifd(0x8825)[2] = (6.0, 59.0, 25.0)  # where the photo was taken
    return made.tobytes()


def opened(kept: Kept) -> Image.Image:
    return Image.open(io.BytesIO(kept.data))


def ogg() -> bytes:
    """The first page of a voice note as WhatsApp and Telegram record it. Source: RFC 7845, section 5.1."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    return b"OggS" + struct.pack("<BBqIIIBB", 0, 2, 0, 1, 0, 0, 1, len(head)) + head


def ftyp(brand: bytes, *compatible: bytes) -> bytes:
    """The first box of an MP4 file and its relatives. Source: ISO/IEC 14496-12, section 4.3."""
    body = b"ftyp" + brand + struct.pack(">I", 512) + b"".join(compatible)
    return struct.pack(">I", len(body) + 4) + body + b"\0" * 64


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
TAKEN = {
    "voice": (ogg(), "audio/ogg", "ogg"),
    "video of a telephone": (ftyp(b"mp42", b"isom", b"mp42"), "video/mp4", "mp4"),
    "video of Telegram": (ftyp(b"isom", b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4", "mp4"),
    "sound of a telephone": (ftyp(b"M4A ", b"M4A ", b"mp42", b"isom"), "audio/mp4", "m4a"),
    "video of an iPhone": (ftyp(b"qt  ", b"qt  "), "video/quicktime", "mov"),
    "video of an old telephone": (ftyp(b"3gp4", b"3gp4"), "video/3gpp", "3gp"),
    "voice of an old telephone": (b"#!AMR\n" + b"\0" * 64, "audio/amr", "amr"),
    "music": (b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 64, "audio/mpeg", "mp3"),
    "letter": (PDF, "application/pdf", "pdf"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_an_officer_can_hear_see_or_read_is_kept_as_it_came(name: str) -> None:
    data, media_type, ending = TAKEN[name]
    assert prepare(data) == Kept(data, media_type, ending)


def with_comment() -> PngInfo:
    made = PngInfo()
    made.add_text("Comment", SECRET)
    return made


HIDDEN: dict[str, dict[str, Any]] = {
    "JPEG": {"comment": SECRET, "xmp": SECRET.encode()},
    "PNG": {"pnginfo": with_comment()},
    "WEBP": {"xmp": SECRET.encode()},
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_photo_becomes_a_jpeg_without_what_was_hidden_in_it(kind: str) -> None:
    data = drawn(kind, exif=exif(1), **HIDDEN[kind]) + SECRET.encode()
    assert data.count(SECRET.encode()) >= 3
    kept = prepare(data)
    assert (kept.media_type, kept.ending, opened(kept).format) == ("image/jpeg", "jpg", "JPEG")
    assert opened(kept).size == (64, 48)
    assert not opened(kept).getexif() and SECRET.encode() not in kept.data


def test_a_photo_stands_upright_and_is_no_larger_than_needed() -> None:
    kept = prepare(drawn("JPEG", (4000, 2000), exif=exif(6)))
    assert opened(kept).size == (LONGEST_SIDE // 2, LONGEST_SIDE)


def huge_png() -> bytes:
    """A small file that claims 50,000 by 50,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100))


PHOTOS = {kind: drawn(kind, exif=exif(6)) for kind in HIDDEN}
PHOTO = PHOTOS["JPEG"]
REFUSED = {
    "nothing": (b"", WRONG_KIND),
    "words": (b"Jalan rusak", WRONG_KIND),
    "page": (b"<!doctype html><script>alert(1)</script>", WRONG_KIND),
    "drawing that runs": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", WRONG_KIND),
    "program": (b"MZ\x90\0" + b"\0" * 100, WRONG_KIND),
    "archive": (b"PK\x03\x04" + b"\0" * 100, WRONG_KIND),
    "moving picture": (drawn("GIF"), WRONG_KIND),
    "bitmap": (drawn("BMP"), WRONG_KIND),
    "photo of an iPhone as a file": (ftyp(b"heic", b"mif1", b"heic"), IS_HEIC),
    "a card with a telephone number": (b"BEGIN:VCARD\nTEL:+62811\nEND:VCARD", WRONG_KIND),
    "too many bytes": (PHOTO + b"\0" * LARGEST_BYTES, TOO_LARGE),
    "bomb": (huge_png(), TOO_LARGE),
    "too many pixels": (drawn("PNG", (8000, 5001)), TOO_LARGE),
    "half a photo": (PHOTO[:400], BROKEN),
    "a photo by its first bytes only": (b"\xff\xd8\xff\xe0" + b"a photo" * 20, BROKEN),
}


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_with_a_sentence(name: str) -> None:
    data, key = REFUSED[name]
    with pytest.raises(Refused, match=r"^[A-Z].*\.$") as caught:
        prepare(data)
    assert caught.value.key == key


def test_a_photo_whose_hidden_words_are_damaged_is_still_a_photo() -> None:
    damaged = drawn("WEBP", exif=exif(6)).replace(b"MM\0*", b"MM\0?")
    assert opened(prepare(damaged)).size == (64, 48)


@FUZZ
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    kind=st.sampled_from(sorted(PHOTOS)),
    where=st.integers(0, 600),
    value=st.binary(min_size=1, max_size=8),
)
def test_a_damaged_photo_is_kept_or_refused_and_breaks_nothing(kind: str, where: int, value: bytes) -> None:
    photo = PHOTOS[kind]
    try:
        kept = prepare(photo[:where] + value + photo[where + len(value) :])
    except Refused:
        return
    assert kept.media_type == "image/jpeg"
