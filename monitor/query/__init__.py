"""Asking the archive: the query language, search, and what `why`, `links` and `alerts` show. Reads only.

language.py   a query to a tree; its mistakes. pieces.py cuts it, fields.py reads values, tree.py is what comes out
terms.py      ~ and term:, from the vocabulary; inflections.py stem:; patterns.py exact spellings and names
matching.py   the tree against one article in memory (rules)
indexed.py    the tree's words as FTS5 and tsvector want them; compiling.py all of it as a condition of SQL
known.py      a query beside the archive: saved searches, sources; naming.py whether a query's sources are known
leading.py    which articles may meet its fields, where few may
finding.py    the newest articles that meet it, how many, how many a day; ranking.py which of them say most
search.py     hits, copies folded, in either order; explaining.py why there are none
spotting.py   where the words stand in a text; snippet.py the sentence that is shown
console.py    SQL of a person's own; statement.py what it may be, asked.py the process that runs it
telling.py    the story of one URL, the links of the archive
"""
