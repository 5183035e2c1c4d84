"""Asking the archive: the query language, search, and what `why`, `links` and `alerts` show. Reads only.

language.py   a query to a tree; its mistakes
matching.py   the tree against one article in memory (rules)
search.py     the tree against the database (FTS5 or tsvector)
telling.py    the story of one URL, the links of the archive
"""
