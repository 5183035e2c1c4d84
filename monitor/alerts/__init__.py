"""Alerts: which ones a settled article owes, and the message that tells one. Pure: no I/O, no clock.

`owed` decides, `compose` words. Whatever an outlet wrote (title, lead, spellings, labels) is made safe
here, once, for the kind of channel it goes to; `notify` sends what it is given.
"""

from monitor.alerts.health import ToldHealth, compose_health
from monitor.alerts.message import compose
from monitor.alerts.owing import Decision, FiredRule, Owed, decide, owed
from monitor.alerts.told import ChannelKind, Message, Told, ToldEdit, ToldLink, ToldMention
from monitor.alerts.trouble import compose_trouble

__all__ = [
    "ChannelKind",
    "Decision",
    "FiredRule",
    "Message",
    "Owed",
    "Told",
    "ToldEdit",
    "ToldHealth",
    "ToldLink",
    "ToldMention",
    "compose",
    "compose_health",
    "compose_trouble",
    "decide",
    "owed",
]
