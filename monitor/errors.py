"""The errors of Straitwatch, one tree.

    StraitwatchError
    ├── Mistake              the user can mend it: exit status 1
    │   └── Mistakes         several at once, one line each
    ├── Refused              a rule of ours or of the site said no: an answer, not a fault
    ├── Unreadable           we hold the bytes and they are not what was expected: an answer too
    │   └── Gone             they say that there is no such page
    ├── CleaningFailed       our cleaner did not get through with a page: a fault of ours
    ├── SiteDown             the site or the way to it failed: try again later
    ├── NotDelivered         a channel did not take a message
    │   └── PartlyDelivered  some of its recipients did (in `notify`, which alone can say who)
    ├── RoundRunning         another round holds the lease
    ├── RowRejected          the database does not take one row; its batch mates are kept
    └── StoreFailed          the database did not do what was asked
        ├── StoreBusy        somebody else holds its lock: try again later
        └── StoreAway        its server broke off or has no room for us now: begun again at once, a few times

A class exists only where somebody handles it differently. Libraries' own errors are translated once,
at the edge that uses the library, with `from error`.
"""


class StraitwatchError(Exception):
    """Whatever Straitwatch raises on purpose; its text is a sentence for a person."""

    retryable = False


class Mistake(StraitwatchError):
    """Something the user wrote or asked for is wrong; the text names it and the way out."""


class Mistakes(Mistake):
    """Every mistake of one configuration at once, in the order found."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class Refused(StraitwatchError):
    """A rule said no: robots.txt, the address guard, a bound, a block page."""


class Unreadable(StraitwatchError):
    """The bytes arrived whole and hold nothing of what was asked for.

    Attributes:
        page: the address whose bytes they are, "" where only the caller knows.
    """

    page = ""

    def of(self, page: str) -> None:
        """Name the page; a traceback shows it below the text."""
        if not self.page:
            self.page = page
            self.add_note(f"page: {page}")


class Gone(Unreadable):
    """The page says that it does not exist, whatever its status says: a soft 404."""


class CleaningFailed(StraitwatchError):
    """Our cleaner did not get through with a page: a bound, a crash, a bug.

    Attributes:
        of_page: another page might do better; false when no cleaner could be had at all.
    """

    retryable = True

    def __init__(self, why: str, *, of_page: bool = True) -> None:
        self.of_page = of_page
        super().__init__(why)


class SiteDown(StraitwatchError):
    """The site, or the way to it, failed.

    Attributes:
        retry_after: seconds the site asked us to wait, or None.
        reached: whether anything came back from it; None where it was not asked this time. When nothing comes
            back from anybody, the fault is our own network's.
    """

    retryable = True

    def __init__(self, why: str, *, retry_after: float | None = None, reached: bool | None = True) -> None:
        self.retry_after = retry_after
        self.reached = reached
        super().__init__(why)


class NotDelivered(StraitwatchError):
    """A channel did not take a message; the text is the channel's answer, secrets masked.

    Attributes:
        permanent: trying again cannot help until a person changes something.
    """

    retryable = True

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(why)


class RoundRunning(StraitwatchError):
    """One round at a time; the text says which one runs and since when.

    Attributes:
        passing: it is a backfill's short turn or one that ends just now, worth waiting for.
    """

    passing = False


class RowRejected(StraitwatchError):
    """The database does not take what was written for one entry."""


class StoreFailed(StraitwatchError):
    """The database refused or failed; nothing half-written remains."""


class StoreBusy(StoreFailed):
    """Somebody else held the database's lock for longer than we wait."""

    retryable = True


class StoreAway(StoreFailed):
    """The database's server broke off, or chose this transaction to give way: it may be begun again."""

    retryable = True


def a_bug(error: Exception) -> str:
    """A fault of ours in words: class, message, and the line it came from."""
    line = error.__traceback__
    while line is not None and line.tb_next is not None:
        line = line.tb_next
    place = f" at {line.tb_frame.f_code.co_filename.rpartition('/')[2]}:{line.tb_lineno}" if line else ""
    return f"a fault of ours: {type(error).__name__}: {str(error)[:200]}{place}"
