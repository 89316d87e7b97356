"""What somebody says to the answer about a report that staff joined his own with. Pure.

His "belum" is an objection like its reporter's; his "ya" is noted, but closes nothing for the others.
"""

from bot.talk.aside import Moment
from bot.talk.closing import object_to
from bot.talk.deeds import AddTo
from bot.talk.fresh import is_another
from bot.talk.questions import Turn
from bot.talk.solved import verdict
from bot.wording import Line

NOTED = "Thank you. The office reads that it is solved for you."


def joined(moment: Moment) -> Turn | None:
    """The turn of ya or belum to an answer; None: it is neither, or the report is one's own."""
    report, heard = moment.known.report, moment.heard
    if report is None or not report.joined or report.status != "answered":
        return None
    if moment.known.taken or heard.choice or heard.kind == "edit":
        return None
    said = verdict(heard.text)
    if said == "yes":
        return Turn(dict(moment.state), (AddTo(report.id, heard.text, quiet=True), Line(NOTED)))
    if said == "no" and not is_another(moment.state, heard, moment.told, moment.known):
        return object_to(report, moment)
    return None
