"""Notices that a text smells of corruption or of violence between people: then secrecy is proposed.

Pure. The words stand in tables; a text is never refused for them, and the citizen decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.matching import nearest_slip
from bot.reading.spelling import plain_words, raw_words

Smell = Literal["corruption", "violence", ""]

# Words that say it alone, in Indonesian, Javanese, Sundanese and English.
CLEAR: Mapping[Smell, str] = {
    "corruption": """pungli|pungly|pungutan liar|pungutan tidak resmi|suap|disuap|menyuap|penyuapan|nyuap
|sogok|disogok|menyogok|nyogok|sogokan|korupsi|dikorupsi|mengkorupsi|korup|koruptor|mark up|markup
|di mark up|gratifikasi|uang pelicin|duit pelicin|uang rokok|uang damai|uang terima kasih
|uang tutup mulut|salam tempel|minta jatah|jatah preman|calo|percaloan|para calo|pemerasan
|diperas oknum|diselewengkan|menyelewengkan|penyelewengan|penyalahgunaan wewenang
|penyalahgunaan dana|penyalahgunaan anggaran|penyalahgunaan jabatan|menyalahgunakan wewenang
|menyalahgunakan jabatan|menyalahgunakan dana|uang digelapkan|dana digelapkan|penggelapan dana
|nepotisme|kolusi
|oknum nakal|proyek fiktif|dana fiktif|data fiktif|bantuan disunat|dana disunat|bantuan dipotong
|dana dipotong|bansos dipotong|bansos disunat|blt dipotong|jual beli jabatan|jual beli kursi
|titip uang|dipalak|pemalakan|pungutan liyar|pemeresan|dipalaki|dipeungpeuk|disogokan|bribe
|bribes|bribed|bribery|corruption|corrupt|extort|extorted|extortion|kickback|kickbacks|embezzled
|embezzlement|embezzle|illegal fee|illegal fees|illegal levy|under the table|hush money""",
    "violence": """pelecehan|dilecehkan|melecehkan|kdrt|kekerasan|dianiaya|penganiayaan|menganiaya|aniaya
|dipukuli|memukuli|pemukulan|mukuli|ditampar|menampar|nampar|ditendang guru|diperkosa|pemerkosaan
|perkosaan|perkosa|memperkosa|pencabulan|dicabuli|mencabuli|perbuatan cabul|perundungan
|dirundung|merundung|bullying|bully|dibully|di bully|membully|bulying|bulliying|intimidasi
|diintimidasi|mengintimidasi|dikeroyok|pengeroyokan|mengeroyok|mendapat ancaman|dapat ancaman
|menerima ancaman|diberi ancaman|ancaman pembunuhan|ancaman fisik|ancaman kekerasan
|mengancam membunuh|pembunuhan|penculikan|diculik|perdagangan orang
|penyekapan|disekap|diraba raba|digrepe|digebuki|digebugi|dijotosi|diantemi|dikaplok|dikeplak
|dipilara|disiksa bojone|digebugan|diteunggeul|diteunggeulan|dikaniaya|dijenggut
|dipaksa sapatemon|harassed|harassment|harassing|molested|molesting|raped|rape|assaulted
|sexual assault|beaten up|beats his|beats her|beating his|domestic violence|domestic abuse
|child abuse|violence|bullied|bullies|kidnapped|death threat|death threats|sexually abused""",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """Words that say it only beside others: `needs` (none: nothing is needed), and never beside `unless`."""

    smell: Smell
    signs: str
    needs: str
    unless: str


_OFFICIALS = """oknum petugas pegawai pejabat aparat lurah camat kades rt rw guru kepsek kepala sekolah polisi
dinas satpol staf staff panitia perangkat kelurahan kecamatan puskesmas honorer asn pns dishub samsat
disdukcapil kantor admin loket pamong bayan carik jogoboyo official officer clerk police teacher
headmaster staff"""
_PEOPLE = """guru suami istri anak anaknya saya aku kami siswa siswi murid warga tetangga kakak adik ibu bapak
ayah petugas preman satpam teman temannya mertua majikan lansia nenek kakek perempuan wanita ponakan
keponakan oknum bojo bojone bojoku garwa garwane anakku bocah wong salaki pamajikan budak
murangkalih kuring abdi husband wife teacher son daughter child children student me boss neighbor
neighbour"""
_NATURE = """banjir longsor rob pohon tebing tiang kabel roboh ambruk tumbang jembatan tanah talud ambrol
abrasi gelombang ombak truk mobil hujan angin runtuh retak atap tembok caah urug dahan ular anjing monyet
kera nyamuk flood floods landslide tree trees wave waves pole wall cliff erosion"""
_BEGGARS = """pengemis pengamen ngamen badut gelandangan gepeng silver ogah anjal peminta ngemis kembali
kembalian dikembalikan ganti rugi kompensasi beggar beggars busker refund"""

BESIDE = (
    Beside(
        "corruption",
        """minta uang|minta duit|minta sejumlah uang|minta bayaran|minta biaya|minta dibayar|minta setoran
