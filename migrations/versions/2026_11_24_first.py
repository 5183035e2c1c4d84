"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "2026_11_24_first"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table."""
    _leases()
    _meta()
    _rounds()
    _sources()
    _feeds()
    _entries()
    _polls()
    _pages()
    _articles()
    _drafts()
    _alerts()
    _fingerprints()
    _links()
    _mentions()
    _revisions()
    _search_index()


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("search_index")
    for table in TABLES_LAST_FIRST:
        op.drop_table(table)


TABLES_LAST_FIRST = (
    "revisions",
    "mentions",
    "links",
    "fingerprints",
    "alerts",
    "drafts",
    "articles",
    "pages",
    "polls",
    "entries",
    "feeds",
    "sources",
    "rounds",
    "meta",
    "leases",
)

# One column a line.
# fmt: off

def _leases() -> None:
    op.create_table('leases',
    sa.Column('name', sa.String(length=16), nullable=False, comment='what is held: round'),
    sa.Column('round', ID, nullable=False, comment='rounds.id'),
    sa.Column('host', sa.Text(), nullable=False, comment='machine of the holder'),
    sa.Column('process', sa.Text(), nullable=False, comment='process id and start time of the holder'),
    sa.Column('expires_at', TIME, nullable=False, comment='free after this time (UTC), unless renewed'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases')),
    comment='one round at a time: who holds it'
    )


def _meta() -> None:
    op.create_table('meta',
    sa.Column('name', sa.String(length=40), nullable=False, comment='release: the last one that worked on it'),
    sa.Column('value', sa.Text(), nullable=False, comment='value'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_meta')),
    comment='facts about this database'
    )


def _rounds() -> None:
    op.create_table('rounds',
    sa.Column('id', ID, nullable=False, comment='round number'),
    sa.Column('started_at', TIME, nullable=False, comment='UTC'),
    sa.Column('ended_at', TIME, nullable=True, comment='UTC; null while running or when cut off'),
    sa.Column('state', sa.String(length=8), nullable=False, comment='running, done, stopped, lost'),
    sa.Column('started_by', sa.Text(), nullable=False, comment='host and process that ran it'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rounds')),
    comment='rounds of the main job'
    )


def _sources() -> None:
    op.create_table('sources',
    sa.Column('id', sa.String(length=40), nullable=False, comment="the source's id in TOML"),
    sa.Column('name', sa.Text(), nullable=False, comment="the outlet's name"),
    sa.Column('home', sa.Text(), nullable=False, comment='its home page'),
    sa.Column('language', sa.String(length=16), nullable=False, comment='BCP 47 tag of most of its articles'),
    sa.Column('side', sa.String(length=8), nullable=False, comment='us, prc, tw, ally, other'),
    sa.Column('kind', sa.String(length=16), nullable=False, comment='official, state media, wire, trade, press, think tank'),
    sa.Column('tier', ID, nullable=False, comment='1 speaks for itself ... 4 repeats others'),
    sa.Column('zone', sa.String(length=64), nullable=False, comment='time zone assumed for printed times without one'),
    sa.Column('seen_at', TIME, nullable=False, comment='when the settings last named it (UTC)'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources')),
    comment='outlets, as last read from the settings'
    )


def _feeds() -> None:
    op.create_table('feeds',
    sa.Column('id', ID, nullable=False, comment='feed number'),
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('url', sa.Text(), nullable=False, comment='the address'),
    sa.Column('kind', sa.String(length=8), nullable=False, comment='feed, sitemap, section'),
    sa.Column('active', sa.Boolean(), nullable=False, comment='whether the settings still name it'),
    sa.Column('etag', sa.Text(), nullable=False, comment='ETag of the last whole answer, byte for byte'),
    sa.Column('last_modified', sa.Text(), nullable=False, comment='Last-Modified of the last whole answer'),
    sa.Column('body_hash', sa.String(length=64), nullable=False, comment='SHA-256 of the last whole answer'),
    sa.Column('next_poll', TIME, nullable=False, comment='when it is due (UTC)'),
    sa.Column('polled_at', TIME, nullable=True, comment='when it was last asked (UTC)'),
    sa.Column('answered_at', TIME, nullable=True, comment='when it last answered well (UTC)'),
    sa.Column('brought_at', TIME, nullable=True, comment='when it last brought a new entry (UTC)'),
    sa.Column('failures', ID, nullable=False, comment='failures in a row'),
    sa.Column('problem', sa.Text(), nullable=False, comment='the last failure in words, empty while well'),
    sa.Column('polls', ID, nullable=False, comment='good answers so far; 0 = the first poll is still to come'),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_feeds_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feeds')),
    sa.UniqueConstraint('url', name=op.f('uq_feeds_url')),
    comment='addresses that are polled, with their state'
    )
    op.create_index(op.f('ix_feeds_next_poll'), 'feeds', ['next_poll'], unique=False)
    op.create_index(op.f('ix_feeds_source'), 'feeds', ['source'], unique=False)


def _entries() -> None:
    op.create_table('entries',
    sa.Column('id', ID, nullable=False, comment='entry number, in order of first sight'),
    sa.Column('url_key', sa.String(length=64), nullable=False, comment='SHA-256 of url'),
    sa.Column('url', sa.Text(), nullable=False, comment='canonical URL'),
    sa.Column('address', sa.Text(), nullable=False, comment='the URL as listed, which is what is fetched'),
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('feed', ID, nullable=True, comment='feeds.id that showed it first'),
    sa.Column('title', sa.Text(), nullable=False, comment='title in the listing'),
    sa.Column('summary', sa.Text(), nullable=False, comment='summary in the listing, plain text'),
    sa.Column('feed_text', sa.Text(), nullable=False, comment='whole text where the feed carries it'),
    sa.Column('published', TIME, nullable=True, comment='time in the listing (UTC)'),
    sa.Column('published_quality', sa.String(length=16), nullable=False, comment='see articles.published_quality'),
    sa.Column('published_printed', sa.Text(), nullable=False, comment='time as printed in the listing'),
    sa.Column('listing_hash', sa.String(length=64), nullable=False, comment="changes when the listing's line changes"),
    sa.Column('first_poll', sa.Boolean(), nullable=False, comment="arrived with its feed's first poll: not news"),
    sa.Column('first_seen', TIME, nullable=False, comment='UTC'),
    sa.Column('outcome', sa.String(length=12), nullable=False, comment='pending, stored, copy, duplicate, off-topic, refused, unreadable, gone'),
    sa.Column('why', sa.Text(), nullable=False, comment='the reason in words'),
    sa.Column('tries', ID, nullable=False, comment='times its page was asked for since the last success'),
    sa.Column('crashes', ID, nullable=False, comment='faults of ours over it in a row; at 3 it is set aside'),
    sa.Column('next_try', TIME, nullable=True, comment='when its page is due (UTC); null = nothing is owed'),
    sa.Column('decided_at', TIME, nullable=True, comment='when the outcome was set (UTC)'),
    sa.Column('decided_round', ID, nullable=True, comment='rounds.id that decided it'),
    sa.Column('same_as', ID, nullable=True, comment='articles.id that a duplicate or copy repeats'),
    sa.ForeignKeyConstraint(['feed'], ['feeds.id'], name=op.f('fk_entries_feed')),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_entries_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entries')),
    sa.UniqueConstraint('url_key', name=op.f('uq_entries_url_key')),
    comment='every URL ever seen, with its outcome and the reason'
    )
    op.create_index(op.f('ix_entries_decided_round'), 'entries', ['decided_round'], unique=False)
    op.create_index('ix_entries_due', 'entries', ['next_try'], unique=False)
    op.create_index(op.f('ix_entries_outcome'), 'entries', ['outcome'], unique=False)
    op.create_index(op.f('ix_entries_source'), 'entries', ['source'], unique=False)


def _polls() -> None:
    op.create_table('polls',
    sa.Column('id', ID, nullable=False, comment='poll number'),
    sa.Column('round', ID, nullable=False, comment='rounds.id'),
    sa.Column('feed', ID, nullable=False, comment='feeds.id'),
    sa.Column('at', TIME, nullable=False, comment='UTC'),
    sa.Column('answer', sa.String(length=10), nullable=False, comment='news, unchanged, failed, refused'),
    sa.Column('found', ID, nullable=False, comment='lines in the listing'),
    sa.Column('new', ID, nullable=False, comment='entries never seen before'),
    sa.Column('why', sa.Text(), nullable=False, comment='notes and failures in words'),
    sa.ForeignKeyConstraint(['feed'], ['feeds.id'], name=op.f('fk_polls_feed')),
    sa.ForeignKeyConstraint(['round'], ['rounds.id'], name=op.f('fk_polls_round'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_polls')),
    sa.UniqueConstraint('round', 'feed', name=op.f('uq_polls_round_feed')),
    comment='what each poll brought'
    )
    op.create_index(op.f('ix_polls_feed'), 'polls', ['feed'], unique=False)


def _pages() -> None:
    op.create_table('pages',
    sa.Column('id', ID, nullable=False, comment='page number'),
    sa.Column('entry', ID, nullable=False, comment='entries.id'),
    sa.Column('address', sa.Text(), nullable=False, comment='URL asked for'),
    sa.Column('final_url', sa.Text(), nullable=False, comment='URL that answered, after redirects'),
    sa.Column('status', ID, nullable=False, comment='HTTP status'),
    sa.Column('headers', JSON, nullable=False, comment='answer headers, names in lower case'),
    sa.Column('fetched_at', TIME, nullable=False, comment='UTC'),
    sa.Column('sha256', sa.String(length=64), nullable=False, comment='of the body, hex'),
    sa.Column('size', ID, nullable=False, comment='bytes of the body'),
    sa.Column('body', sa.LargeBinary(), nullable=False, comment='the body, zstd'),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_pages_entry'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pages')),
    comment='raw answers, compressed'
    )
    op.create_index(op.f('ix_pages_entry'), 'pages', ['entry'], unique=False)


def _articles() -> None:
    op.create_table('articles',
    sa.Column('id', ID, nullable=False, comment='article number, in order of indexing'),
    sa.Column('entry', ID, nullable=False, comment='entries.id'),
    sa.Column('url_key', sa.String(length=64), nullable=False, comment='SHA-256 of url'),
    sa.Column('url', sa.Text(), nullable=False, comment='canonical URL'),
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('title', sa.Text(), nullable=False, comment="headline without the outlet's name"),
    sa.Column('authors', JSON, nullable=False, comment='names'),
    sa.Column('section', sa.Text(), nullable=False, comment="the outlet's section"),
    sa.Column('language', sa.String(length=16), nullable=False, comment='en, zh-Hans, zh-Hant, ...; empty when unknown'),
    sa.Column('published', TIME, nullable=True, comment='printed time (UTC)'),
    sa.Column('published_offset', ID, nullable=True, comment='minutes east of UTC as printed'),
    sa.Column('published_quality', sa.String(length=16), nullable=False, comment='page, feed, url, date-only, assumed-zone, missing'),
    sa.Column('published_printed', sa.Text(), nullable=False, comment='the time as printed'),
    sa.Column('first_seen', TIME, nullable=False, comment='when a listing first showed it (UTC)'),
    sa.Column('indexed_at', TIME, nullable=False, comment='when it was stored or revised (UTC)'),
    sa.Column('text', sa.Text(), nullable=False, comment='one line per block'),
    sa.Column('blocks', JSON, nullable=False, comment='[kind, level, text] per block'),
    sa.Column('words', ID, nullable=False, comment='words; each Chinese character counts as one'),
    sa.Column('lead_image', sa.Text(), nullable=True, comment='address of the lead image'),
    sa.Column('wire', sa.Text(), nullable=False, comment='the agency credited'),
    sa.Column('kind', sa.String(length=12), nullable=False, comment='article, teaser, ...'),
    sa.Column('labels', JSON, nullable=False, comment='what a reader must know: teaser, text from feed, ...'),
    sa.Column('provenance', JSON, nullable=False, comment='field -> where it was found'),
    sa.Column('removed', JSON, nullable=False, comment='[rule, text] of what cleaning took away'),
    sa.Column('cleaner', ID, nullable=False, comment='version of the cleaner'),
    sa.Column('page', ID, nullable=True, comment='pages.id the text came from'),
    sa.Column('text_hash', sa.String(length=64), nullable=False, comment='SHA-256 of the folded text'),
    sa.Column('sketch', sa.LargeBinary(), nullable=False, comment='fingerprint of the text'),
    sa.Column('copies_of', ID, nullable=True, comment='articles.id that began this group of copies; null = none'),
    sa.Column('shown', sa.Boolean(), nullable=False, comment='the best of its group of copies'),
    sa.Column('tier', sa.String(length=12), nullable=False, comment='core, relevant, peripheral'),
    sa.Column('points', ID, nullable=False, comment='relevance points'),
    sa.Column('rules', JSON, nullable=False, comment='scoring rules that hold'),
    sa.Column('revision', ID, nullable=False, comment='1, and one more for each edit seen'),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_articles_entry')),
    sa.ForeignKeyConstraint(['page'], ['pages.id'], name=op.f('fk_articles_page')),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_articles_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles')),
    sa.UniqueConstraint('entry', name=op.f('uq_articles_entry')),
    sa.UniqueConstraint('url_key', name=op.f('uq_articles_url_key')),
    comment='articles, newest text'
    )
    op.create_index(op.f('ix_articles_first_seen'), 'articles', ['first_seen'], unique=False)
    op.create_index(op.f('ix_articles_indexed_at'), 'articles', ['indexed_at'], unique=False)
    op.create_index(op.f('ix_articles_published'), 'articles', ['published'], unique=False)
    op.create_index(op.f('ix_articles_source'), 'articles', ['source'], unique=False)
    op.create_index(op.f('ix_articles_text_hash'), 'articles', ['text_hash'], unique=False)


def _drafts() -> None:
    op.create_table('drafts',
    sa.Column('entry', ID, autoincrement=False, nullable=False, comment='entries.id'),
    sa.Column('page', ID, nullable=True, comment='pages.id'),
    sa.Column('made_at', TIME, nullable=False, comment='UTC'),
    sa.Column('cleaner', ID, nullable=False, comment='version of the cleaner'),
    sa.Column('article', JSON, nullable=False, comment='the article'),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_drafts_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['page'], ['pages.id'], name=op.f('fk_drafts_page'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('entry', name=op.f('pk_drafts')),
    comment='cleaned pages that wait to be settled'
    )


def _alerts() -> None:
    op.create_table('alerts',
    sa.Column('id', ID, nullable=False, comment='alert number'),
    sa.Column('token', sa.String(length=24), nullable=False, comment='the id that receivers see, the same on every try'),
    sa.Column('rule', sa.Text(), nullable=False, comment='name of the rule'),
    sa.Column('channel', sa.Text(), nullable=False, comment='name of the channel'),
    sa.Column('about', ID, nullable=False, comment='articles.id that began the group of copies: one alert each'),
    sa.Column('article', ID, nullable=False, comment='articles.id that fired'),
    sa.Column('why', sa.Text(), nullable=False, comment='why it is owed, in words'),
    sa.Column('state', sa.String(length=10), nullable=False, comment='owed, sent, set aside'),
    sa.Column('owed_at', TIME, nullable=False, comment='UTC'),
    sa.Column('tries', ID, nullable=False, comment='deliveries tried'),
    sa.Column('next_try', TIME, nullable=True, comment='when it is due (UTC); null = not by itself'),
    sa.Column('sent_at', TIME, nullable=True, comment='UTC'),
    sa.Column('took', JSON, nullable=False, comment='recipients that took it while others did not'),
    sa.Column('receipt', sa.Text(), nullable=False, comment='what the channel answered, secrets masked'),
    sa.ForeignKeyConstraint(['article'], ['articles.id'], name=op.f('fk_alerts_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts')),
    sa.UniqueConstraint('rule', 'channel', 'about', name=op.f('uq_alerts_rule_channel_about')),
    sa.UniqueConstraint('token', name=op.f('uq_alerts_token')),
    comment='alerts owed and sent'
    )
    op.create_index('ix_alerts_due', 'alerts', ['state', 'next_try'], unique=False)


def _fingerprints() -> None:
    op.create_table('fingerprints',
    sa.Column('key', ID, autoincrement=False, nullable=False, comment="a shingle's hash"),
    sa.Column('article', ID, autoincrement=False, nullable=False, comment='articles.id'),
    sa.ForeignKeyConstraint(['article'], ['articles.id'], name=op.f('fk_fingerprints_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', 'article', name=op.f('pk_fingerprints')),
    comment="keys of articles' fingerprints"
    )


def _links() -> None:
    op.create_table('links',
    sa.Column('id', ID, nullable=False, comment='link number'),
    sa.Column('article', ID, nullable=False, comment='articles.id'),
    sa.Column('kind', sa.String(length=12), nullable=False, comment='read-also, related, in-text, source'),
    sa.Column('url', sa.Text(), nullable=True, comment='canonical URL; null when the page gave none'),
    sa.Column('target_key', sa.String(length=64), nullable=False, comment='SHA-256 of url, or of the folded title'),
    sa.Column('title', sa.Text(), nullable=False, comment='anchor text'),
    sa.Column('position', ID, nullable=False, comment='index of the block it stands before or in'),
    sa.Column('target', ID, nullable=True, comment='articles.id once that article is stored'),
    sa.ForeignKeyConstraint(['article'], ['articles.id'], name=op.f('fk_links_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_links')),
    sa.UniqueConstraint('article', 'target_key', name=op.f('uq_links_article_target_key')),
    comment='links of articles'
    )
    op.create_index(op.f('ix_links_target'), 'links', ['target'], unique=False)
    op.create_index(op.f('ix_links_target_key'), 'links', ['target_key'], unique=False)


def _mentions() -> None:
    op.create_table('mentions',
    sa.Column('article', ID, autoincrement=False, nullable=False, comment='articles.id'),
    sa.Column('term', sa.String(length=40), nullable=False, comment='id in the vocabulary'),
    sa.Column('form', sa.Text(), nullable=False, comment='the spelling found first'),
    sa.Column('in_title', ID, nullable=False, comment='hits in the title'),
    sa.Column('in_body', ID, nullable=False, comment='hits in the text'),
    sa.Column('points', ID, nullable=False, comment='points given'),
    sa.ForeignKeyConstraint(['article'], ['articles.id'], name=op.f('fk_mentions_article'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('article', 'term', name=op.f('pk_mentions')),
    comment='terms found in articles'
    )
    op.create_index('ix_mentions_term', 'mentions', ['term', 'article'], unique=False)


def _revisions() -> None:
    op.create_table('revisions',
    sa.Column('id', ID, nullable=False, comment='row number'),
    sa.Column('article', ID, nullable=False, comment='articles.id'),
    sa.Column('number', ID, nullable=False, comment='1 is the text first seen'),
    sa.Column('replaced_at', TIME, nullable=False, comment='when a newer text was seen (UTC)'),
    sa.Column('title', sa.Text(), nullable=False, comment='headline then'),
    sa.Column('text', sa.Text(), nullable=False, comment='text then'),
    sa.Column('text_hash', sa.String(length=64), nullable=False, comment='SHA-256 of the folded text'),
    sa.Column('page', ID, nullable=True, comment='pages.id'),
    sa.ForeignKeyConstraint(['article'], ['articles.id'], name=op.f('fk_revisions_article'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['page'], ['pages.id'], name=op.f('fk_revisions_page')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions')),
    sa.UniqueConstraint('article', 'number', name=op.f('uq_revisions_article_number')),
    comment='earlier texts of articles'
    )

# fmt: on


def _search_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5"
            " (title, body, content='', tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.create_table(
        "search_index",
        sa.Column("article", sa.BigInteger(), primary_key=True, autoincrement=False, comment="articles.id"),
        sa.Column("tokens", TSVECTOR(), nullable=False, comment="title at weight A, text at weight D"),
        comment="search index, our own tokens",
    )
    op.create_index("ix_search_index_tokens", "search_index", ["tokens"], postgresql_using="gin")
