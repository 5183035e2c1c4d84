"""Learnt boilerplate: lines that recur over the articles of one source. Pure.

    lines_of   the lines of an article, each under the key by which it is counted
    why_not    why a counted line is not proposed to a person; "" = it is proposed
    without    an article without the lines that a person approved

`store.learnt` counts them as articles settle; `straitwatch boilerplate` shows them to a person, who decides.
"""

from monitor.learnt.judging import LEAST_ARTICLES, Counted, why_not
from monitor.learnt.lines import RULE, Line, Place, key_of, lines_of, without

__all__ = ["LEAST_ARTICLES", "RULE", "Counted", "Line", "Place", "key_of", "lines_of", "why_not", "without"]