|meminta uang|meminta duit|meminta bayaran|meminta biaya|meminta imbalan|minta imbalan
|minta sumbangan paksa|minta arto|minta arta|minta dhuwit|minta artos|mundut arta|mundut artos
|menta duit|mentaan duit|menta artos|memungut uang|memungut biaya|memeras|meres|asks for money
|asked for money|asked me for money|asking for money|demanded money|demands money|wants money""",
        _OFFICIALS,
        _BEGGARS,
    ),
    Beside(
        "corruption",
        """dimintai uang|dimintai duit|diminta uang|diminta duit|dimintai bayaran|dimintai biaya
|dimintai sejumlah uang|dijaluki duit|dijaluki dhuwit|dipundhuti arta|dipentaan duit
|dipentaan artos|diperas|diminta imbalan|dimintai imbalan|disuruh bayar pelicin|disuruh nyetor""",
        "",
        _BEGGARS,
    ),
    Beside(
        "violence",
        """dipukul|memukul|mukul|ditendang|ditonjok|dijewer|dijambak|disiksa|menyiksa|dihajar|diludahi
|digampar|dibentak|disakiti|ditempeleng|dikampleng|dikeplaki|beaten|hit me|slapped|punched
|abused""",
        _PEOPLE,
        _NATURE,
    ),
    Beside(
        "violence",
        """diancam|diancem|mengancam akan|ngancam akan|mengancam saya|mengancam kami|ngancam saya|ngancem kula
|ngancam abdi
|mengancam anak|ancaman dari|ancaman terhadap|ancaman kepada|threatened|threatens me
|threatening me""",
        "",
        _NATURE,
    ),
)
# "Hari anti korupsi", "zona bebas pungli": spoken of, not met.
_NOT_MET = frozenset(
    """anti antikorupsi bebas sosialisasi cegah mencegah pencegahan edukasi penyuluhan seminar lomba tanpa
pelatihan hindari menghindari berantas free against""".split()
)
# One slip away from an ordinary word: pencabutan, pengelapan, dijewer.
_NEAR_OTHERS = frozenset("pencabulan perkosaan menganiaya embezzled dijotosi".split())
_WINDOW = 8  # words on either side that count as beside
_LONGEST = 4  # words of the longest sign
_LETTERS_FOR_SLIPS = 9  # from this length a word with one slip is still that word


def _phrases(row: str) -> list[tuple[str, ...]]:
    return [tuple(phrase.split()) for phrase in row.split("|")]


_CLEAR: dict[tuple[str, ...], Smell] = {
    words: smell for smell, row in CLEAR.items() for words in _phrases(row)
}
_LONG = tuple(
    words[0]
    for words in _CLEAR
    if len(words) == 1 and len(words[0]) >= _LETTERS_FOR_SLIPS and words[0] not in _NEAR_OTHERS
)
_BESIDE = [
    (
        rule.smell,
        frozenset(_phrases(rule.signs)),
        frozenset(rule.needs.split()),
        frozenset(rule.unless.split()),
    )
    for rule in BESIDE
]


def smell(text: str) -> Smell:
    """What a text smells of: "corruption", "violence" (the first that it names), or "" for neither."""
    for words in (raw_words(text), plain_words(text)):
        for start in range(len(words)):
            if start and words[start - 1] in _NOT_MET:
                continue
            for length in range(_LONGEST, 0, -1):
                if found := _at(words, start, length):
                    return found
    return ""


def _at(words: Sequence[str], start: int, length: int) -> Smell:
    sign = tuple(words[start : start + length])
    if found := _CLEAR.get(sign):
        return found
    if length == 1 and len(sign[0]) >= _LETTERS_FOR_SLIPS - 1:
        meant = nearest_slip(sign[0], _LONG, 1)
        if meant[:1] == sign[0][0]:
            return _CLEAR[(meant,)]
    around = {*words[max(0, start - _WINDOW) : start], *words[start + length : start + length + _WINDOW]}
    for smells, signs, needs, unless in _BESIDE:
        if sign in signs and not around & unless and (not needs or around & needs):
            return smells
    return ""
