"""What is stored, carried out: one module a format. `articles.py` is the story, `files.py` where it goes.

warcs.py         raw pages as a WARC file
rows.py          CSV and JSON Lines
parquet.py       Parquet; the only place for pyarrow
feeds.py         Atom and RSS; markup.py what XML allows
digest.py        Markdown for people
pack.py          the evidence pack; zipped.py its ZIP file, verifying.py checks one

Writers take articles as values and know neither the database nor where the bytes go.
"""
