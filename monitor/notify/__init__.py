"""A message to a channel: the one place that knows Apprise.

A channel is an Apprise URL. `check` says what is wrong with one, `masked` shows one without its secrets,
`send` delivers and returns the channel's answer. Apprise is imported only when something is sent or a URL
is loaded, so that commands which tell nobody anything start without it.
"""

from monitor.notify.channels import kind_of, masked
from monitor.notify.delivery import PartlyDelivered, check, send

__all__ = ["PartlyDelivered", "check", "kind_of", "masked", "send"]
