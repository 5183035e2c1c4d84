"""Facts about the database itself: which release wrote it last."""

from sqlalchemy.orm import Session

from monitor.store.tables import MetaRow


def get(session: Session, name: str) -> str:
    """A fact, or "" when it was never put."""
    row = session.get(MetaRow, name)
    return row.value if row else ""


def put(session: Session, name: str, value: str) -> None:
    """Keep a fact."""
    session.merge(MetaRow(name=name, value=value))
