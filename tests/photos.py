"""Drawn street photos: each number is another scene, and any of them as somebody would use it again."""

import io
import random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

SIZE = (1200, 900)


def scene(number: int) -> Image.Image:
    """A street with sky, houses, trees and holes: the same for the same number."""
    dice = random.Random(number)
    width, height = SIZE
    horizon = dice.randint(int(height * 0.3), int(height * 0.6))
    photo = Image.new("RGB", SIZE, (dice.randint(70, 150),) * 3)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 0, width, horizon), fill=(dice.randint(120, 220), dice.randint(150, 220), 240))
    for _ in range(dice.randint(3, 9)):
        left, wide, high = dice.randint(0, width), dice.randint(80, 350), dice.randint(100, horizon)
        colour = (dice.randint(40, 230), dice.randint(40, 230), dice.randint(40, 230))
        draw.rectangle((left, horizon - high, left + wide, horizon), fill=colour)
    for _ in range(dice.randint(3, 10)):
        left, top = dice.randint(0, width), dice.randint(horizon, height)
        hole = (left, top, left + dice.randint(30, 300), top + dice.randint(20, 120))
        draw.ellipse(hole, fill=(dice.randint(20, 90),) * 3)
    return photo.filter(ImageFilter.GaussianBlur(1.5))


def jpeg(photo: Image.Image, quality: int = 90) -> bytes:
    """The photo as a file."""
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality)
    return out.getvalue()


def used_again(photo: Image.Image) -> bytes:
    """The photo a little cut and brighter, smaller and compressed again."""
    width, height = photo.size
    cut = photo.crop((width // 100, height // 100, width * 99 // 100, height * 99 // 100))
    return jpeg(ImageEnhance.Brightness(cut.resize((800, 600))).enhance(1.15), 60)
