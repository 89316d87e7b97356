"""The languages a citizen can choose: their names, the words that ask for one, and a careful guess."""

from collections.abc import Mapping, Sequence

from bot.answers import Heard, Mind, Missed, Options, Pick
from bot.reading.spelling import raw_words
from bot.talk.questions import Turn, slot_options
from bot.wording import Line

State = Mapping[str, object]

NAMES = {"id": "Bahasa Indonesia", "en": "English", "jv": "Basa Jawa", "su": "Basa Sunda"}
# What is said, in its own language, to who seems to speak another language than the answers.
OFFERS = {
    "id": "Bahasa Indonesia? Balas BAHASA INDONESIA.",
    "en": "English? Reply ENGLISH.",
    "jv": "Ngagem basa Jawi? Serat BASA JAWA.",
    "su": "Hoyong ku basa Sunda? Serat BASA SUNDA.",
}
WHICH = "Which language do you choose?"
ONLY_ONE = "This service speaks only this language."
CHOSEN = "From now on I answer in this language."

_CODES = {
    **dict.fromkeys("indonesia indonesian".split(), "id"),
    **dict.fromkeys("english inggris enggris".split(), "en"),
    **dict.fromkeys("jawa jawi jowo javanese krama kromo".split(), "jv"),
    **dict.fromkeys("sunda sundanese lemes".split(), "su"),
}
_LANGUAGE = frozenset("bahasa basa boso language".split())
# These are a language even alone; "Jawa" and "Sunda" alone may be the name of a street.
_CLEAR = frozenset("english inggris indonesian javanese sundanese".split())
_AROUND = _LANGUAGE | frozenset(
    """ganti ubah pilih pakai pake mau tolong saja aja dong ke dalam dengan change switch to use in i do you
speak can we please only the want ganteni gentos ngagem nganggo mawon kulo abdi ku kana atuh""".split()
)
_MOST_WORDS = 5


def offered(mind: Mind) -> Options:
    """The languages to choose from, each named in itself."""
    return tuple((code, NAMES.get(code, code)) for code in mind.languages)


def ask(state: State, mind: Mind) -> Turn:
    """The question for the language; the next message may answer it with a number."""
    if len(mind.languages) < 2:
        return Turn(dict(state), (Line(ONLY_ONE),))
    return Turn({**state, "choosing": True}, (Line(WHICH, options=slot_options("language", offered(mind))),))


def chosen(state: State, heard: Heard, mind: Mind) -> str:
    """The language that a message chooses, by button, number or name; empty when it chooses none."""
    if len(mind.languages) < 2 or not (heard.choice or heard.kind == "text"):
        return ""
    if heard.choice or state.get("choosing"):
        picked = Pick(offered(mind)).read("language", heard, {}, mind)
        if not isinstance(picked, Missed):
            return str(picked)
    code = "" if heard.choice else named(heard.text, anything=bool(state.get("choosing")))
    return code if code in mind.languages else ""


def named(text: str, *, anything: bool = False) -> str:
    """The code of the language that a short message asks for, empty when it asks for none.

    Args:
        text: what the citizen wrote.
        anything: the language was just asked for, so that "jawa" alone counts.
    """
    words = set(raw_words(text))
    codes = {_CODES[word] for word in words if word in _CODES}
    if len(codes) != 1 or len(words) > _MOST_WORDS or not words <= _AROUND | _CODES.keys():
        return ""
    return codes.pop() if anything or words & (_LANGUAGE | _CLEAR) else ""


# --- a guess, only to offer ---------------------------------------------------------------------------------
# Words that are written in one of the languages and hardly in the others.
_SIGNS = {
    "id": """yang dan tidak ada sudah belum dengan untuk dari saya kami ini itu karena sangat bisa mohon
tolong dekat depan rusak sejak sampai rumah""",
    "en": """the is are was there has have been not and in on at of my our your this that with for from since
please near front street road light lights water house broken hole days weeks help want report how good hello
i we it nobody garbage dirty flooded pothole afternoon after asked me big dangerous""",
    "jv": """kula wonten ingkang sampun dereng mboten boten ora wis durung dalan dalane ing omah omahe omahku
niki niku menika punika piye pripun nyuwun ngarep ngajeng mburi cedhak banyu banyune peteng akeh nganti
lampune kathah griya celak wiwit kados tulung radosan toya margi risak badhe arep sewu nuwun pejah dangu uwuh
dijupuk wit gedhe maneh nang neng mlebu tampi bab mriki telung rong dina dino sesasi didandani mergo amargi
kaliyan saking dados wong bocah mambu bolong""",
    "su": """abdi aya teu nu henteu parantos acan teuacan ieu eta dina kana ti caket payuneun pareum ruksak
ageung cai caah runtah kumaha bumi lembur tos ngalir hoyong nyungkeun pisan seueur jalanna solokan poek
ku tulungan atos sareng bade saminggu unggal sakola dugi nyarios dinten sasih wargi loba geus keur iraha
jalma ngan oge ngalereskeun didamel gede hareupeun deukeut imah""",
}
_WORDS = {code: frozenset(words.split()) for code, words in _SIGNS.items()}
_LEAST_SIGNS = 3
_LEAST_SHARE = 0.4


def guess(text: str, codes: Sequence[str]) -> str:
    """The language a text is clearly in, of those with these codes; empty when it may be another one.

    At least three words, and two in five of all, are of that language, and twice as many as of any other.
    """
    words = raw_words(text)
    count = {code: len({word for word in words if word in signs}) for code, signs in _WORDS.items()}
    best = max(count, key=lambda code: count[code])
    rest = max(number for code, number in count.items() if code != best)
    clear = count[best] >= max(_LEAST_SIGNS, 2 * rest, _LEAST_SHARE * len(set(words)))
    return best if clear and best in codes else ""
