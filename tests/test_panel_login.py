import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

import panel
from bot.house import House
from storage.models import staff
from tests.panel_house import PASSWORD, client_of, house_on, log_in, panel_app, token

OFFICER = "dinkes@kota.test"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir, admin_email="Admin@Kentongan.local") as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
    return panel_app(house)


def without_token(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def session_cookie(answer: TestResponse) -> str:
    """What sets the session's cookie, and not the one by which a browser is known."""
    return next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("kentongan="))


def test_the_right_password_opens_the_list(app: Flask) -> None:
    client = app.test_client()
    answer = log_in(client, " Dinkes@Kota.Test ")
    assert (answer.status_code, answer.location) == (302, "/panel/")
    assert OFFICER in client.get("/panel/").text


def test_the_cookie_is_kept_from_scripts_and_strangers_and_ends_after_30_idle_minutes(app: Flask) -> None:
    cookie = session_cookie(log_in(app.test_client(), OFFICER))
    ends = parsedate_to_datetime(re.search("Expires=([^;]+)", cookie)[1])  # type: ignore[index]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert abs(ends - datetime.now(UTC) - timedelta(minutes=30)) < timedelta(seconds=30)


def test_on_https_the_cookie_is_secure_and_the_browser_is_held_to_https(
    city_database: str, data_dir: Path
) -> None:
    with house_on(city_database, data_dir, public_url="https://lapor.kota.test") as house:
        panel.add_staff(house, OFFICER, "officer", "DINKES", PASSWORD)
        client = panel_app(house).test_client()
        site = {
            "base_url": "https://lapor.kota.test",
            "headers": {"Referer": "https://lapor.kota.test/panel/login"},
        }
        page = client.get("/panel/login", **site)
        form_token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"email": OFFICER, "password": PASSWORD, "csrf_token": form_token}
        answer = client.post("/panel/login", data=form, **site)
    assert answer.status_code == 302
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-kentongan")
        assert "Secure" in cookie and "HttpOnly" in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app: Flask) -> None:
    wrong = log_in(app.test_client(), OFFICER, "salah-sekali")
    unknown = log_in(app.test_client(), "bukan@kota.test", "salah-sekali")
    empty = log_in(app.test_client(), "tanpa-at", "")
    assert wrong.status_code == unknown.status_code == empty.status_code == 200
    assert "Alamat email atau kata sandi salah." in wrong.text
    page = without_token(wrong.text)
    assert page.replace(OFFICER, "X") == without_token(unknown.text).replace("bukan@kota.test", "X")
    assert page.replace(OFFICER, "X") == without_token(empty.text).replace("tanpa-at", "X")


def test_who_is_not_logged_in_comes_back_to_the_page_after_login(app: Flask) -> None:
    client = app.test_client()
    sent = client.get("/panel/?queue=waiting&q=lampu")
    assert sent.status_code == 302
    assert sent.location.startswith("/panel/login?next=")
    page = client.get(sent.location).text
    kept = re.search('name="next" value="([^"]+)"', page)
    assert kept is not None
    answer = log_in(client, OFFICER, after=kept[1].replace("&amp;", "&"))
    assert answer.location == "/panel/?queue=waiting&q=lampu"


def stays_here(location: str | None) -> bool:
    """No redirect, or one within the site, as a browser reads it (a backslash is a slash)."""
    target = urljoin("http://localhost/panel/login", (location or "").replace("\\", "/"))
    return urlsplit(target)[:2] == ("http", "localhost")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://jahat.test/",
        "//jahat.test",
        "/\\jahat.test",
        "\\\\jahat.test",
        "///jahat.test",
        "javascript:alert(1)",
    ],
)
def test_login_leads_to_no_other_site(app: Flask, elsewhere: str) -> None:
    client = app.test_client()
    link = client.get("/panel/login", query_string={"next": elsewhere}).text
    assert 'name="next" value=""' in link  # who follows such a link logs in and lands on the list
    assert stays_here(log_in(client, OFFICER, after=elsewhere).location)
    client = app.test_client()
    form = {"email": OFFICER, "password": PASSWORD, "csrf_token": token(client, "/panel/login")}
    forged = client.post("/panel/login", query_string={"next": elsewhere}, data=form)
    assert stays_here(forged.location)


