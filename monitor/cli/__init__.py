"""The command `straitwatch`. Typer's and Rich's place; each command imports what it needs when it is run.

working.py   init check run serve try demo
console.py   sql
storing.py   db: upgrade, backup, restore, check, vacuum
asking.py    search why links alerts
sourcing.py  sources: list, preview, add, import, export; health.py how they do: health, ledger, accept
exports.py   export verify
carrying.py  backfill
diffing.py   diff
learning.py  boilerplate reprocess
trying.py    one page tried; explaining.py its lines and why, sidebyside.py the same as a file
showing.py   how things look: times, sides, tables
"""

import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from monitor.cli.showing import ReaderLeft, fail
from monitor.errors import Mistake, StraitwatchError

FEW = 50_000  # new objects before garbage is looked for: most of a short command's are its libraries, which stay
SHORT = ("search", "why", "check")  # answer and end before garbage is worth a look

DONE, MISTAKE, FAILED = 0, 1, 2

# One command does not wait for what the others import.
COMMANDS = {
    "working": ("init", "check", "run", "serve", "try", "demo"),
    "storing": ("db",),
    "asking": ("search", "why", "links", "alerts"),
    "diffing": ("diff",),
    "console": ("sql",),
    "sourcing": ("sources",),
    "exports": ("export", "verify"),
    "carrying": ("backfill",),
    "learning": ("boilerplate", "reprocess"),
}


def program(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line for these arguments: the command that they name, or else every one."""
    app = typer.Typer(
        name="straitwatch",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_straitwatch)
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    chosen = [module for module, names in COMMANDS.items() if asked in names]
    for module in chosen or COMMANDS:
        import_module(f"monitor.cli.{module}").add_to(app)
    return app


def _straitwatch() -> None:
    """Watches the news on US-China defence: a clean archive to query, and alerts when something matters."""


def main() -> None:
    """Run the command; exit status 0 done, 1 the user's mistake, 2 something failed."""
    for stream in (sys.stdout, sys.stderr):  # whatever the locale: half of what we print is Chinese
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    gc.set_threshold(0 if arguments[:1] and arguments[0] in SHORT else FEW)
    status = _run(arguments, debug=len(arguments) < len(sys.argv) - 1)
    gc.freeze()  # or Python looks all of it through once more as it ends: a fifth of a short command
    sys.exit(status)


def _way_out(arguments: Sequence[str]) -> str:
    if arguments and arguments[0] in ("search", "export") and "--" not in arguments:
        return f"a query that begins with a minus stands behind --: straitwatch {arguments[0]} ... -- '-word'"
    return "straitwatch --help lists the commands"


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        status = program(arguments)(arguments, standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        fail("stopped")
        return FAILED
    except (ReaderLeft, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        return DONE
    except typer.TyperException as error:
        fail(f"{error.format_message()}\n{_way_out(arguments)}")
        return MISTAKE
    except StraitwatchError as error:
        if debug:
            raise
        fail(str(error))
        return MISTAKE if isinstance(error, Mistake) else FAILED
    except Exception as error:
        if debug:
            raise
        fail(f"a fault of ours: {type(error).__name__}: {error}\nrun it again with --debug to see where")
        return FAILED
    return status if isinstance(status, int) else DONE
