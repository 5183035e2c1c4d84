"""A page in, the article and nothing but the article out; what points elsewhere is kept as links. Pure.

    clean_html   bytes of a page
    clean_text   text that was scraped with no markup left
    clean        a fetched page and what the listing said of it; raises for what is no article
    from_listing what the listing alone says, where the site keeps its page from us

How a page flows: decode -> parse (bounds) -> survey (one look at every element) -> jsonld, microdata (what the page
states) -> titles, authors, dates, evidence, related -> container (lxml) -> strip (BeautifulSoup, on the container alone)
-> blocks -> readalso -> tidy -> kinds. What is known of pages is data: rules.toml, lines.toml, readalso.toml,
words.toml.
"""

from monitor.clean.fromfeed import from_listing
from monitor.clean.listed import clean
from monitor.clean.page import clean_html
from monitor.clean.plaintext import clean_text
from monitor.clean.sniff import decoded, looks_like_markup

VERSION = 1  # raised when results change

__all__ = [
    "VERSION",
    "clean",
    "clean_html",
    "clean_text",
    "decoded",
    "from_listing",
    "looks_like_markup",
]
