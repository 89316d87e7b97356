"""The shipped example for nginx, ready for Debian's nginx in a test: no certificates, other addresses."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.house import ROOT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_WHOLE = """daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {site}
}}
"""


def proxy_command(folder: Path, listen: str, webs: Sequence[str]) -> list[str]:
    """The command of an nginx in the foreground, its configuration checked; it says its errors in nginx.log.

    Args:
        folder: where its files may lie.
        listen: address and port.
        webs: address and port of each web process behind it.
    """
    assert NGINX
    site = (ROOT / "docs/deploy/nginx.conf").read_text()
    site, groups = re.subn(
        r"^ *server 127.0.0.1:1708.*;\n", lambda found: _group(found[0], webs), site, flags=re.M
    )
    assert groups == 2
    site = site.replace("listen 443 ssl", f"listen {listen}")
    site = "\n".join(line for line in site.splitlines() if "ssl_certificate" not in line)
    whole = folder / "nginx.conf"
    whole.write_text(_WHOLE.format(folder=folder, site=site))
    subprocess.run([NGINX, "-t", "-c", str(whole)], check=True, capture_output=True)
    return [NGINX, "-c", str(whole)]


def _group(line: str, webs: Sequence[str]) -> str:
    """The line of a group for each machine; of those where messages wait all but one stand back."""
    others = line.replace(";", " backup;") if "max_fails=0" in line else line
    lines = [line, *[others] * (len(webs) - 1)]
    return "".join(one.replace("127.0.0.1:1708", web) for one, web in zip(lines, webs, strict=True))
