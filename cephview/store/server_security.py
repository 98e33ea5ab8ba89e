"""How a connection to a PostgreSQL server is kept from others who use the way to it.

Beyond this computer it is encrypted and the server must prove its name, unless the address or the
environment says otherwise, and then that is told.
"""

import ipaddress
import os
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL

VERIFIED = "verify-full"

_WEAKER = {
    "disable": "is not encrypted",
    "allow": "may not be encrypted",
    "prefer": "may not be encrypted",
    "require": "is encrypted, but nothing proves that it is that server",
    "verify-ca": "is encrypted, but the name of the server is not checked",
}


def security_of(
    url: URL, environment: Mapping[str, str] = os.environ
) -> tuple[dict[str, Any], str]:
    """Return what to connect to a PostgreSQL server with, and a sentence where it is not safe.

    environment: that of the process; libpq, which connects, reads the same variables.
    """
    if all(map(is_here, _hosts(url, environment))):
        return {}, ""
    mode = _option(url, "sslmode") or environment.get("PGSSLMODE", "")
    arguments = {} if mode else {"sslmode": VERIFIED}
    if (
        (mode or VERIFIED) in (VERIFIED, "verify-ca")
        and not _option(url, "sslrootcert")
        and not environment.get("PGSSLROOTCERT")
        and not _own_roots(environment).exists()
    ):
        arguments["sslrootcert"] = _system_roots()
    weak = _WEAKER.get(mode, "")
    if not weak:
        return arguments, ""
    place = ", ".join(host for host in _hosts(url, environment) if not is_here(host))
    return arguments, (
        f"The connection to {place} {weak} (sslmode={mode}): others on the way could read "
        f"patients' data. Leave sslmode out, or write sslmode={VERIFIED}."
    )


def is_here(host: str) -> bool:
    """Whether a host, as libpq takes one, is this computer: a socket's folder, or its own name."""
    name = host.strip().lower().rstrip(".")
    if not name or name.startswith(("/", "@")) or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.endswith(".localhost")


def _hosts(url: URL, environment: Mapping[str, str]) -> list[str]:
    """Return every host that libpq may connect to; none is named by "" where it is this computer.

    A service stands for what its file says, which is taken for another computer.
    """
    named = url.host or _option(url, "host") or environment.get("PGHOST", "")
    addresses = _option(url, "hostaddr") or environment.get("PGHOSTADDR", "")
    found = [one.strip().split(":")[0] if one.count(":") == 1 else one.strip()
             for one in f"{named},{addresses}".split(",")]  # fmt: skip
    if not url.host and (_option(url, "service") or environment.get("PGSERVICE")):
        found.append("the server of that service")
    return [one for one in found if one] or [""]


def _option(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    return value if isinstance(value, str) else ",".join(value)


def _own_roots(environment: Mapping[str, str]) -> Path:
    """Return where libpq looks for the certificates of authorities that a user trusts."""
    if sys.platform == "win32":
        return Path(environment.get("APPDATA", ""), "postgresql", "root.crt")
    return Path(environment.get("HOME", ""), ".postgresql", "root.crt")


def _system_roots() -> str:
    """Return the file of this system's authorities; "system" is what libpq was built to look in."""
    return ssl.get_default_verify_paths().cafile or "system"
