"""Which words of many texts are names of people, places and streets: those must never enter a word table.

A name gives itself away by how it is written: with a capital in the middle of a sentence, or after a word
that announces one. No list of names is complete, so the writing counts and the lists only help.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from bot.reading.spelling import plain_word

# From this share of its uses that look like a name a word is one; a known place needs less.
NAME_SHARE, PLACE_SHARE = 0.6, 0.3
LEAST_USES = 2
# In a text with more capitals than this everything is written with capitals.
MOST_CAPITALS = 0.4
# The word before a name of a person, a street or a place.
CUES = frozenset(
    """jl jln jalan gg gang kel kelurahan kec kecamatan desa dusun kampung kp perum perumahan griya raya
pak bapak bpk bu ibu bp sdr sdri saudara mas mbak kak kang teh h hj haji ustad ustadz nama namanya bernama
atasnama an dr drg almarhum alm pasar stasiun terminal rusun rusunawa rsud rs sdn smpn sman kota kab kabupaten
daerah jalur simpang taman makam sungai kali apartemen hotel gereja masjid universitas pt cv""".split()
)
# Common given and family names; never in a table, however they are written.
GIVEN = frozenset(
    """abdul abdullah achmad adam ade adi adinda aditya agus agung agustina ahmad ainun aisyah aji akbar alan
aldi alfian ali alif alvin amalia amelia amin aminah amir ana anam andi andika andre andri andrian anggi
anggraeni angga ani anik anisa anita anton antonius anwar ardi ardian arief arif arifin aris arum asep
asih aslam asri astri astuti atik aulia ayu aziz bagas bagus bambang basuki bayu beni benny bima budi
budiman budiono cahyo cahyono candra catur chandra christian cici citra dadang dani daniel darmawan david
dedi deni dendi denny desi devi dewi dhani dian diana dika dimas dina dini dinda dita djoko doni dwi edi
edy efendi eka eko elisa elly ely endah endang eni erna erwin eva evi fadil fajar farida faisal fani
fatimah fauzan fauzi febri febriani feri ferdi fika firdaus firman fitri fitria fitriani galih gilang gita
gunawan hadi hafid haris haryanto hariyanto hartono hasan hasanah hendra hendri hendro heni henry heri
herman hermawan heru hesti hidayah hidayat husein husni ibrahim ida ika ilham imam iman imron ina indah
indra indri inda intan irawan irfan irma iskandar ismail istiqomah iwan jamal jamilah jaka joko joni jono
jumiati juwita kartika kartini kasiyem khoirul khotimah krisna kristina kurnia kurniawan kusuma laila
laras lestari lia lilik lina linda lisa lukman lutfi mahmud margono mariam maria marlina martono maulana
maya mega megawati melinda mira mochamad moch moh mohamad mohammad mohamed muhamad muhammad mukti mulyadi
mulyani mulyono murni mustofa nabila nadia nanang nanda nani nasir nasution natalia nina ningsih nita noer
noor novi novita nugroho nunung nur nurhayati nuri nurul okta oktavia pandu panji paulus permana pipit
prabowo prasetyo prasetya pratama prayitno priyanto priyono purnama purnomo puspita putra putri putu
rahayu rahma rahmad rahman rahmat rahmawati raihan ramadhan ramadhani rangga rani rara ratih ratna reni
resti retno reza rian riana ricky ridho ridwan rika rina rini rio risa riska risma rita riyadi riyanto
rizal rizki rizky rizqi robby robi rochman rohmah rohman rosa rosita rudi rudy rukmini rusdi rusli sabrina
safitri said saiful salim salma salsabila samsul sandi sandy santi santoso saputra saputri sari sarah
satria satrio sekar septi septian setiawan setiawati setyawan setyo shinta sigit siska siti sinta slamet
soleh solikin sri sriyati subagyo subandi sudarmi sudarsono sugeng sugianto sugiarto sugiyono suharti
suharto suhartono suhendra sujono sukarno sukirman sulastri sulis sulistyo sumarni sumarno sumiati sunarto
sunaryo suparman suparno supri supriadi supriyadi supriyanto supriyono suratno surya suryadi suryani
susanti susanto susi susilo susilowati sutanto sutarno sutrisno suwarni suyanto suyono syahrul syaiful
syarif taufik taufiq teguh tia tika titik titin tono tri triyono tutik udin umar umi utami utomo vera
veronica vina wahid wahyu wahyudi wahyuni wahyuningsih wati wawan widi widodo widya wijaya wibowo wiwik
winarno winarti wisnu wulan wulandari yani yanti yanto yayan yayuk yogi yohanes yono yoga yudha yudi yuli
yuliana yulianti yulianto yunita yusuf yusup zaenal zahra zaki zainal zainuddin zulkifli ridwankamil kamil
hendi hendrarprihadi prihadi eri cahyadi ganjar jokowi simanjuntak siregar sihombing sitorus situmorang
hutapea harahap lubis panjaitan silalahi sinaga""".split()
)

# Places, streets and people of the towns the shipped table was trained on that their writing did not give
# away; found by reading the list of its words.
SEEN = frozenset(
    """surabaya bandung huda jiwo jatim jabar balasklumprik buahbatu cicadas ciwastra dharmawangsa
