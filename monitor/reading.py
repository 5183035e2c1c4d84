"""Reading one page: asked for, judged, cleaned; and what its answer says of our own network."""

from collections.abc import Callable

from monitor import answers, clean
from monitor.answers import Answer, Denied, Later, Read, ReadPage
from monitor.desk import Desk, Work
from monitor.errors import CleaningFailed, Gone, Refused, SiteDown, Unreadable, a_bug
from monitor.model import Outcome, Page
from monitor.network import Sign
from monitor.polling import page_name
from monitor.store.entries import Owed

Get = Callable[[Owed], Page]  # raises as Fetcher.get does


def from_site(desk: Desk, entry: Owed, *, etag: str = "", last_modified: str = "") -> Page:
    """Ask the entry's site for its page, with the validators of an earlier answer where there are any."""
    source = desk.sources.get(entry.source)
    gap = source.gap_seconds if source else None
    return desk.fetcher.get(entry.address, etag=etag, last_modified=last_modified, gap=gap, retry=True)


def read_page(desk: Desk, get: Get, entry: Owed) -> Read:
    """Get a page and make an article of it, or say why not."""
    source = desk.sources.get(entry.source)
    page = None
    try:
        page = get(entry)
        verdict = answers.judge_status(page, tries=entry.tries, first_seen=entry.first_seen)
        if isinstance(verdict, Denied):
            article = clean.from_listing(entry.listed, source, why=verdict.why)
        elif verdict is not None:
            return verdict
        else:
            article = answers.as_lead(desk.cleaners.clean(page, entry.listed, source), page, source)
        return ReadPage(page, answers.believed(article, page.fetched_at))
    except Refused as error:
        return Answer(Outcome.REFUSED, str(error), page)
    except Gone as error:
        return Answer(Outcome.GONE, str(error), page)
    except Unreadable as error:
        return Answer(Outcome.UNREADABLE, str(error), page)
    except CleaningFailed as error:
        return Later(str(error), ours=error.of_page, page=page)
    except SiteDown as error:
        return Later(str(error), error.retry_after, reached=error.reached)
    except Exception as error:  # noqa: BLE001  a bug of ours over one page must not end the round
        return Later(a_bug(error), ours=True, page=page)


def sign_of(work: Work, address: str, answer: Read) -> tuple[Sign, str]:
    """What an answer says of our network: a page may be a gate's until a feed has answered in this round."""
    if isinstance(answer, Later):
        return "there" if answer.reached else "not asked" if answer.reached is None else "nothing", ""
    page = getattr(answer, "page", None)
    if page is None or work.outside.there:
        return "there", ""
    return "gate?", page_name(address, page)
