"""The page on security names a proof for every attack, and every proof exists."""

import re

from tests.house import ROOT

PAGE = ROOT / "docs" / "security.md"


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| (S\d+) \|(.*)\|$", PAGE.read_text(), re.M))


def test_every_attack_has_a_row_with_a_proof() -> None:
    assert list(rows()) == [f"S{n}" for n in range(1, 19)]
    without = [attack for attack, row in rows().items() if "`tests/" not in row]
    assert without == []


def test_every_named_proof_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE.read_text())
    assert len(named) > 25
    for file, test in named:
        assert (ROOT / file).exists(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(), (file, test)