jimerto kalikepiting kalilom kidul margorukun mansyur otista pagarsih pandugo sidonipah
siola soekarno sukajadi sungkono tegalega tenggumung ujungberung merr panghegar petra gatsu
koja toha kertoarjo kertajaya darmawangsa rungkut kenjeran suramadu jenderal citraland
sinopati klampis tegalsari simokerto gubeng ngagel""".split()
)

_OUTSIDE = re.compile(r"\[[A-Z]+\]|[@#][\w.]+|https?://\S+|\S+@\S+|www\.\S+")
_PARTS = re.compile(r"[^\W\d_]+|\d+|[.!?:;\n(\"]")


def without_handles(text: str) -> str:
    """Return a text in which accounts, tags, links and masked words are a full stop."""
    return _OUTSIDE.sub(" . ", text)


def name_words(
    texts: Iterable[str], places: Collection[str] = (), kept: Collection[str] = ()
) -> frozenset[str]:
    """Return the words of these texts, in plain spelling, that are names or look like one.

    Args:
        texts: As the citizens wrote them.
        places: Lower-case words of place names; ordinary words among them are told apart by their writing.
        kept: Words that are no names for certain, such as those a city lists for its categories.
    """
    chances: Counter[str] = Counter()
    as_name: Counter[str] = Counter()
    for text in texts:
        for word, looks in _chances(without_handles(text)):
            chances[word] += 1
            as_name[word] += looks
    known = set(places)
    found = {
        word
        for word, count in chances.items()
        if as_name[word] >= LEAST_USES
        and as_name[word] >= (PLACE_SHARE if word in known else NAME_SHARE) * count
    }
    return frozenset((found | GIVEN | SEEN) - set(kept))


def _chances(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each word that had a chance to be written like a name, with whether it was.

    Whoever never writes a capital gives no chance, nor does whoever writes everything with capitals.
    """
    parts = _PARTS.findall(text)
    words = [part for part in parts if part[0].isalpha()]
    inner = [part for before, part in pairwise(parts) if before[0].isalpha() and _capital(part)]
    telling = bool(inner) and sum(map(_capital, words)) <= MOST_CAPITALS * len(words)
    for before, part in zip([".", *parts], parts, strict=False):
        if part[0].isalpha():
            cue = before.lower() in CUES
            if cue or (telling and before[0].isalpha()):
                yield plain_word(part.lower()), cue or _capital(part)


def _capital(part: str) -> bool:
    """Return whether a word is written Like this; KTP and PJU are abbreviations."""
    return part[0].isupper() and not part[1:].isupper()
