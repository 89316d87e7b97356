"""How a citizen is asked whether his report is one that others have made: the pure conversation."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.talk.deeds import DropDraft, File, FollowTwin, KeepDraft
from bot.talk.twin_question import FOLLOW_IT, LABEL_LENGTH, MAKE_NEW
from tests.talking import HOLE, SEND, Talk
from tests.test_wording import LANGUAGES, WORDING

TWELVE = {"id": 7, "number": "417058236", "count": 12, "story": "lubang {x} di jalan", "place": "Sekayu {0}"}
SECOND = {"id": 8, "number": "417058244", "count": 1, "story": "jalan rusak", "place": "Jalan Pemuda Selatan"}
THIRD = {"id": 9, "number": "417058251", "count": 1, "story": "aspal pecah", "place": ""}


def talk(*found: Mapping[str, Any], sms: bool = False) -> tuple[Talk, list[Mapping[str, Any]]]:
    """A chat, and what was looked for, each time."""
    chat, looked = Talk(sms=sms), []

    def alike(answers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        looked.append(answers)
        return list(found)

    chat.alike = alike
    return chat, looked


def asked(*found: Mapping[str, Any]) -> Talk:
    chat, _ = talk(*found)
    chat.hears(HOLE)
    return chat


def test_it_is_asked_before_the_read_back_with_how_many_and_what() -> None:
    chat, _ = talk(TWELVE)
    (said,) = chat.hears(HOLE)
    assert chat.choices == ["twin=417058236", "twin=lainnya"]
    assert said.endswith("Apakah ini hal yang sama?")
    (line,) = chat.lines
    worded = chat.wording.line(line, "id")
    assert worded.startswith("12 warga sudah melapor ini: lubang {x} di jalan (Sekayu {0}).")


@pytest.mark.parametrize("reply", ["1", "ya", "iya sama", "Ikut laporan itu", "ikut", "👍"])
def test_who_says_it_is_the_same_follows_and_the_draft_keeps_his_words(reply: str) -> None:
    chat = asked(TWELVE)
    chat.hears(reply)
    assert chat.did(FollowTwin) == FollowTwin(7) and chat.did(KeepDraft).answers["story"] == HOLE
    assert not chat.state.get("script")


@pytest.mark.parametrize("reply", ["2", "0", "tidak", "bukan", "buat baru", "baru", "lainnya", "kirim"])
def test_who_says_it_is_not_goes_on_to_the_read_back(reply: str) -> None:
    chat = asked(TWELVE)
    chat.hears(reply)
    assert chat.choices == SEND and not [deed for deed in chat.deeds if isinstance(deed, FollowTwin)]
    chat.hears("1")
    assert chat.did(File)


def test_of_several_each_is_a_choice_named_by_its_place_and_numbered_like_its_line() -> None:
    chat = asked(TWELVE, SECOND, THIRD)
    labels = [label for line in chat.lines for _, label in line.options]
    assert chat.choices == [*(f"twin={twin['number']}" for twin in (TWELVE, SECOND, THIRD)), "twin=lainnya"]
    assert labels[:3] == ["1. Sekayu (0)", "2. Jalan Pemuda..", "3. aspal pecah"] and labels[3] == MAKE_NEW
    worded = chat.wording.line(chat.lines[0], "id").splitlines()
    assert [row[:2] for row in worded[:3]] == ["1.", "2.", "3."]
    chat.hears("2")
    assert chat.did(FollowTwin) == FollowTwin(8)


def test_of_several_a_bare_yes_chooses_none() -> None:
    chat = asked(TWELVE, SECOND)
    chat.hears("ya")
    assert chat.state["script"] and chat.choices[0] == "twin=417058236"
    assert not [deed for deed in chat.deeds if isinstance(deed, FollowTwin)]


def test_it_is_looked_for_once_and_only_when_all_is_known() -> None:
    chat, looked = talk(TWELVE)
    chat.hears("jalan berlubang besar")
    assert looked == []
    chat.hears("Kelurahan Sekayu")
    assert [set(known) >= {"story", "place", "category"} for known in looked] == [True]
    chat.hears("2")
    chat.hears("ubah")
    chat.hears("tempatnya")
    chat.hears("Kelurahan Tugurejo")
    assert chat.choices == SEND and len(looked) == 1


def test_nothing_is_looked_for_by_sms_or_when_an_old_report_is_spoken_of() -> None:
    chat, looked = talk(TWELVE, sms=True)
    chat.hears(HOLE)
    assert chat.did(File) and looked == []


def test_without_twins_the_read_back_comes_at_once() -> None:
    chat, looked = talk()
    chat.hears(HOLE)
    assert chat.choices == SEND and len(looked) == 1


def test_more_words_belong_to_the_story_and_the_question_comes_again() -> None:
    chat = asked(TWELVE)
    chat.hears("di depan sekolah juga ada lubang yang besar sekali")
    assert "depan sekolah" in chat.state["answers"]["story"]
    assert chat.choices == ["twin=417058236", "twin=lainnya"]


def test_batal_drops_the_draft_and_an_old_button_chooses_nothing() -> None:
    chat = asked(TWELVE)
    chat.hears(choice="twin=417058244")
    assert not [deed for deed in chat.deeds if isinstance(deed, FollowTwin)]
    assert chat.choices == ["twin=417058236", "twin=lainnya"]
    chat.hears("batal")
    assert chat.did(DropDraft) and not chat.state.get("script")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_labels_fit_a_button_in_every_language(language: str) -> None:
    labels = [WORDING.sentence(label, language) for label in (FOLLOW_IT, MAKE_NEW)]
    assert len(set(labels)) == 2 and all(0 < len(label) <= LABEL_LENGTH for label in labels)
