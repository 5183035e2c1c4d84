"""Fetching: a URL to a Page, politely and guarded. The only place for httpx and Protego.

limits    every bound, each a setting
fetcher   the way of one request: address, robots.txt, the host's turn, redirects
manners   one request at a time per host, a gap, Retry-After
robots    robots.txt by RFC 9309
guard     which addresses may be connected to
wire      the connection: through the guard, never longer than the request may take
body      reading and decoding within bounds
faults    the library's errors, translated once
"""

from monitor.fetch.fetcher import Fetcher
from monitor.fetch.limits import MB, FetchKind, FetchLimits, SizeLimit
from monitor.fetch.manners import retry_after

__all__ = ["MB", "FetchKind", "FetchLimits", "Fetcher", "SizeLimit", "retry_after"]
