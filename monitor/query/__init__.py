"""Asking the archive: the query language, search, and what `why`, `links` and `alerts` show. Reads only.

language.py   a query to a tree; its mistakes
matching.py   the tree against one article in memory (rules)
search.py     the tree against the database (FTS5 or tsvector)
console.py    SQL of a person's own; statement.py what it may be, asked.py the process that runs it
telling.py    the story of one URL, the links of the archive
"""
