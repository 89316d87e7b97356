"""Who lives and works in the city of the simulated month, and how they behave."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.month.ledger import Life
from tests.phones import Got, Phone
from tests.streets import Town

QUESTION = "Di sebelah mana persisnya, dekat bangunan apa?"
WINDOW = timedelta(hours=24)  # in which WhatsApp lets us answer freely
CHANNELS = ("whatsapp", "whatsapp", "whatsapp", "telegram", "telegram", "sms", "sms")
# How citizens react to an answer. Who is gone never opens what waits behind WhatsApp's window.
TEMPERS = ("happy",) * 9 + ("quiet",) * 5 + ("objects",) * 2 + ("stubborn", "withdraws", "adds", "gone")
MANNERS = ("fast",) * 9 + ("asking",) * 3 + ("slow",) * 3 + ("bouncing",) * 3 + ("silent",) * 2
TROUBLES = (
    ("jalan", "jalan berlubang besar dan sering bikin motor jatuh"),
    ("drainase_banjir", "selokan mampet dan air meluap ke jalan"),
    ("penerangan_jalan", "lampu jalan mati sudah seminggu, gelap sekali"),
    ("sampah_lingkungan", "sampah menumpuk tidak diangkut tiga hari"),
    ("pohon_taman", "pohon besar miring hampir tumbang ke jalan"),
    ("air_bersih", "air PDAM mati sejak kemarin pagi"),
    ("parkir", "parkir liar di trotoar menutup jalan pejalan kaki"),
    ("lalu_lintas", "lampu merah di perempatan mati dan lalu lintas semrawut"),
    ("kependudukan", "KTP saya sudah dua bulan belum jadi di kecamatan"),
    ("bantuan_sosial", "bansos untuk ibu saya tidak turun padahal terdaftar"),
    ("kesehatan", "antrean puskesmas lama sekali dan obat sering habis"),
    ("pendidikan", "guru sekolah dasar anak saya sering tidak masuk kelas"),
    ("ketertiban_umum", "karaoke sebelah rumah bising sampai jam dua malam"),
    ("ketenagakerjaan", "gaji saya di pabrik dua bulan belum dibayar perusahaan"),
    ("perumahan_pertanahan", "rumah susun bocor dan tidak pernah diperbaiki pengelola"),
    ("teknologi", "aplikasi layanan kota error tidak bisa login sejak pagi"),
    ("usaha_pajak", "izin usaha warung saya tidak keluar-keluar padahal berkas lengkap"),
    *(("pemerintahan_wilayah", "kantor kelurahan tutup saat jam pelayanan"),) * 6,
)


@dataclass
class Citizen:
    """One citizen with one report."""

    phone: Phone
    channel: str
    temper: str
    life: Life
    wrote_at: datetime
    objected: int = 0
    due: list[tuple[datetime, str, Got | None]] = field(default_factory=list)  # what he will do, and when

    def is_asleep(self, now: datetime) -> bool:
        """Whether what is told now waits until he opens it."""
        return self.channel == "whatsapp" and now - self.wrote_at > WINDOW


@dataclass
class Inbox:
    """What the providers took since the last look, by the address it was for."""

    town: Town
    taken: dict[str, int] = field(default_factory=dict)

    def new(self) -> dict[str, int]:
        """How many new messages lie at each address."""
        counts: dict[str, int] = {}
        for name, sent, address in (
            ("twilio", self.town.twilio.sent, lambda one: one.to),
            ("telegram", self.town.telegram.sent, lambda one: str(one.chat_id)),
            ("kannel", self.town.kannel.sent, lambda one: one.address),
        ):
            begin = self.taken.get(name, 0)
            for one in list(sent)[begin:]:
                counts[address(one)] = counts.get(address(one), 0) + 1
            self.taken[name] = len(sent)
        return counts


def story(dice: random.Random, places: list[Any]) -> tuple[str, str]:
    """A category and what a citizen writes about it, with its place."""
    category, trouble = dice.choice(TROUBLES)
    where = dice.choice(places).name
    return category, f"{trouble}, RT {dice.randint(1, 9)} RW {dice.randint(1, 12)} Kelurahan {where}"