def test_the_session_is_a_new_one_after_login(app: Flask) -> None:
    client = app.test_client()
    before = token(client, "/panel/login")
    log_in(client, OFFICER)
    refused = client.post("/panel/logout", data={"csrf_token": before})
    assert refused.status_code == 400
    assert client.get("/panel/").status_code == 200


def test_a_cookie_copied_before_logout_opens_nothing_afterwards(app: Flask) -> None:
    client = app.test_client()
    log_in(client, OFFICER)
    copied = client.get_cookie("kentongan")
    assert copied is not None
    out = client.post("/panel/logout", data={"csrf_token": token(client, "/panel/")})
    assert (out.status_code, out.location) == (302, "/panel/login")
    thief = app.test_client()
    thief.set_cookie("kentongan", copied.value)
    assert thief.get("/panel/").status_code == 302


def test_a_new_password_or_a_closed_account_ends_the_session(app: Flask, house: House) -> None:
    client = client_of(app, OFFICER)
    panel.add_staff(house, OFFICER, "officer", "DINKES", "kata-sandi-baru")
    assert client.get("/panel/").status_code == 302
    assert log_in(client, OFFICER, PASSWORD).status_code == 200
    assert log_in(client, OFFICER, "kata-sandi-baru").status_code == 302
    with house.database.transaction() as tx:
        tx.execute(update(staff).values(active=False))
    assert client.get("/panel/").status_code == 302
    assert log_in(app.test_client(), OFFICER, "kata-sandi-baru").status_code == 200


def test_a_made_password_works_once_it_is_told(app: Flask, house: House) -> None:
    made = panel.add_staff(house, "Baru@Kota.Local", "coordinator", None, None)
    assert len(made) >= 12
    assert log_in(app.test_client(), "baru@kota.local", made).status_code == 302


def test_letters_that_look_the_same_are_the_same_password(app: Flask, house: House) -> None:
    panel.add_staff(house, OFFICER, "officer", "DINKES", "caf\u00e9-\uff11\uff12\uff13")
    assert log_in(app.test_client(), OFFICER, "cafe\u0301-123").status_code == 302


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("tanpa-at", "officer", "DINKES"), "tidak sah"),
        (("a@b", "raja", ""), "Peran 'raja' tidak dikenal"),
        (("a@b", "officer", ""), "memerlukan instansi"),
        (("a@b", "officer", "TIDAKADA"), "Instansi dengan kode TIDAKADA tidak ada"),
    ],
)
def test_staff_that_cannot_be_added_are_refused_in_a_sentence(
    house: House, given: tuple[str, str, str], says: str
) -> None:
    with pytest.raises(panel.BadStaff, match=says):
        panel.add_staff(house, *given, PASSWORD)


def test_in_public_a_short_password_is_refused(city_database: str, data_dir: Path) -> None:
    with house_on(city_database, data_dir, public_url="https://lapor.kota.test") as house:
        with pytest.raises(panel.BadStaff, match="8 karakter"):
            panel.add_staff(house, OFFICER, "officer", "DINKES", "pendek1")


def test_the_first_administrator_is_made_once(house: House) -> None:
    made = panel.first_administrator(house)
    assert made is not None
    assert panel.first_administrator(house) is None
    client = panel_app(house).test_client()
    assert log_in(client, "admin@kentongan.local", made).status_code == 302
    assert client.get("/panel/").status_code == 200


def test_a_given_first_password_is_not_told_again(city_database: str, data_dir: Path) -> None:
    with house_on(city_database, data_dir, admin_password=PASSWORD) as house:
        assert panel.first_administrator(house) is None
        assert log_in(panel_app(house).test_client(), house.settings.admin_email).status_code == 302


def test_with_any_staff_no_administrator_is_made(app: Flask, house: House) -> None:
    assert panel.first_administrator(house) is None
    assert log_in(app.test_client(), house.settings.admin_email).status_code == 200
