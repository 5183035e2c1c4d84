"""Saved searches: kept, forgotten, shown by `straitwatch search --save, --forget, --list`."""

from rich.text import Text

from monitor.cli.showing import moment, out, print_json, safe, table
from monitor.errors import Mistake
from monitor.model import utc_now
from monitor.query.known import read
from monitor.store import saved as searches
from monitor.store.database import Database, reading, writing


def saved(database: Database, query: str, *, save: str, forget: str, json: bool) -> None:
    """Do what the options say; without a name, show what there is."""
    if save and forget:
        raise Mistake("--save and --forget do not go together")
    if save:
        _save(database, save, query)
    elif forget:
        with writing(database) as session:
            if not searches.forget(session, forget):
                raise Mistake(f"there is no saved search {safe(forget, 60)}; --list shows them")
        out.print(f"forgotten: @{safe(forget, 60)}")
    else:
        _show(database, json=json)


def _save(database: Database, name: str, query: str) -> None:
    if not query.strip():
        raise Mistake(f'--save wants a query: straitwatch search --save {safe(name, 60)} "..."')
    with writing(database) as session:
        before = searches.put(session, name, query, utc_now())
        read(session, query)  # a mistake undoes it; so does a search that asks for itself
    out.print(Text(f"saved: straitwatch search @{safe(name, 60)}"))
    if before:
        out.print(Text(f"in place of: {safe(before, 1000)}"), soft_wrap=True)


def _show(database: Database, *, json: bool) -> None:
    with reading(database) as session:
        rows = [(row.name, row.query, row.saved_at) for row in searches.listed(session)]
    if json:
        print_json({"name": name, "query": query, "saved_at": at} for name, query, at in rows)
    elif not rows:
        out.print('no searches are saved yet: straitwatch search --save NAME "query"')
    else:
        lines = [(moment(at), f"@{name}", safe(query, 1000)) for name, query, at in rows]
        out.print(table(("saved (UTC)", "name", "query"), lines))
