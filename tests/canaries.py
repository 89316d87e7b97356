"""Citizens with names and numbers like canaries: what they file on every channel, what staff make of it."""

import io
from dataclasses import dataclass, field
from typing import Any

from bot.care import desk, lane, officers, secrecy, unlocking
from tests.gestures import sends
from tests.guards import BOSS, INSPECTOR, KEEPER, OFFICER, SECOND, Guarded
from tests.people import says
from tests.phones import Phone, SmsPhone, TelegramPhone, WhatsAppPhone

NAME = "Kenarimerah Widurisari"
STORIES = (
    "lampu jalan mati di Kelurahan Tugurejo dekat balai warga",
    "jalan berlubang besar di depan masjid, Kelurahan Sekayu",
    "sampah menumpuk tiga hari di tepi kali, Kelurahan Purwosari",
    "petugas loket minta uang pelicin untuk surat pindah, Kelurahan Sekayu",
)


@dataclass
class NamedWhatsApp(WhatsAppPhone):
    """A phone on WhatsApp whose profile has the canary's name."""

    def form(self, **fields: str) -> dict[str, str]:
        return super().form(**{"ProfileName": NAME, **fields})


@dataclass
class NamedTelegram(TelegramPhone):
    """A phone on Telegram whose account has the canary's name."""

    def message(self, **fields: Any) -> dict[str, Any]:
        update = super().message(**fields)
        first, last = NAME.split()
        update["message"]["from"] |= {"first_name": first, "last_name": last, "username": first}
        update["message"]["chat"] |= {"first_name": first, "last_name": last}
        return update


@dataclass
class Flown:
    """The town after all was filed and worked on."""

    here: Guarded
    log: io.StringIO
    phones: list[Phone] = field(default_factory=list)
    numbers: dict[str, list[str]] = field(default_factory=dict)  # how it was filed: numbers

    @property
    def canaries(self) -> list[str]:
        """What must be nowhere: parts of the name, and the digits of every address."""
        digits = ["".join(letter for letter in one.address if letter.isdigit()) for one in self.phones]
        return [*NAME.split(), *digits]

    @property
    def every(self) -> list[str]:
        """All numbers of reports."""
        return [number for some in self.numbers.values() for number in some]

    def flies_in(self, words: str) -> list[str]:
        """The canaries in a text."""
        return [one for one in self.canaries if one in words]


def _phone(flown: Flown, channel: str) -> Phone:
    town, nth = flown.here.town, len(flown.phones)
    made: dict[str, Any] = {
        "whatsapp": lambda: NamedWhatsApp(town, f"whatsapp:+62855990{nth:05}"),
        "telegram": lambda: NamedTelegram(town, f"70998{nth:05}"),
        "sms": lambda: SmsPhone(town, f"+62856880{nth:05}"),
    }
    phone: Phone = made[channel]() if channel in made else town.phone(channel)
    flown.phones.append(phone)
    return phone


def file_all(flown: Flown) -> None:
    """On every channel an ordinary, a nameless and a confidential report, one of corruption, and a draft."""
    for channel in ("whatsapp", "telegram", "sms", "simulator/whatsapp", "simulator/sms"):
        for how, story in zip(("normal", "nameless", "confidential", "corrupt"), STORIES, strict=True):
            flown.here.town.age_reports()
            phone = _phone(flown, channel)
            more = (
                " tanpa nama"
                if how == "nameless"
                else " tolong dirahasiakan"
                if how == "confidential"
                else ""
            )
            says(phone, story + more)
            if "sms" not in channel:
                sends(phone, "dokumen")
                phone.got()
                says(phone, "1")
            number = flown.here.town.one("select number, status from ticket order by id desc limit 1")
            assert number.status == "received", (channel, how)
            flown.numbers.setdefault(how, []).append(number.number)
    says(_phone(flown, "whatsapp"), "selokan mampet")  # stays a draft
    draft = flown.here.town.one("select number from ticket order by id desc limit 1").number
    flown.numbers["draft"] = [draft]


def work_on(flown: Flown) -> None:
    """Staff do what they do: answer, ask, pass on, take over, raise, put into the lane, unlock."""
    house, staff = flown.here.house, flown.here.town.staff
    boss = staff(BOSS)
    normal, nameless = flown.numbers["normal"], flown.numbers["nameless"]
    confidential, corrupt = flown.numbers["confidential"], flown.numbers["corrupt"]
    desk.answer(house, boss, normal[0], "Lampunya sudah diganti.")
    desk.move(house, boss, normal[1], "forwarded", {"office": "DPU"})
    desk.move(house, staff(OFFICER), normal[1], "returned", {"note": "Bukan jalan kota"})
    desk.move(house, boss, normal[3], "merged", {"into": normal[2]})
    desk.answer(house, staff(OFFICER), nameless[0], "Sudah ditambal.")
    desk.move(house, staff(OFFICER), nameless[1], "waiting", {"note": "Dekat rumah nomor berapa?"})
    officers.take(house, staff(OFFICER), nameless[2])
    officers.say(house, staff(OFFICER), nameless[2], "Selamat siang.")
    secrecy.raise_secrecy(house, boss, confidential[0], "anonymous", "Pelapor terancam")
    desk.move(house, boss, confidential[1], "planned", {"note": "Tahun depan", "year": "2027"})
    for number in corrupt[:3]:
        lane.place(house, boss, number, "Dugaan pungli")
    desk.answer(house, staff(INSPECTOR), corrupt[0], "Petugasnya diperiksa.")
    for phone in flown.phones:
        says(phone, "STATUS")
    says(flown.phones[0], f"IKUT {normal[2]}")
    says(flown.phones[0], "DATA SAYA")
    says(flown.phones[0], "BELUM")
    for number in (nameless[0], corrupt[0]):
        unlocking.ask(house, staff(KEEPER), number, "Polisi meminta saksi kejadian")
    unlocking.decide(house, staff(SECOND), 1, granted=True, note="Surat polisi ada")
