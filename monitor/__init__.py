"""Straitwatch: the news on US-China defence, found, cleaned, judged, kept and told.

Start reading at `monitor.pipeline`: it tells the whole story in four functions.
"""

from importlib.metadata import version as _version

__version__ = _version("straitwatch")
