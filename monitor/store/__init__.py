"""The database: tables, writing, and what must be read in order to write well. SQLAlchemy's place.

database.py      open, reading(), writing(): one short transaction each
tables/          the rows; types.py their column types; convert.py values to rows and back
faults.py        the libraries' errors in our words
schema.py        made and migrated (Alembic); views.py views for people; describe.py docs/schema.md
places.py        its address, and disks it should not lie on; standing.py whether it may be worked in
tidying.py       what a database puts off; copies.py backup, restore, vacuum; retention.py less of what is old
feeds.py rounds.py entries.py articles.py learnt.py outbox.py   what each of these owes and answers
search_index.py  our tokens in the database's own index; facets.py authors, sections and linked hosts, to narrow by
"""
