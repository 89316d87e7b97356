"""The catalogues' own rules: whose words lie on top, and how days, braces and long stories are written."""

import re
from datetime import date, datetime
from pathlib import Path

from bot.languages import OFFERS, named
from bot.wording import Line, Wording, day, shorten
from handlers.gsm7 import is_gsm7, transliterate
from tests.house import SEMARANG
from tests.test_wording import CITY, WORDING, every_language, year_of_days


def test_the_citys_own_words_lie_on_top_and_the_channels_variant_wins(tmp_path: Path) -> None:
    folder = tmp_path / "wording"
    folder.mkdir()
    (folder / "id.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Send"\nmsgstr "Kirimkan"\n', "utf-8")
    city = Wording(tmp_path)
    assert city.sentence("Send", "id") == "Kirimkan" and city.sentence("Change", "id") == "Ubah"
    assert city.sentence(
        "Where is it? Name the street and kelurahan, or share your location.", "id", "sms"
    ).startswith("Di mana tempatnya? Balas")
    assert city.sentence("no such sentence", "id") == "no such sentence"


def test_braces_of_a_citizen_stay_what_they_are() -> None:
    line = Line("We were speaking about: {story}. Go on?", {"story": "{number} {0.__class__} %s"})
    assert "{number} {0.__class__} %s" in WORDING.line(line, "id")


def test_a_day_is_written_as_citizens_read_it() -> None:
    noon = datetime.combine(date(2026, 11, 23), datetime.min.time(), CITY.timezone)
    assert day(noon, "id", CITY.timezone) == "Sen, 23 Nov 2026"
    assert day(noon, "en", CITY.timezone) == "Mon, 23 Nov 2026"
    assert day(noon, "jv", CITY.timezone) == "Sen, 23 Nov 2026"
    assert day(noon, "su", CITY.timezone) == "Sen, 23 Nop 2026"


@every_language
def test_every_day_of_a_year_is_short_and_made_of_letters_a_handset_has(language: str) -> None:
    for shown in year_of_days(language):
        assert re.fullmatch(r"[A-Za-z]{3,4}, \d{1,2} [A-Za-z\u00e9]{3} 202[67]", shown), shown
        assert is_gsm7(shown) and transliterate(shown) == shown


def test_a_language_that_is_no_longer_offered_is_the_default_one() -> None:
    fewer = Wording(SEMARANG, ("en", "id"))
    assert [fewer.spoken(code) for code in ("id", "jv", "")] == ["id", "en", "en"]


def test_the_offer_of_a_language_names_a_word_that_chooses_it() -> None:
    for code, words in OFFERS.items():
        assert named(re.findall(r"[A-Z]{3,}(?: [A-Z]+)?", words)[0]) == code


def test_a_long_story_is_cut_at_a_word() -> None:
    assert shorten("jalan rusak\n sekali", 40) == "jalan rusak sekali"
    assert shorten("jalan berlubang besar sekali", 20) == "jalan berlubang.."
