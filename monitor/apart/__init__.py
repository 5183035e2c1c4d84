"""Cleaning in child processes, so that a page which hangs, crashes or fills the memory harms itself alone.

    with Cleaners(Bounds()) as cleaners:
        article = cleaners.clean(page, listed, source)   # raises what monitor.clean.clean raises, and CleaningFailed

A cleaner is started when it is needed, takes one page at a time and lives on for the next. It is given up with the page
that it does not get through with. This bounds our own faults; it is no sandbox.
"""

from monitor.apart.pool import Bounds, Cleaners

__all__ = ["Bounds", "Cleaners"]
