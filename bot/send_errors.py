"""Why a message did not go out, in the words of the contract of a channel (bot/channel.py)."""


class SendError(Exception):
    """Why a message did not go out.

    `again` says whether another try can help, `alarm` whether an engineer should look, `after` how many
    seconds the provider asks us to wait, `sentence` what an officer reads.
    """

    again = False
    alarm = False
    sentence = "Pesan tidak terkirim."

    def __init__(self, detail: str = "", *, after: float | None = None, sentence: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.after = after
        self.sentence = sentence or type(self).sentence


class Unreachable(SendError):
    """The provider did not take it (connection refused, 5xx said before processing): try again."""

    again = True
    sentence = "Penyedia layanan sedang tidak dapat dihubungi; dicoba lagi."


class Throttled(SendError):
    """Too fast: try again after `after` seconds."""

    again = True
    sentence = "Penyedia layanan meminta menunggu; dicoba lagi."


class Rejected(SendError):
    """The provider refuses this message for good."""

    sentence = "Penyedia layanan menolak pesan ini."


class OptedOut(SendError):
    """The citizen blocked us or sent STOP."""

    sentence = "Warga memblokir atau menghentikan pesan dari kanal ini."


class WindowShut(SendError):
    """WhatsApp's time for free-form answers is over: the answer waits for the citizen's next message."""

    sentence = "Lewat 24 jam sejak pesan terakhir warga; jawaban menunggu warga menulis lagi."


class Misconfigured(SendError):
    """Our credentials or set-up are wrong: nothing gets through until an engineer mends it."""

    again = True
    alarm = True
    sentence = "Pengaturan kanal salah; hubungi pengelola sistem."


class Unknown(SendError):
    """The answer was lost: it may have been sent. Wait for the receipt before sending again."""

    again = True
    sentence = "Belum pasti terkirim; menunggu laporan kirim."
