"""Which addresses may be connected to: public ones, and those that the settings name.

Checked after resolving and at the connection, never on the spelling of a name: `127.1`, `0x7f.1` and a name
whose second answer is private look harmless as text.
"""

import ipaddress
import socket
from collections.abc import Mapping

import httpcore

from monitor.errors import Refused

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA special-purpose registries (RFC 6890 and later entries). The standard library's is_private and is_global
# of Python 3.11 miss 19 of the 49 addresses that we must refuse, so the list is ours.
_CLOSED_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT, RFC 6598
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; 169.254.169.254 hands out cloud credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
]
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")  # the only global unicast space; the rest is refused unseen
_CLOSED_V6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4 wraps an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation, RFC 9637
    )
]


def is_public(address: str) -> bool:
    """Say whether an IP address, spelled in the standard way, is one of the public internet."""
    try:
        parsed: _Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _CLOSED_V4)
    return parsed in _OPEN_V6 and not any(parsed in network for network in _CLOSED_V6)


class Guard:
    """Names to addresses that may be connected to.

    `resolve` maps a host to the "address:port" to connect to instead; `allow_private` names hosts, with or
    without port, whose private addresses are meant.
    """

    def __init__(self, resolve: Mapping[str, str], allow_private: frozenset[str]) -> None:
        self._resolve = {name.lower(): _end(end) for name, end in resolve.items()}
        self._allowed = frozenset(name.lower() for name in allow_private)

    def maps(self, host: str) -> bool:
        """Say whether the settings map host to an address of their own."""
        return host.lower() in self._resolve

    def allows_private(self, host: str, port: int) -> bool:
        """Say whether the settings name host as one that may be private."""
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        return bool(self._allowed & {host, shown, f"{shown}:{port}"})

    def ends(self, host: str, port: int) -> list[tuple[str, int]]:
        """Return the addresses and ports to connect to for host, all of them checked.

        Raises:
            Refused: one of the addresses is not public.
            httpcore.ConnectError: the name has no address.
        """
        host = host.lower().rstrip(".")
        if port in (80, 443) and host in self._resolve:
            return [self._resolve[host]]
        addresses = _look_up(host, port)
        if not self.allows_private(host, port):
            for address in addresses:
                if not is_public(address):
                    raise Refused(f"{host} -> {address}: not a public address")
        return [(address, port) for address in addresses]


def _end(spelled: str) -> tuple[str, int]:
    address, _, port = spelled.rpartition(":")
    return address.strip("[]"), int(port)


def _look_up(host: str, port: int) -> list[str]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise httpcore.ConnectError(f"there is no host of the name {host}") from error
        raise httpcore.ConnectError(f"the name {host} cannot be looked up now") from error
    except (UnicodeError, OSError) as error:
        raise httpcore.ConnectError(f"the name {host} cannot be looked up") from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))
