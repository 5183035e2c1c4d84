"""What the archive knows of a query: the searches saved in it, the sources it has articles of."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.query.language import parse
from monitor.query.naming import check_sources, sources_of
from monitor.query.tree import Node
from monitor.store import saved
from monitor.store.tables import SourceRow


def read(session: Session, query: str) -> Node:
    """Read a query beside the archive: @NAME stands for the saved search, source: names one that is known.

    Raises:
        QueryMistake: it cannot be read, or names what is not there.
    """
    node = parse(query, saved=partial(saved.text_of, session))
    if any(sources_of(node)):
        check_sources(query, node, dict(session.execute(select(SourceRow.id, SourceRow.name)).tuples().all()))
    return node
