"""What citizens say about the end of a report: it is solved, it is not, or they take it back. Pure.

Closing needs the whole line to say so: of a longer story nothing is guessed.
"""

from typing import Literal

from bot.reading.phrases import TROUBLE_WORDS
from bot.reading.spelling import plain_word, plain_words, raw_words

# "soft": polite words that may be a yes; "later": not now.
Verdict = Literal["yes", "no", "soft", "later", ""]

MOST_WORDS = 12  # a longer line is a story


def _words(row: str) -> frozenset[str]:
    return frozenset(map(plain_word, row.split()))


_DONE = _words(
    """selesai beres rampung tuntas bar done solved fixed resolved finished sudah parantos atos ya betul
benar"""
)
# Alone these only say that the answer was read.
_SOFT = _words("ok oke okay okey okeh okelah sip siap baik baiklah sae mangga monggo noted terimakasih")
_GOOD = _words(
    """perbaikan bagus normal lancar nyala menyala hidup terang bersih mulus rapi rata aman puas mantap mantab
alhamdulillah works working already kembali sampai sekarang it is has been all now good fine problem"""
)
_AROUND = _words(
    """bapak ibu min admin kak kakak mas mbak bang gan saya kami kita aku terimakasih banyak sekali sangat
semua semuanya atas bantuan respon dinas petugas warga tadi kok deh dong sih nya lah itu ini nih cepat very
much so you the my mohon tolong mau ingin minta please i want to laporan aduan masalah
pisan sanget euy oh dan juga a terakhir last kang teh akang teteh mang matur hatur baik"""
)
_NOT = _words(
    """belum masih tetap malah tidak boten bukan isih tasih taksih keneh acan still not never bohong palsu
hoax ngawur kecewa"""
)
_CALM = ("tidak apa", "tidak papa", "tidak masalah", "tidak tahu", "sudah tidak", "not bad", "no problem")
_UNSEEN = _words("tahu cek dicek ngecek mengecek lihat melihat ningali priksa periksa sempat checked")
_LATER = _words("nanti tar mengke engke later besok dulu jangan saja tunggu wait")
_REPORT = _words("laporan aduan pengaduan keluhan lapor report complaint laporane laporanku")
_TAKE_BACK = _words(
    "cabut mencabut tarik menarik hapus menghapus batalkan membatalkan withdraw delete cancel tutup close"
)
_ENDED = _DONE - {"sudah", "parantos", "atos", "ya", "betul", "benar"}


def verdict(text: str) -> Verdict:
    """Return what a line says when it was asked whether the report is solved; empty when it says neither."""
    words = plain_words(text)
    said = set(words)
    if not words or "?" in text:
        return ""
    bare_no = raw_words(text)[0] in ("no", "nope") and len(words) <= MOST_WORDS // 3
    if objects(text) or (bare_no and not _is_calm(text)):
        return "no"
    if said <= _LATER | _AROUND and said & _LATER:
        return "later"
    if len(words) > MOST_WORDS or not said <= _DONE | _SOFT | _GOOD | _AROUND:
        return ""
    # "ya" behind other words only makes them friendlier: "makasih ya pak" closes nothing.
    yes = words[0] == "ya" or said & _DONE - {"ya"}
    return "yes" if yes else "soft" if said & (_SOFT | {"ya"}) else ""


def objects(text: str) -> bool:
    """Return whether a text says that something is still wrong: "masih bolong", "rusak lagi"."""
    words = plain_words(text)
    said = set(words)
    if _is_calm(text) or ("tidak" in said and "lagi" in said):
        return False
    if said & _UNSEEN and said & {"belum", "tidak"} and len(words) <= 4:
        return False  # "belum saya cek"
    return bool(said & _NOT) or ("lagi" in said and bool(said & TROUBLE_WORDS))


def insists(text: str) -> bool:
    """Return whether a text says that it was never put right: "belum", "masih"; not "rusak lagi"."""
    return objects(text) and bool(_NOT & set(plain_words(text)))


def _is_calm(text: str) -> bool:
    """Return whether a "not" in it objects to nothing: "tidak apa-apa", "no problem"."""
    lines = f"{' '.join(plain_words(text))} | {' '.join(raw_words(text))}"
    return any(words in lines for words in _CALM)


def says_more(text: str) -> bool:
    """Return whether an objection says what is wrong, beyond the bare "belum"."""
    bare = _NOT | _DONE | _SOFT | _AROUND | {"perbaikan", "yet", "nomor", "nope", "it", "is"}
    return not bare.issuperset(plain_words(text))


_BARE = frozenset({"cabut", "tutup"})  # without a number: the latest open report


def takes_back(text: str) -> bool:
    """Return whether a line withdraws the writer's report or calls it finished: "cabut laporan saya"."""
    said = set(plain_words(text))
    if text.casefold().strip(" .!") in _BARE:
        return True
    if "?" in text or not said & _REPORT:
        return False
    withdrawn = said & _TAKE_BACK and said <= _REPORT | _TAKE_BACK | _AROUND
    ended = said & _ENDED and said <= _REPORT | _DONE | _GOOD | _AROUND
    return bool(withdrawn or ended)
