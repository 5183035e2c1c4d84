"""An address made fit to be asked for: one host, one port, spelled so that every library reads the same."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

import httpx

from monitor import urls
from monitor.errors import Refused
from monitor.fetch.guard import Guard

_PATH = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask, and what to show of it."""

    url: httpx.URL  # without credentials and fragment
    host: str  # with its port where that is not the default
    origin: str  # scheme, host, port: what robots.txt and credentials are bound to
    credentials: tuple[str, str] | None
    path_asked: str  # path and query

    @property
    def spelled(self) -> str:
        """The address as text, without credentials."""
        return str(self.url)


def address(url: str, guard: Guard, *, least_port: int) -> Address:
    """Return the address of url.

    Raises:
        Refused: it is no http(s) address, its port is closed to us, or libraries disagree about its host.
    """
    try:
        host = urls.host(url)
        parts = urlsplit(url.strip().replace("\t", "").replace("\n", "").replace("\r", ""))
    except ValueError as error:
        raise Refused(f"not an address that can be asked for: {error}: {urls.masked(url)}") from error
    name, _, port_shown = host.rpartition(":") if _has_port(host) else (host, "", "")
    scheme = parts.scheme.lower() or "https"
    if not port_shown and scheme == "https" and guard.maps(name):
        scheme = "http"
    port = int(port_shown) if port_shown else (443 if scheme == "https" else 80)
    if port not in (80, 443) and port < least_port and not guard.allows_private(name.strip("[]"), port):
        raise Refused(f"port {port} of {name} is closed to us: only 80, 443, {least_port} and up")
    path = quote(parts.path.replace("\\", "/"), safe=_PATH) or "/"
    asked = path + (f"?{quote(parts.query, safe=_PATH + '?[]')}" if parts.query else "")
    try:
        spelled = httpx.URL(f"{scheme}://{host}{asked}")
        read_as = spelled.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError) as error:  # ValueError: idna's errors are UnicodeErrors
        raise Refused(f"not an address that can be asked for: {urls.masked(url)}") from error
    if read_as != name.strip("[]"):
        raise Refused(f"an address whose host can be read in two ways: {urls.masked(url)}")
    credentials = None
    if parts.username is not None:
        credentials = (unquote(parts.username), unquote(parts.password or ""))
    return Address(spelled, host, f"{scheme}://{name}:{port}", credentials, asked)


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
