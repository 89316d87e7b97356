"""The conversation as a citizen meets it: commands work in every state, and nothing raises."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.answers import Heard
from bot.talk.deeds import AddTo, CallHuman, DropDraft, File, LeaveDraft, OnReport, ShowStatus
from bot.talk.fresh import Report
from tests.talking import FIRE, HOLE, SEND, Talk, open_report


# --- commands in every state ----------
@pytest.mark.parametrize("words", ["BATAL", "batl", "Batal ya", "btl", "batalkan laporan"])
def test_cancel_is_heard_in_many_forms(words: str) -> None:
    talk = Talk()
    talk.hears("jalan berlubang besar")
    talk.hears(words)
    assert talk.deeds == [DropDraft()]


def test_after_petugas_every_word_goes_to_the_officer() -> None:
    talk = Talk()
    talk.hears("PETUGAS")
    assert talk.deeds == [CallHuman()]
    talk.hears("lampu jalan di depan rumah saya mati")
    assert talk.did(AddTo).words == "lampu jalan di depan rumah saya mati"
    talk.hears("LAPOR jalan berlubang")
    assert isinstance(talk.deeds[0], LeaveDraft) and talk.state["script"] == "report"


@pytest.mark.parametrize(
    ("words", "act"),
    [("BALAS", "add"), ("IKUT", "follow"), ("BERHENTI IKUT", "unfollow"), ("stop ikut no", "unfollow")],
)
def test_a_command_with_a_number_is_about_that_report(words: str, act: str) -> None:
    talk = Talk(sms=True)
    talk.hears(f"{words} 417058236" + (" masih gelap" if act == "add" else ""))
    assert talk.did(OnReport) == OnReport(act, "417058236", "masih gelap" if act == "add" else "")


def test_ulang_without_a_question_files_nothing() -> None:
    for report in (None, open_report()):
        talk = Talk(report=report)
        assert talk.hears("ULANG") and not talk.deeds


HEARD: Sequence[Heard] = (
    *(
        Heard(words)
        for words in ("halo", "mau lapor", "jalan berlubang besar", HOLE, "1", "2", "3", "4", "5")
    ),
    *(Heard(words) for words in ("qwrt", "ya", "terima kasih", "tidak tahu", "PETUGAS", "ULANG", FIRE)),
    *(
        Heard(words)
        for words in (
            "LAPOR lampu mati",
            "Kelurahan Sekayu",
            "STOP",
            "START",
            "BALAS 417058236 x",
            "basa jawa",
        )
    ),
    Heard(kind="photo", group="a"),
    Heard("rusak", kind="photo"),
    Heard(kind="other"),
    Heard(kind="contact"),
    Heard(kind="recording"),
    Heard("👍", kind="reaction"),
    Heard("jalan ambles", kind="edit", reference="1"),
    Heard("Toko", kind="location", latitude=-6.98, longitude=110.41),
    Heard("Kirim", kind="choice", choice="send=send"),
    Heard(kind="choice", choice="category=jalan"),
    Heard(kind="choice", choice="resume=new"),
    Heard(kind="choice", choice="done=yes"),
    Heard(kind="choice", choice="done=no"),
    Heard(kind="choice", choice="rate=4"),
    Heard(kind="choice", choice="about=new"),
    Heard("belum"),
    Heard("jalannya berlubang lagi di depan pasar"),
    Heard("cabut laporan"),
    Heard("BAHASA"),
    Heard("English", kind="choice", choice="language=en"),
)
REPORTS = (
    None,
    open_report(),
    open_report("waiting"),
    open_report("answered"),
    open_report("closed"),
    open_report(place=""),
)


class EveryState(RuleBasedStateMachine):
    """From wherever a conversation has got to, each command reaches its goal in one message."""

    @initialize(sms=st.booleans())
    def start(self, sms: bool) -> None:
        self.talk = Talk(sms=sms)

    @rule(
        heard=st.sampled_from(HEARD), report=st.sampled_from(REPORTS), hours=st.sampled_from([0, 0, 0, 1, 25])
    )
    def hears(self, heard: Heard, report: Report | None, hours: int) -> None:
        self.talk.known = replace(self.talk.known, report=report)
        self.talk.later(hours=hours)
        self.talk.hears(**{name: getattr(heard, name) for name in Heard.__slots__ if name != "further"})

    def _says(self, words: str) -> Talk:
        fork = Talk(sms=self.talk.known.sms)
        fork.known, fork.state, fork.language = self.talk.known, self.talk.state, self.talk.language
        fork.hears(words)
        return fork

    @invariant()
    def commands_reach_their_goal(self) -> None:
        stopped = self._says("BATAL")
        assert "script" not in stopped.state and "resuming" not in stopped.state
        assert stopped.lines or stopped.did(DropDraft)
        assert any("BATAL" in line.key for line in self._says("BANTUAN").lines)
        assert self._says("STATUS").did(ShowStatus)
        assert self._says("PETUGAS").did(CallHuman)
        for words in ("BANTUAN", "STATUS", "MENU", "BAHASA"):
            assert self._says(words).state.get("answers") == self.talk.state.get("answers")

    @invariant()
    def there_is_no_dead_end(self) -> None:
        """Whatever was said, a whole report can be told after BATAL, and every open question has words."""
        fork = self._says("BATAL")
        fork.known = replace(fork.known, report=None)
        fork.hears("LAPOR " + HOLE)
        assert fork.choices == SEND or fork.did(File)
        assert not self.talk.state.get("script") or self._says("ULANG").lines


TestEveryState = EveryState.TestCase
TestEveryState.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=60) | st.sampled_from(["1", "ya", HOLE, "BATAL", FIRE, "{number}", "%s"]),
            st.sampled_from(
                ["text", "photo", "recording", "edit", "other", "contact", "reaction", "choice", "location"]
            ),
            st.text(max_size=10) | st.sampled_from(["send=send", "=", "place=", "change=story"]),
        ),
        max_size=6,
    ),
    st.booleans(),
    st.sampled_from(REPORTS),
)
def test_nothing_that_a_citizen_can_send_raises(
    messages: list[tuple[str, str, str]], sms: bool, report: Report | None
) -> None:
    talk = Talk(sms=sms, report=report)
    for words, kind, choice in messages:
        talk.hears(words, kind=kind, choice=choice if kind == "choice" else "")
