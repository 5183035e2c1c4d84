"""The network library's errors, translated once. What a person reads names the host, never a secret."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from monitor.errors import Refused, SiteDown


class Broken(SiteDown):
    """A failure that came at once, so that one more try in the same call is cheap."""


@contextmanager
def translated(host: str, *, connect_seconds: float, silence_seconds: float) -> Iterator[None]:
    """Turn whatever httpx raises within into SiteDown, or Refused where we ourselves asked wrongly."""
    try:
        yield
    except httpx.ConnectTimeout as error:
        raise SiteDown(f"{host}: no connection within {connect_seconds:g} s", reached=False) from error
    except httpx.PoolTimeout as error:
        raise SiteDown(f"{host}: all our connections were busy", reached=None) from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise SiteDown(f"{host}: no byte for {silence_seconds:g} s", reached=False) from error
    except httpx.ConnectError as error:
        raise _no_connection(host, error) from error
    except httpx.RemoteProtocolError as error:
        raise _not_http(host, str(error)) from error
    except (
        httpx.LocalProtocolError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    ) as error:
        raise Refused(f"{host}: the address cannot be asked for: {_short(error)}") from error
    except (httpx.NetworkError, OSError) as error:
        raise Broken(f"{host}: connection broken off: {_short(error)}", reached=False) from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise SiteDown(f"{host}: {_short(error)}") from error
    except UnicodeError as error:  # idna and header bytes, which escape httpx's own tree
        raise Refused(f"{host}: the address cannot be asked for: {_short(error)}") from error


def _no_connection(host: str, error: BaseException) -> SiteDown:
    certificate = _cause(error, ssl.SSLCertVerificationError)
    if isinstance(certificate, ssl.SSLCertVerificationError):
        # Not reached: who answers for all hosts with a certificate of his own is a gate, not these hosts.
        return SiteDown(
            f"{host}: certificate not accepted: {certificate.verify_message or certificate.reason}",
            reached=False,
        )
    if _cause(error, ssl.SSLError):
        return SiteDown(f"{host}: no TLS connection: {_short(error)}", reached=False)
    return Broken(f"{host}: no connection: {_short(error)}", reached=False)


def _not_http(host: str, words: str) -> SiteDown:
    if "disconnected without" in words:
        return Broken(f"{host}: closed the connection without an answer", reached=False)
    if "peer closed connection" in words:
        return SiteDown(f"{host}: body incomplete: {words[:200]}")
    return SiteDown(f"{host}: not valid HTTP: {words[:200]}")


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    for _ in range(10):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
