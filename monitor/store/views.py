"""Views for people who write SQL: the tables joined as they are asked most, the same columns on both databases.

They hold no data. Every migration drops them first and makes them anew after its last step, so that none of them
stands in the way of a table that changes; whoever changes one here adds a step to `migrations/`, be it empty.
"""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import text as sql


@dataclass(frozen=True, slots=True)
class View:
    """A view, its columns with what they hold in the order in which they stand, and its query.

    The query is SQL that both databases read but for {names in braces}, of which _WORDS tells both spellings.
    """

    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    query: str


_WORDS = {
    "sqlite": {
        # the stored text itself, so that an index on it is still of use beside it
        "article_day": "substr(coalesce(a.published, a.first_seen), 1, 10)",
        "entry_day": "substr(e.first_seen, 1, 10)",
        "shown": "a.shown",
        "authors": "(SELECT group_concat(value, '; ') FROM (SELECT value FROM json_each(a.authors) ORDER BY key))",
        "labels": "(SELECT group_concat(value, '; ') FROM (SELECT value FROM json_each(a.labels) ORDER BY key))",
    },
    "postgresql": {
        "article_day": "to_char(coalesce(a.published, a.first_seen) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        "entry_day": "to_char(e.first_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        "shown": "CAST(a.shown AS integer)",
        "authors": "(SELECT string_agg(n.name, '; ' ORDER BY n.place)"
        " FROM jsonb_array_elements_text(a.authors) WITH ORDINALITY AS n(name, place))",
        "labels": "(SELECT string_agg(n.name, '; ' ORDER BY n.place)"
        " FROM jsonb_array_elements_text(a.labels) WITH ORDINALITY AS n(name, place))",
    },
}

_ARTICLES = View(
    "v_articles",
    "articles with their outlet, as a person thinks of them",
    (
        ("id", "articles.id, in order of indexing"),
        ("url", "canonical URL"),
        ("title", "headline without the outlet's name"),
        ("text", "one line per block"),
        ("words", "words; each Chinese character counts as one"),
        ("language", "en, zh-Hans, zh-Hant, ...; empty when unknown"),
        ("day", "UTC day of published, or of first_seen where no time is printed: YYYY-MM-DD"),
        ("published", "printed time (UTC); null when none is printed"),
        (
            "published_quality",
            "how good that time is: page, feed, url, date-only, assumed-zone, ahead, missing",
        ),
        ("first_seen", "when a listing first showed it (UTC)"),
        ("indexed_at", "when it was stored or revised (UTC)"),
        ("source", "sources.id"),
        ("source_name", "the outlet's name"),
        ("side", "us, prc, tw, ally, other"),
        ("source_kind", "official, state media, wire, trade, press, think tank"),
        ("source_tier", "1 speaks for itself ... 4 repeats others"),
        ("section", "the outlet's section"),
        ("authors", "names, parted by '; '; empty when unknown"),
        ("wire", "the agency credited; empty when none is"),
        ("relevance", "core, relevant, peripheral"),
        ("points", "relevance points"),
        ("labels", "what a reader must know (teaser, text from feed, ...), parted by '; '"),
        ("revision", "1, and one more for each edit seen"),
        ("copies_of", "articles.id that began this group of copies; null = none"),
        ("shown", "1 for the best of its group of copies, else 0"),
    ),
    """
    SELECT a.id, a.url, a.title, a.text, a.words, a.language, {article_day} AS day,
           a.published, a.published_quality, a.first_seen, a.indexed_at,
           a.source, s.name AS source_name, s.side, s.kind AS source_kind, s.tier AS source_tier,
           a.section, coalesce({authors}, '') AS authors, a.wire,
           a.tier AS relevance, a.points, coalesce({labels}, '') AS labels,
           a.revision, a.copies_of, {shown} AS shown
      FROM articles a JOIN sources s ON s.id = a.source
    """,
)

_LINKS = View(
    "v_links",
    "links of articles, with both ends",
    (
        ("kind", "read-also, related, in-text, source"),
        ("article", "articles.id that links"),
        ("article_url", "its canonical URL"),
        ("article_title", "its headline"),
        ("source", "its sources.id"),
        ("side", "its outlet's side: us, prc, tw, ally, other"),
        ("day", "its day, see v_articles.day"),
        ("position", "index of the block that the link stands before or in"),
        ("url", "canonical URL that is linked; null when the page gave a title only"),
        ("title", "anchor text"),
        ("target", "articles.id of what is linked; null while that is not stored"),
        ("target_title", "its headline; null while it is not stored"),
        ("target_source", "its sources.id; null while it is not stored"),
    ),
    """
    SELECT l.kind, l.article, a.url AS article_url, a.title AS article_title, a.source, s.side,
           {article_day} AS day, l.position, l.url, l.title, l.target,
           t.title AS target_title, t.source AS target_source
      FROM links l
      JOIN articles a ON a.id = l.article
      JOIN sources s ON s.id = a.source
      LEFT JOIN articles t ON t.id = l.target
    """,
)

_MENTIONS_DAILY = View(
    "v_mentions_daily",
    "how often each term of the vocabulary is mentioned: a row per day, term and source",
    (
        ("day", "see v_articles.day"),
        ("term", "id in the vocabulary"),
        ("source", "sources.id"),
        ("side", "us, prc, tw, ally, other"),
        ("articles", "articles that mention it, copies included"),
        ("shown", "of these, the best of their groups of copies: sum this to count a text once"),
        ("in_titles", "hits in titles"),
        ("in_texts", "hits in texts"),
        ("points", "points given"),
    ),
    """
    SELECT {article_day} AS day, m.term, a.source, s.side, count(*) AS articles,
           CAST(sum({shown}) AS bigint) AS shown, CAST(sum(m.in_title) AS bigint) AS in_titles,
           CAST(sum(m.in_body) AS bigint) AS in_texts, CAST(sum(m.points) AS bigint) AS points
      FROM mentions m
      JOIN articles a ON a.id = m.article
      JOIN sources s ON s.id = a.source
     GROUP BY 1, 2, 3, 4
    """,
)

_SOURCE_DAILY = View(
    "v_source_daily",
    "what each source listed and what became of it: a row per day of first sight and source",
    (
        ("day", "UTC day on which a listing first showed the addresses: YYYY-MM-DD"),
        ("source", "sources.id"),
        ("side", "us, prc, tw, ally, other"),
        ("found", "addresses never seen before; the outcomes below add up to it"),
        ("stored", "of these, articles by now"),
        ("copy", "of these, the text of an article that was stored before; stored as well"),
        ("duplicate", "of these, an article's further address; not stored again"),
        ("off_topic", "of these, not about the topic"),
        ("refused", "of these, a rule of ours or of the site said no"),
        ("unreadable", "of these, pages that hold no article"),
        ("gone", "of these, pages that are not there any more"),
        ("pending", "of these, still owed an answer"),
    ),
    """
    SELECT {entry_day} AS day, e.source, s.side, count(*) AS found,
           count(CASE e.outcome WHEN 'stored' THEN 1 END) AS stored,
           count(CASE e.outcome WHEN 'copy' THEN 1 END) AS copy,
           count(CASE e.outcome WHEN 'duplicate' THEN 1 END) AS duplicate,
           count(CASE e.outcome WHEN 'off-topic' THEN 1 END) AS off_topic,
           count(CASE e.outcome WHEN 'refused' THEN 1 END) AS refused,
           count(CASE e.outcome WHEN 'unreadable' THEN 1 END) AS unreadable,
           count(CASE e.outcome WHEN 'gone' THEN 1 END) AS gone,
           count(CASE e.outcome WHEN 'pending' THEN 1 END) AS pending
      FROM entries e JOIN sources s ON s.id = e.source
     GROUP BY 1, 2, 3
    """,
)

VIEWS = (_ARTICLES, _LINKS, _MENTIONS_DAILY, _SOURCE_DAILY)


def drop(connection: Connection) -> None:
    """Take the views away, in a database of any age."""
    for view in VIEWS:
        connection.execute(sql(f"DROP VIEW IF EXISTS {view.name}"))


def make(connection: Connection) -> None:
    """Make the views; the tables must be those of this program."""
    dialect = connection.dialect.name
    for view in VIEWS:
        query = " ".join(view.query.format(**_WORDS[dialect]).split())
        connection.exec_driver_sql(f"CREATE VIEW {view.name} AS {query}")
        if dialect == "postgresql":
            connection.exec_driver_sql(f"COMMENT ON VIEW {view.name} IS {_quoted(view.comment)}")
            for name, comment in view.columns:
                connection.exec_driver_sql(f"COMMENT ON COLUMN {view.name}.{name} IS {_quoted(comment)}")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
