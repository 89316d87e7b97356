"""Some weeks of a citizen who leaves words of his own wherever one can."""

import random
from collections.abc import Callable
from datetime import timedelta

from bot.care import desk
from tests.phones import Phone, TelegramPhone, WhatsAppPhone
from tests.streets import Town
from tests.test_attachments import by_telegram, by_whatsapp, run_jobs
from tests.test_media import PDF

NAME, SHOP, WORD = "Ngatinem", "warung pojok melati", "kucingoranye"
STORY = f"jalan berlubang besar di depan {SHOP} milik {NAME} {WORD}, Kelurahan Sekayu"


def live(town: Town, phone: Phone, dice: random.Random) -> None:
    """Some weeks of a citizen who says his words wherever one can."""
    acts: list[Callable[[], None]] = [
        lambda: phone.writes(STORY),
        lambda: phone.writes(f"petugas, ini {NAME} {WORD}"),
        lambda: phone.writes("petugas"),
        lambda: phone.writes("kirim"),
        lambda: phone.writes("tanpa nama"),
        lambda: phone.writes(f"di {SHOP} dekat rumah {NAME}"),
        lambda: phone.writes(f"LAPOR lampu jalan mati dekat {SHOP} {WORD} Kelurahan Tugurejo"),
        lambda: phone.writes("status"),
        lambda: phone.writes(f"sambung {WORD}"),
        lambda: answer(town, phone),
    ]
    if not phone.address.startswith("+62813"):
        acts += [
            lambda: phone.sends_photo(f"foto {SHOP} {WORD}"),
            lambda: sends_paper(phone, PDF + WORD.encode()),
            lambda: phone.shares(-6.98123, 110.41234),
        ]
    dice.shuffle(acts)
    for act in (lambda: phone.writes(STORY), lambda: phone.writes("kirim"), *acts):
        act()
        town.deliver()
        town.clock.moment += timedelta(hours=dice.choice((0, 1, 5)))
    run_jobs(town)
    town.deliver()


def sends_paper(phone: Phone, data: bytes) -> None:
    if isinstance(phone, WhatsAppPhone):
        by_whatsapp(phone, data, "application/pdf")
    elif isinstance(phone, TelegramPhone):
        by_telegram(phone, "document", data, file_name=f"{NAME}.pdf")


def answer(town: Town, phone: Phone) -> None:
    """An officer asks about the citizen's latest filed report, the citizen replies."""
    row = town.one(
        "select number, status from ticket where text like :words order by id desc", words=f"%{WORD}%"
    )
    if row and row.status == "received":
        boss = town.staff("koordinator@kota.test")
        desk.move(town.house, boss, row.number, "waiting", {"note": "Di sebelah mana?"})
        town.deliver()
        phone.writes(f"sebelah {SHOP}, kata {NAME} {WORD}")
        phone.writes(f"BALAS {row.number} dekat {SHOP}")
