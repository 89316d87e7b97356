"""Recognises a message that as a whole is a command, typing slips included.

A command is at most two words, or a command word with the number of a report behind it.
"""

import re
from collections.abc import Sequence

from bot.matching import slips
from bot.reading.spelling import raw_words

# Words that alone are a command. The first of each row is the one the product itself prints.
COMMANDS = {
    "cancel": "batal batalkan batalin btl cancel abort gagalkan urungkan wurung wurungna bolaykeun",
    "help": "bantuan bantu help pitulung pitulungan bantosan tulungan pituduh panduan petunjuk",
    "check_status": "status cek lacak check track tracking ceki pariksa priksa",
    "repeat": "ulang ulangi ulangin repeat baleni deui",
    "menu": "menu",
    "human": "petugas operator admin cs human agent agen pegawai",
    "language": "bahasa language basa",
    "stop": "stop berhenti unsubscribe setop mandeg eureun",
    "start": "start mulai wiwiti mimitian",
    "add": "balas bales reply walesi",
    "close": "tutup close selesaikan tutupen cabut tarik withdraw",
    "follow": "ikut follow ikuti melu ngiring",
    "link": "sambung sambungkan tautkan link nyambung",
}
# Whole messages that are a command although no word of theirs is one.
PHRASES = {
    "unlink": "sambung batal|batal sambung|batalkan sambung|batalkan sambungan|batal sambungan"
    "|putus sambungan|putuskan sambungan|lepas sambungan|lepaskan sambungan|cabut sambungan|unlink"
    "|link cancel|undo link|medhot sambungan|pedhot sambungan|pegat sambungan|pegatkeun sambungan",
    "my_data": "data saya|data aku|dataku|data ku|my data|data kula|data abdi|data kulo|minta data saya",
    "forget_me": "hapus data|hapus data saya|hapus dataku|hapus semua data saya|delete my data|erase my data"
    "|cabut persetujuan|cabut persetujuan saya|tarik persetujuan|cabut izin data|withdraw consent"
    "|withdraw my consent|cabut sarujuk|cabut idin data"
    "|busak data|busak data kula|busek data kula|hapus data kula|hapus data abdi|pupus data abdi",
}
# These mean something only with the number of a report behind them; alone they are ordinary words.
NEED_NUMBER = frozenset({"add", "close", "follow"})
# Words that may stand beside a command word in a message of two words.
BESIDE = {
    "": "dong ya min admin pak bapak bu ibu kak mas mbak bang gan deh aja saja tolong mau ingin please sih",
    "cancel": "laporan lapor aduan pengaduan pesan semua ini it report complaint keluhan draf proses",
    "help": "saya aku bot layanan me info",
    "check_status": "status laporan lapor aduan pengaduan saya nomor tiket keluhan report my ticket progres",
    "repeat": "lagi pertanyaan pesan again",
    "menu": "utama awal bantuan main layanan pilihan lihat tampilkan ke",
    "human": "hubungi panggil bicara chat sambungkan kontak call ke dengan layanan telepon minta",
    "language": "indonesia inggris jawa sunda english ganti ubah pilih change javanese lain",
    "stop": "pesan notifikasi langganan kirim sms berlangganan promosi",
    "start": "bot lagi baru laporan chat",
    "link": "akun nomor kanal kode",
}
# Ordinary words one slip away from a command word of more than five letters.
NOT_SLIPS = frozenset("statis statue bahas bahasan buntuan".split())

_WHOLE = {line: intent for intent, lines in PHRASES.items() for line in lines.split("|")}
_INTENTS = {word: intent for intent, row in COMMANDS.items() for word in row.split()}
# Slips are forgiven in the words the product prints; the others would catch too many ordinary words.
_PRINTED = (
    "batal",
    "bantuan",
    "status",
    "cek",
    "ulang",
    "menu",
    "petugas",
    "bahasa",
    "stop",
    "berhenti",
    "start",
)
_NUMBERED = ("balas", "tutup", "ikut")
_BESIDE = {intent: frozenset(row.split()) for intent, row in BESIDE.items()}
_NUMBER_NAMES = frozenset({"no", "nomor", "nmr", "nomer", "lap", "number"})
PIN = re.compile(r"\d{4}", re.ASCII)  # opens an anonymous report from another phone
_VOWELS = frozenset("aiueo")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORT = 5


