"""What a person should know of a listing before trusting it: the traps that a first look can show. Pure."""

from datetime import timedelta

from monitor import urls
from monitor.discover.charset import misdeclared
from monitor.model import DateQuality, FeedKind, Listing, Page

OLD = timedelta(days=90)  # its newest line is older: nobody seems to keep it
_UNSURE = (DateQuality.ASSUMED_ZONE, DateQuality.DATE_ONLY)


def traps(page: Page, listing: Listing, kind: FeedKind) -> list[str]:
    """The traps of a listing that could be read, in words, its own notes first."""
    found = list(listing.notes)
    wrong = misdeclared(page.body, page.content_type)
    found += [wrong] if wrong else []
    if not listing.lines:
        return [*found, "no line in it now"]
    found += _of_times(page, listing)
    if kind is FeedKind.FEED:
        found.append(_of_texts(listing))
    untitled = sum(not line.title for line in listing.lines)
    if untitled and kind is not FeedKind.SITEMAP:
        found.append(f"{untitled} of {len(listing.lines)} lines without a title")
    strange = sum(not urls.same_site(line.url, page.final_url) for line in listing.lines)
    if strange:
        found.append(f"{strange} of {len(listing.lines)} lines lead to other sites")
    return found


def _of_times(page: Page, listing: Listing) -> list[str]:
    dated = [line.published for line in listing.lines if line.published.at]
    if not dated:
        return ["no dates: new is what was not seen before, and the page must say when"]
    found = []
    if len(dated) < len(listing.lines):
        found.append(f"{len(listing.lines) - len(dated)} of {len(listing.lines)} lines without a date")
    unsure = sum(each.quality in _UNSURE for each in dated)
    if unsure == len(dated):
        words = "days without a time" if dated[0].quality is DateQuality.DATE_ONLY else "times without a zone"
        found.append(f"{words}: the source's `zone` is taken")
    newest = max(each.at for each in dated if each.at)
    if page.fetched_at - newest > OLD:
        found.append(f"its newest line is {(page.fetched_at - newest).days:,} days old")
    return found


def _of_texts(listing: Listing) -> str:
    whole = sum(bool(line.text) for line in listing.lines)
    short = sum(bool(line.summary) and not line.text for line in listing.lines)
    if whole == len(listing.lines):
        return "full text in each line"
    if whole:
        return f"full text in {whole} of {len(listing.lines)} lines"
    return "summaries only" if short else "headlines only"
