"""Photos of the invented troubles, drawn by code: nobody's face, nobody's house."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
HORIZON = 300


def drawn(shows: str, dice: random.Random) -> bytes:
    """A JPEG of a street with one trouble in it; no two are alike.

    Args:
        shows: pothole, flood, lamp, rubbish, tree or parking; anything else is the street alone.
        dice: decides light, colours and where things stand.
    """
    dark = shows == "lamp"
    picture = _street(dice, dark=dark)
    if shows in _DRAW:
        _DRAW[shows](ImageDraw.Draw(picture), dice)
    grain = Image.effect_noise(SIZE, 24).convert("RGB")
    blurred = picture.filter(ImageFilter.GaussianBlur(1.2))
    out = io.BytesIO()
    Image.blend(blurred, grain, 0.08).save(out, "JPEG", quality=80)
    return out.getvalue()


def _street(dice: random.Random, *, dark: bool) -> Image.Image:
    sky = (24, 28, 48) if dark else (150 + dice.randint(0, 60), 190, 225)
    picture = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(picture)
    x = -40
    while x < SIZE[0]:
        wide, high = dice.randint(120, 220), dice.randint(110, 220)
        shade = dice.randint(20, 50) if dark else dice.randint(140, 225)
        draw.rectangle((x, HORIZON - high, x + wide, HORIZON), fill=(shade, shade - 12, shade - 20))
        roof = [
            (x - 12, HORIZON - high),
            (x + wide // 2, HORIZON - high - 50),
            (x + wide + 12, HORIZON - high),
        ]
        draw.polygon(roof, fill=(60, 25, 20) if dark else (150 + dice.randint(-20, 20), 75, 55))
        draw.rectangle((x + 30, HORIZON - 70, x + 75, HORIZON), fill=(40, 35, 32) if dark else (105, 80, 60))
        x += wide + dice.randint(8, 40)
    tone = 45 if dark else dice.randint(95, 120)
    draw.rectangle((0, HORIZON, *SIZE), fill=(tone + 20, tone + 16, tone + 8))
    draw.polygon([(380, HORIZON), (580, HORIZON), (1000, 720), (-40, 720)], fill=(tone, tone, tone + 4))
    for n in range(5):
        top = HORIZON + 20 + n * n * 24
        draw.rectangle((476 - n * 2, top, 484 + n * 2, top + 14 + n * 8), fill=(200, 200, 190))
    return picture


def _pothole(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 3)):
        x, y, r = dice.randint(220, 620), dice.randint(470, 620), dice.randint(50, 110)
        draw.ellipse((x - r, y - r // 3, x + r, y + r // 3), fill=(50, 44, 40))
        draw.ellipse((x - r + 14, y - r // 3 + 10, x + r - 20, y + r // 3 - 4), fill=(92, 82, 70))


def _flood(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    level = dice.randint(380, 480)
    draw.rectangle((0, level, *SIZE), fill=(120, 104, 78))
    for _ in range(40):
        x, y = dice.randint(0, 900), dice.randint(level, 715)
        draw.line((x, y, x + dice.randint(30, 90), y), fill=(150, 134, 104), width=3)


def _lamp(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for n in range(3):
        x, top = 120 + n * dice.randint(240, 330), 90 + n * 12
        draw.rectangle((x, top, x + 10, 520 - n * 40), fill=(75, 78, 84))
        draw.rectangle((x, top, x + 80, top + 8), fill=(75, 78, 84))
        draw.ellipse((x + 60, top + 2, x + 100, top + 24), fill=(96, 98, 90))


def _rubbish(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(dice.randint(50, 90)):
        x, y, r = dice.randint(30, 420), dice.randint(420, 640), dice.randint(14, 46)
        colour = dice.choice([(35, 35, 40), (225, 225, 220), (60, 110, 170), (190, 60, 50), (120, 140, 70)])
        draw.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=colour)


def _tree(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    lean = dice.randint(140, 300)
    draw.line((160, 640, 160 + lean, 240), fill=(88, 62, 42), width=44)
    for _ in range(60):
        x, y, r = 160 + lean + dice.randint(-130, 150), 220 + dice.randint(-110, 90), dice.randint(24, 56)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(40, 90 + dice.randint(0, 50), 48))


def _parking(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for n in range(3):
        x, y = 40 + n * 290, 430 + dice.randint(-10, 60)
        colour = dice.choice([(170, 40, 40), (225, 225, 225), (40, 70, 130), (60, 60, 64)])
        draw.rounded_rectangle((x, y, x + 240, y + 80), 20, fill=colour)
        draw.rounded_rectangle((x + 50, y - 54, x + 190, y + 10), 18, fill=colour)
        draw.rectangle((x + 66, y - 42, x + 174, y - 4), fill=(150, 180, 195))
        for wheel in (x + 55, x + 185):
            draw.ellipse((wheel - 28, y + 52, wheel + 28, y + 108), fill=(20, 20, 22))


_DRAW = {
    "pothole": _pothole,
    "flood": _flood,
    "lamp": _lamp,
    "rubbish": _rubbish,
    "tree": _tree,
    "parking": _parking,
}
