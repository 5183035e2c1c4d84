"""docs/query.md says what the code does; its counts are checked on the demo's archive in test_demo.py."""

import re

import pytest

from monitor.query.fields import FIELDS, VALUES
from monitor.query.language import DEEPEST, FARTHEST, LONGEST, MOST_TERMS, QueryMistake, parse
from tests import manual


def test_the_manual_lists_the_fields_of_the_code() -> None:
    assert dict(manual.FIELDS) == FIELDS
    for field, allowed in VALUES.items():
        assert [word for word in allowed if word not in FIELDS[field]] == []


def test_every_example_of_the_manual_can_be_read() -> None:
    for query, _ in manual.EXAMPLES:
        parse(query)


@pytest.mark.parametrize(("query", "answer"), manual.MISTAKES)
def test_every_mistake_of_the_manual_is_answered_as_it_says(query: str, answer: str) -> None:
    with pytest.raises(QueryMistake, match=re.escape(answer)):
        parse(query)


def test_the_manual_names_the_bounds() -> None:
    bounds = f"at most {LONGEST:,} characters, {MOST_TERMS} words and fields, and brackets {DEEPEST} deep"
    assert bounds in manual.PAGE
    assert f"0 to {FARTHEST}" in manual.PAGE
