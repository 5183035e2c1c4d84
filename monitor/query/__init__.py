"""Asking the archive: the query language, search, and what `why`, `links` and `alerts` show. Reads only.

language.py   a query to a tree; its mistakes
matching.py   the tree against one article in memory (rules)
compiling.py  the tree as a condition of SQL (FTS5 or tsvector)
search.py     the condition run: counts, hits
telling.py    the story of one URL, the links of the archive
"""
