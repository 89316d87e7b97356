"""What is shipped for real machines is whole: the image's files, containers' settings, units, proxies."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.house import ROOT
from tests.proxy import NGINX

DEPLOY = ROOT / "docs/deploy"
UNITS = ("kentongan-web", "kentongan-worker")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def required(program: str | None, package: str) -> str:
    """The program; without it the proof is missing, which on CI is an error."""
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{package} is not installed")
    return str(program)


def copied() -> list[str]:
    """What the Dockerfile takes from this folder."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_image_takes_what_exists_and_all_the_program_needs() -> None:
    assert not [source for source in copied() if not (ROOT / source).exists()]
    program = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()} - {"tests"}
    assert program | {"app.py", "city", "requirements.txt"} <= set(copied())


def test_nothing_but_what_the_image_takes_gets_near_it() -> None:
    assert "*" in IGNORED and "**/.env*" in IGNORED
    assert {line[1:] for line in IGNORED if line.startswith("!")} == set(copied())


def test_the_image_runs_as_nobody_special_and_is_told_to_end() -> None:
    assert re.search(r"^USER 10001", DOCKERFILE, re.M)
    assert 'ENTRYPOINT ["python", "app.py"]' in DOCKERFILE  # no shell, which would keep the signal for itself
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    lists = [source for source in copied() if source.endswith(".txt")]
    assert all("--hash=sha256:" in (ROOT / name).read_text() for name in lists)
    assert "--require-hashes" in DOCKERFILE


def test_every_image_has_an_exact_version() -> None:
    images = re.findall(r"image: (docker\.io/\S+)", COMPOSE) + re.findall(
        r"^ARG BASE=(\S+)", DOCKERFILE, re.M
    )
    assert len(images) == 3
    assert not [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?-", image)]


def test_the_containers_are_given_settings_that_exist_and_no_secret() -> None:
    given = re.findall(r"^    ([A-Z_]+): (.*)$", COMPOSE, re.M)
    assert len(given) == 2
    assert not [name for name, _ in given if name.lower() not in Settings.model_fields]
    passwords = re.findall(r"PASSWORD: (.*)$|kentongan:(.*)@", COMPOSE, re.M)
    assert passwords and all("${DATABASE_PASSWORD:?" in "".join(one) for one in passwords)
    assert "auth-local=scram-sha-256" in COMPOSE and "trust" not in COMPOSE.replace("No trust", "")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    analyze = required(shutil.which("systemd-analyze"), "systemd")
    unit = tmp_path / f"{name}.service"
    here = (DEPLOY / unit.name).read_text().replace("/opt/kentongan/.venv/bin/python", sys.executable)
    unit.write_text(here)
    told = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (told.returncode, [line for line in told.stderr.splitlines() if name in line]) == (0, [])


def test_nginx_takes_the_site_of_the_containers(tmp_path: Path) -> None:
    nginx = required(NGINX, "nginx")
    site = (DEPLOY / "nginx-compose.conf").read_text()
    assert "server web:1708 resolve;" in site  # nginx 1.27.3 and newer; Debian's is older
    site = (
        re.sub(r"^ *resolver .*\n", "", site, flags=re.M)
        .replace("web:", "127.0.0.1:")
        .replace(" resolve;", ";")
    )
    site = "\n".join(line for line in site.replace("443 ssl", "443").splitlines() if "ssl_cert" not in line)
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}")
    told = subprocess.run([nginx, "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_both_sites_treat_requests_alike() -> None:
    def rules(name: str) -> str:
        inside = (DEPLOY / name).read_text().partition("server {")[2]
        words = re.sub(r"#.*|ssl_certificate\S* \S+", "", inside)
        return " ".join(words.split())

    assert rules("nginx.conf") == rules("nginx-compose.conf")
