"""What Twilio's error codes mean for a message: which SendError, and the sentence an officer reads."""

import asyncio

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

from bot.channel import (
    Misconfigured,
    OptedOut,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
    WindowShut,
)


class ContentRefused(Rejected):
    """The content object was refused before anything was sent: as plain text it may still pass."""


_BAD_ADDRESS = "Alamat tujuan tidak sah bagi Twilio."
_NOT_REACHABLE = "Nomor tujuan tidak dapat menerima pesan."
_NOT_ON_WHATSAPP = "Nomor ini tidak terdaftar di WhatsApp."
_BLOCKED = "Warga memblokir nomor layanan atau meminta pesan dihentikan."
_BAD_CONTENT = "WhatsApp menolak isi pesan ini."
_BAD_TEMPLATE = "Templat pesan ditolak; periksa templat di Twilio."
_BUSY = "Batas kecepatan pengiriman tercapai; dicoba lagi."
_DOWN = "WhatsApp sedang terganggu; dicoba lagi."
_SENDER = "Nomor pengirim belum siap di Twilio; hubungi pengelola sistem."
_ACCOUNT = "Akun Twilio bermasalah; hubungi pengelola sistem."

ERRORS: dict[int, tuple[type[SendError], str]] = {
    10001: (Misconfigured, _ACCOUNT),
    14107: (Throttled, _BUSY),
    20003: (Misconfigured, "Twilio menolak kredensial; hubungi pengelola sistem."),
    20005: (Misconfigured, _ACCOUNT),
    20404: (Misconfigured, _ACCOUNT),
    20429: (Throttled, _BUSY),
    21211: (Rejected, _BAD_ADDRESS),
    21212: (Misconfigured, _SENDER),
    21408: (
        Misconfigured,
        "Pengiriman ke wilayah ini belum diizinkan di akun Twilio; hubungi pengelola sistem.",
    ),
    21602: (Rejected, "Pesan kosong tidak dapat dikirim."),
    21603: (Misconfigured, _SENDER),
    21604: (Rejected, "Alamat tujuan kosong."),
    21606: (Misconfigured, _SENDER),
    21608: (Misconfigured, "Akun Twilio masih uji coba; hubungi pengelola sistem."),
    21609: (Misconfigured, "Alamat laporan kirim ditolak Twilio; hubungi pengelola sistem."),
    21610: (OptedOut, _BLOCKED),
    21611: (Throttled, "Antrean pengirim di Twilio penuh; dicoba lagi."),
    21612: (Rejected, _NOT_REACHABLE),
    21614: (Rejected, "Nomor tujuan bukan nomor telepon seluler."),
    21617: (Rejected, "Pesan terlalu panjang (lebih dari 1.600 karakter)."),
    21619: (Rejected, "Pesan kosong tidak dapat dikirim."),
    21620: (Rejected, "Berkas pada pesan tidak sah."),
    21623: (Rejected, "Berkas pada pesan terlalu besar."),
    21655: (ContentRefused, _BAD_TEMPLATE),
    21656: (ContentRefused, _BAD_TEMPLATE),
    21659: (Misconfigured, _SENDER),
    21660: (Misconfigured, _SENDER),
    21730: (Unreachable, "Twilio sedang dalam pemeliharaan; dicoba lagi."),
    30001: (Throttled, _BUSY),
    30002: (Misconfigured, _ACCOUNT),
    30003: (Rejected, "Telepon warga tidak terjangkau."),
    30004: (OptedOut, _BLOCKED),
    30005: (Rejected, "Nomor tujuan tidak dikenal atau tidak aktif."),
    30006: (Rejected, _NOT_REACHABLE),
    30007: (Rejected, "Pesan disaring oleh operator."),
    63001: (Misconfigured, _SENDER),
    63003: (Rejected, _NOT_ON_WHATSAPP),
    63005: (ContentRefused, _BAD_CONTENT),
    63007: (Misconfigured, _SENDER),
    63010: (Unreachable, _DOWN),
    63012: (Unreachable, _DOWN),
    63013: (ContentRefused, "Pesan dianggap melanggar kebijakan WhatsApp."),
    63014: (OptedOut, _BLOCKED),
    63016: (WindowShut, WindowShut.sentence),
    63018: (Throttled, _BUSY),
    63019: (Rejected, "WhatsApp tidak dapat mengambil berkas pada pesan."),
    63020: (Misconfigured, "Akun bisnis Meta bermasalah; hubungi pengelola sistem."),
    63021: (ContentRefused, _BAD_CONTENT),
    63022: (Misconfigured, _SENDER),
    63024: (Rejected, _NOT_ON_WHATSAPP),
    63027: (ContentRefused, _BAD_TEMPLATE),
    63028: (ContentRefused, _BAD_TEMPLATE),
    63029: (ContentRefused, _BAD_TEMPLATE),
    63030: (ContentRefused, _BAD_TEMPLATE),
    63032: (Rejected, "WhatsApp membatasi pesan ke warga ini."),
    63033: (OptedOut, _BLOCKED),
    63038: (Throttled, "Batas harian akun Twilio tercapai; dicoba lagi."),
    63049: (Rejected, "Meta memilih tidak menyampaikan pesan ini."),
}
"""Codes of the REST API (2xxxx) and of delivery (3xxxx, 63xxx).

Source: https://www.twilio.com/docs/api/errors and https://www.twilio.com/docs/whatsapp/api/error-code-mapping
"""


def from_code(code: int | None) -> SendError:
    """The SendError of a code that Twilio reported for good; an unknown code is a Rejected that names it."""
    if code in ERRORS:
        kind, sentence = ERRORS[code]
        return kind(f"Twilio error {code}", sentence=sentence)
    name = f"kode Twilio {code}" if code else "tanpa kode"
    return Rejected(f"Twilio error {code}", sentence=f"Pesan tidak sampai ({name}).")


def from_answer(status: int, code: int | None) -> SendError:
    """The SendError of an HTTP answer that is not a success.

    Twilio's message is left out: it repeats the citizen's number.

    Args:
        status: HTTP status.
        code: Twilio's error code in the body, or None.
    """
    detail = f"HTTP {status}, Twilio error {code}"
    if status == 429:
        return Throttled(detail, sentence=_BUSY)
    if status >= 500:
        return Unknown(detail)
    if code in ERRORS:
        kind, sentence = ERRORS[code]
        return kind(detail, sentence=sentence)
    if status in {401, 403}:
        return Misconfigured(detail, sentence=ERRORS[20003][1])
    if status == 404:
        return Misconfigured(detail, sentence=_ACCOUNT)
    return Rejected(detail, sentence=f"Twilio menolak pesan ini (kode {code or status}).")


def from_exception(error: Exception) -> SendError:
    """The SendError of whatever the SDK or its HTTP client raised; holds no address and no credential."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return from_answer(_number(error.status) or 500, _number(error.code))
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable("no connection to Twilio")
    if isinstance(error, TwilioException):
        return Unknown("Twilio's SDK could not read the answer")
    if isinstance(error, asyncio.TimeoutError):
        return Unknown("no answer from Twilio in time")
    return Unknown(f"connection to Twilio broke ({type(error).__name__})")


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