def read_command(text: str, ticket: str) -> str:
    """Return the intent of a message that is a command, empty when it is none.

    Args:
        text: The whole message.
        ticket: The report number in it, as typed; empty when none.
    """
    words = raw_words(text)
    if intent := _WHOLE.get(" ".join(words)):
        return intent
    if _is_link(words):
        return "link"
    if ticket:
        return _with_number(words, ticket)
    if len(words) == 1:
        intent = _intent(words[0])
        return "" if intent in NEED_NUMBER else intent
    return _of_two(words) if len(words) == 2 else ""


def read_pin(text: str, ticket: str) -> str:
    """Return the four digits behind the report number of a command (`CEK 8000001 4821`), empty when none."""
    words = raw_words(text)
    last = words[-1] if ticket and ticket in words else ""
    return last if last != ticket and PIN.fullmatch(last) else ""


def _is_link(words: Sequence[str]) -> bool:
    """Return whether this is SAMBUNG with digits behind it, in one group or several, right or not."""
    codes = [word for word in words[1:] if word.isdigit()]
    helps = _BESIDE[""] | _BESIDE["link"]
    return bool(codes) and _INTENTS.get(words[0]) == "link" and helps.issuperset({*words[1:]} - {*codes})


def _with_number(words: Sequence[str], ticket: str) -> str:
    """Return the intent of `CEK 8000001`, `CEK STATUS NO 8000001`, `BALAS 8000001 words`."""
    before = words[: words.index(ticket)] if ticket in words else []
    if not before or len(before) > 3:
        return ""
    intent = _intent(before[0], numbered=True)
    if intent == "stop" and _INTENTS.get("".join(before[1:2])) == "follow":
        # BERHENTI IKUT 8000001 is about one report; STOP alone ends all news.
        intent, before = "unfollow", [before[0], *before[2:]]
    helps = _BESIDE[""] | _BESIDE.get(intent, _BESIDE["check_status"]) | _NUMBER_NAMES
    if not intent or not helps.issuperset(before[1:]):
        return ""
    # Only an addition to a report carries words behind the number, and CEK a PIN.
    rest = words[words.index(ticket) + 1 :]
    if intent == "check_status" and rest and PIN.fullmatch(rest[-1]):
        rest = [word for word in rest[:-1] if word != "pin"]
    return intent if intent == "add" or helps.issuperset(rest) else ""


def _of_two(words: Sequence[str]) -> str:
    for command, other in (words, words[::-1]):
        intent = _intent(command)
        if intent in _BESIDE and other in _BESIDE[""] | _BESIDE[intent]:
            return intent
    return ""


def _intent(word: str, numbered: bool = False) -> str:
    """Return the intent of a command word, one slip allowed; empty when it is none."""
    if word in _INTENTS:
        return _INTENTS[word]
    if word in NOT_SLIPS or not word:
        return ""
    commands = (*_NUMBERED, *_PRINTED) if numbered else _PRINTED
    return next((_INTENTS[command] for command in commands if is_slip(word, command)), "")


def is_slip(typed: str, meant: str) -> bool:
    """Return whether a word is a command word with one typing slip.

    In words of five letters or fewer only slips count that no other word is likely to be: neighbours
    exchanged, a letter doubled, an inner vowel left out, the key beside it. "batas" is not BATAL.
    """
    if slips(typed, meant, 1) > 1:
        return False
    if len(meant) > _SHORT or typed == meant:
        return True
    if len(typed) == len(meant):
        return sorted(typed) == sorted(meant) or _key_beside(typed, meant)
    return _doubled(typed, meant) if len(typed) > len(meant) else _vowel_lost(typed, meant)


def _doubled(typed: str, meant: str) -> bool:
    repeats = [i for i in range(1, len(typed)) if typed[i] == typed[i - 1]]
    return any(typed[:i] + typed[i + 1 :] == meant for i in repeats)


def _vowel_lost(typed: str, meant: str) -> bool:
    inner = [i for i in range(1, len(meant) - 1) if meant[i] in _VOWELS]
    return len(meant) > 3 and any(meant[:i] + meant[i + 1 :] == typed for i in inner)


def _key_beside(typed: str, meant: str) -> bool:
    """Return whether one letter, not the first, is the key left or right of the one that was meant."""
    wrong = [typed[i] + meant[i] for i in range(len(meant)) if typed[i] != meant[i]]
    if len(meant) <= 3 or len(wrong) != 1 or typed[0] != meant[0]:
        return False
    return any(wrong[0] in row or wrong[0][::-1] in row for row in _KEYS)
