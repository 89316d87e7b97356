"""What the proofs of passkeys share: a public panel's pages, asked and answered as a browser does."""

import html
import json
import re
from typing import Any

from flask.testing import FlaskClient

from tests.panel_house import token
from tests.soft_passkey import SoftPasskey

NAME, SITE = "lapor.kota.test", "https://lapor.kota.test"
NEW, IN, OLD, MINE = "/panel/wan-register", "/panel/wan-signin", "/panel/wan-delete", "/panel/account"


def post(client: FlaskClient, page: str, **fields: str) -> Any:
    """Send a form; its token is that of a page the browser may see."""
    on = MINE if client.get(MINE).status_code == 200 else IN
    return client.post(page, data={"csrf_token": token(client, on), **fields})


def asked(answer: Any) -> tuple[str, dict[str, Any]]:
    """Where the browser sends its answer, and what it was asked."""
    assert answer.status_code == 200, answer.location
    action = re.search(r'action="(/panel/wan-[^"]+/[^"]+)"', answer.text)
    options = re.search(r'data-options="([^"]+)"', answer.text)
    assert action and options, answer.text
    return action[1], json.loads(html.unescape(options[1]))


def register(client: FlaskClient, name: str = "Ponsel kantor", **device: Any) -> SoftPasskey:
    """Register a device; the browser is logged in."""
    made = SoftPasskey(**{"origin": SITE, "site": NAME, **device})
    page, options = asked(post(client, NEW, name=name))
    post(client, page, credential=made.make(options))
    return made


def sign_in(client: FlaskClient, device: SoftPasskey, **fields: str) -> Any:
    page, options = asked(post(client, IN))
    return post(client, page, credential=device.sign(options), **fields)
