"""The simulator's page: three phones at /simulator/, for this machine alone, only in development."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from bot import inbound
from bot.channel import Inbound, MediaReference, Rejected
from bot.cities.city import City
from bot.delivery.media import PHOTOS
from bot.delivery.room import room_of
from bot.house import House
from bot.settings import Settings
from handlers import simulator
from handlers.gsm7 import GSM7, septets
from handlers.simulator import FILE_BYTES, Phone
from handlers.webhooks import simulator_forms, simulator_messages
from handlers.webhooks.simulator_forms import BadForm
from storage.database import DatabaseAway

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_BYTES = FILE_BYTES + 64 * 1024  # a file and the fields around it
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
PRESETS = 3


def install(app: Flask, house: House) -> None:
    """Put the page and its routes on an app; nothing at all unless only this machine can reach us.

    Args:
        app: The app; nothing outside /simulator/ changes.
        house: The running product, its channels holding what `handlers.simulator.phones` gave.
    """
    if not house.settings.is_local:
        return
    pages = Blueprint(
        "simulator",
        __name__,
        url_prefix="/simulator",
        static_folder="simulator_page",
        static_url_path="/static",
        template_folder="simulator_page",
    )
    desk = _Desk(house)
    pages.before_request(desk.guard)
    pages.after_request(_headers)
    pages.add_url_rule("/", view_func=desk.page)
    pages.add_url_rule("/<phone>/messages.json", view_func=desk.messages)
    pages.add_url_rule("/<phone>/photo/<reference>", view_func=desk.photo)
    pages.add_url_rule("/<phone>/send", view_func=desk.send, methods=["POST"])
    pages.add_url_rule("/<phone>/resend", view_func=desk.resend, methods=["POST"])
    pages.add_url_rule("/<phone>/new", view_func=desk.new, methods=["POST"])
    pages.register_error_handler(BadForm, lambda error: _refused(str(error), 400))
    pages.register_error_handler(413, lambda _: _refused("Berkas lebih besar dari 5 MB.", 413))
    pages.register_error_handler(Rejected, lambda error: _refused(error.sentence, 400))
    pages.register_error_handler(DatabaseAway, lambda _: _refused("Basis data tidak dapat dihubungi.", 503))
    app.register_blueprint(pages)


class _Desk:
    """The routes, around one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._room = room_of(house)
        self._hosts = _our_hosts(house.settings)
        found = simulator.phones(house.settings)
        self._phones: Mapping[str, Phone] = {one.account: cast(Phone, one) for one in found.values()}

    def guard(self) -> ResponseReturnValue | None:
        """Let in what this machine's own browser asks; for all others there is no simulator."""
        if _came_through_a_proxy() or request.headers.get("Host", "").lower() not in self._hosts:
            abort(404)
        if (request.view_args or {}).get("phone", "sms") not in self._phones:
            abort(404)
        request.max_content_length = FORM_BYTES
        if request.method not in SAFE and not _is_same_origin():
            return _refused("Permintaan ini tidak datang dari halaman simulator.", 403)
        return None

    def page(self) -> ResponseReturnValue:
        """The three phones."""
        return render_template(
            "simulator.html",
            city=self._house.city.name,
            shortcode=self._house.settings.sms_shortcode,
            presets=_presets(self._house.city),
            gsm7="".join(sorted(GSM7)),
            gsm7_double="".join(sorted(char for char in GSM7 if septets(char) == 2)),
        )

    def messages(self, phone: str) -> ResponseReturnValue:
        """What is new for a phone: see `simulator_messages.since`."""
        address = simulator_forms.address_of(phone, request.args)
        after = request.args.get("after", 0, type=int)
        return jsonify(simulator_messages.since(self._house, phone, address, min(max(after, 0), 2**63 - 1)))

    def photo(self, phone: str, reference: str) -> ResponseReturnValue:
        """An uploaded photo; other files are not shown."""
        try:
            kept = self._phones[phone].file(reference)
        except Rejected:
            abort(404)
        if kept.media_type not in PHOTOS:
            abort(404)
        return Response(kept.data, mimetype=kept.media_type)

    def send(self, phone: str) -> ResponseReturnValue:
        """A message of the citizen; answers with its id, by which `resend` finds it."""
        return self._receive(simulator_forms.read(phone, request.form, lambda: self._keep_file(phone)))

    def resend(self, phone: str) -> ResponseReturnValue:
        """The same message again under the same id, as a provider does that saw no answer."""
        address = simulator_forms.address_of(phone, request.form)
        wanted = request.form.get("provider_id", "").replace("\x00", "")
        event = simulator_messages.sent(self._house, phone, address, wanted)
        return self._receive(event) if event else _refused("Pesan itu belum pernah dikirim.", 404)

    def new(self, phone: str) -> ResponseReturnValue:
        """The address of a new person."""
        return jsonify(address=simulator_forms.new_address(phone))

    def _receive(self, event: Inbound) -> ResponseReturnValue:
        if self._room.is_short():
            return _refused("Ruang penyimpanan hampir penuh.", 503)
        became = inbound.receive(self._house, event)
        return jsonify(became=became, provider_id=event.provider_id, reference=event.reference)

    def _keep_file(self, phone: str) -> MediaReference:
        upload = request.files.get("photo")
        if upload is None:
            raise BadForm("Pilih berkas lebih dahulu.")
        return self._phones[phone].keep_file(upload.stream.read(FILE_BYTES + 1))


def _our_hosts(settings: Settings) -> frozenset[str]:
    """What a browser on this machine writes into Host."""
    ports = {settings.port, urlsplit(settings.base_url).port or 80}
    names = ("127.0.0.1", "localhost", "[::1]")
    written = {f"{name}:{port}" for name in names for port in ports}
    return frozenset(written | (set(names) if 80 in ports else set()))


def _came_through_a_proxy() -> bool:
    """Whether somebody forwarded this: then the person may sit anywhere."""
    names = (name.lower() for name in request.headers.keys())
    return any(name == "forwarded" or name.startswith("x-forwarded-") for name in names)


def _is_same_origin() -> bool:
    """Whether a page of ours made the browser send this; a request that does not say is refused.

    Source: https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    ours = f"{request.scheme}://{request.headers.get('Host', '')}".lower()
    return site in (None, "same-origin") and (origin is None or origin.lower() == ours)


def _presets(city: City) -> list[dict[str, Any]]:
    """A few points for the location button, spread over the city."""
    places = [
        place for place in city.places.values() if place.latitude is not None and place.longitude is not None
    ]
    step = max(len(places) // PRESETS, 1)
    return [
        {"name": place.name, "latitude": place.latitude, "longitude": place.longitude}
        for place in places[step // 2 :: step][:PRESETS]
    ]


def _refused(sentence: str, status: int) -> tuple[Response, int]:
    return jsonify(error=sentence), status


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
