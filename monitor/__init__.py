"""Straitwatch: the news on US-China defence, found, cleaned, judged, kept and told.

Start reading at `monitor.pipeline`: it tells the whole story in four functions.
"""

__version__ = "0.1.0"  # as in pyproject.toml, which a test compares; asking the installed package costs 0.1 s
