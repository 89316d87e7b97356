"""The product with CITY=city/banjarmasin, as a city would use it: from empty tables to a report on a desk."""

import re
from pathlib import Path

import pytest

from tests.house import ROOT
from tests.installation import Installation
from tests.running import running

BANJARMASIN = ROOT / "city" / "banjarmasin"
# Monday 23.30 in Semarang, Tuesday half past midnight in Banjarmasin: five working days are Tuesday's.
NIGHT = "2026-11-23T16:30:00+00:00"
DUE = "Sel, 1 Des 2026"


@pytest.fixture
def here(empty_database: str, data_dir: Path) -> Installation:
    settings = {"DATABASE_URL": empty_database, "CITY": str(BANJARMASIN), "KENTONGAN_TEST_CLOCK": NIGHT}
    installation = Installation(data_dir, settings)
    installation.ok("migrate")
    return installation


@pytest.mark.parametrize(
    ("story", "office", "place_code"),
    [
        ("bjm lampu jalan pajah sudah saminggu di Kelurahan Sungai Miai", "DISHUB", "63.71.04.1005"),
        ("jalan balubang ganal di muka RSUD Ulin", "DPUPR", "63.71.05.1010/l1"),
        ("ratik batumpuk kada diangkut di Kelayan Timur", "DLH", "63.71.01.1008"),
        ("lurah kada ada di kantor, maulah surat kada tuntung, di Kel. Mawar", "KEL-MAWAR", "63.71.05.1003"),
    ],
)
def test_an_sms_in_banjarmasin_is_on_the_right_desk_at_once(
    here: Installation, story: str, office: str, place_code: str
) -> None:
    said = here.ok("talk", "--channel", "sms", typed=f"{story}\n")
    (filed,) = here.tickets()
    assert (filed["office"], filed["place_code"], filed["status"]) == (office, place_code, "received")
    assert filed["number"] in said and DUE in said, "the day is counted in Banjarmasin's zone"
    assert "Semarang" not in said


def test_a_chat_in_banjarmasin_goes_from_the_story_to_the_report(here: Installation) -> None:
    said = here.ok("talk", "--channel", "telegram", typed="banyu leding kada jalan\nKuin Utara\n1\n")
    (filed,) = here.tickets()
    assert (filed["office"], filed["place_code"]) == ("PAM", "63.71.04.1009")
    assert "PAM Bandarmasih" in said and DUE in said


def test_the_product_starts_with_banjarmasin(data_dir: Path) -> None:
    with running(data_dir, CITY=str(BANJARMASIN)) as product:
        assert "Kota Banjarmasin" in product.said.read_text()
        here = Installation(data_dir, {"CITY": str(BANJARMASIN), "DATA_KEYS": ""})
        here.ok("talk", "--channel", "sms", typed="kabakaran kacil di Pasar Sudimampir, sudah pajah\n")
        (filed,) = here.tickets()
        assert filed["office"] == "DAMKAR"
        assert here.ok("city", "load", str(BANJARMASIN)) == "Nothing to change.\n"
    assert not re.search("Traceback|ERROR", (data_dir / "said.txt").read_text())
