"""Is it them or is it us? Our own network, judged from what hosts answer side by side. Pure.

When nothing comes back from anybody, or the same page comes back for everybody (a captive portal: the gate of a
hotel or an airline), no site is to blame. What hosts answered is kept back until one of them shows that the
network is there; when none does, nothing of it is charged to anybody.
"""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

LEAST_HOSTS = 3  # that fail at once; of fewer nobody can tell whose fault it is
ENOUGH_HOSTS = 8  # after so many without one good answer the rest need not be asked

Sign = Literal["there", "nothing", "not asked", "gate?"]


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """One host's answer as a sign of the network.

    `sign`: there = only the host itself can have said that; nothing came back; it was not asked; gate? = a page
    that a captive portal may have sent, of which `page` says which one it is.
    """

    host: str
    sign: Sign
    what: T
    page: str = ""
    why: str = ""


@dataclass(slots=True)
class Network(Generic[T]):
    """The signs of one step. `held` are the answers kept back until it is known whose fault they are."""

    there: bool = False
    held: list[Answered[T]] = field(default_factory=list)

    def hear(self, answer: Answered[T]) -> list[T]:
        """Note an answer; returns those, this one perhaps included, that may now be kept."""
        if answer.sign == "there":
            self.there = True
        if not self.there:
            self.held.append(answer)
            return [] if not self._contradicts() else self.release()
        return [*self.release(), answer.what]

    def release(self) -> list[T]:
        """The answers kept back: it was their hosts' fault."""
        held, self.held = [answer.what for answer in self.held], []
        return held

    @property
    def hosts(self) -> set[str]:
        """Hosts of which nothing good was heard."""
        return {answer.host for answer in self.held if answer.sign != "not asked"}

    @property
    def doubtful(self) -> bool:
        """Whether answers are kept back, so that it takes another host to tell."""
        return bool(self.held) and not self.there

    @property
    def hopeless(self) -> bool:
        """Whether so many hosts failed that the others need not be asked."""
        return len(self.hosts) >= ENOUGH_HOSTS and bool(self.down())

    def down(self) -> str:
        """Say why our network must be down; "" while it need not be."""
        if self.there or len(self.hosts) < LEAST_HOSTS:
            return ""
        gate = {answer.host for answer in self.held if answer.sign == "gate?"}
        if len(gate) == 1:  # one bad page, and others that do not answer, need not have one cause
            return ""
        why = next((answer.why for answer in self.held if answer.sign != "not asked" and answer.why), "")
        example = f" ({why})" if why else ""
        if gate:
            return (
                f"our network is behind a gate: {len(gate)} hosts answer with one and the same page{example}"
            )
        return f"our network is down: none of {len(self.hosts)} hosts answered{example}"

    def _contradicts(self) -> bool:
        """Whether hosts answered with different pages: no gate does that."""
        if len({answer.page for answer in self.held if answer.sign == "gate?"}) > 1:
            self.there = True
        return self.there
