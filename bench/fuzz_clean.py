"""The cleaner under a coverage-guided fuzzer (atheris, libFuzzer).

    python bench/fuzz_clean.py --minutes 10
    python bench/fuzz_clean.py --again build/fuzz/finds/*    each of these inputs once, the first line of what it breaks

Begins with our golden pages and pages by chance (bench/fuzz), changes them at their tags and values as often as
at their bytes, and examines every answer. What breaks a promise is written to finds/ below --work and the run
goes on; a crash, a hang of 5 s or 600 MB end it. Exit status 1 when anything was found.
"""

import argparse
import os
import sys
import time
import traceback
from pathlib import Path
from random import Random

import atheris
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["monitor.clean", "monitor.dates", "monitor.text", "monitor.urls"]):
    from bench.fuzz import answers, mutate, pages

LONGEST = 65_536  # bytes of an input
HANG = 5  # seconds
MOST_MB = 600
SEEDS = 400  # pages by chance to begin with
LARGE = 8  # inputs over LONGEST that are tried before
SETTLED = 2_000  # executions after which memory is compared: caches are full by then
TWICE = 8  # one input in so many is asked again
OWN_CHANGE = 4  # one change in so many is libFuzzer's own


class Run:
    """What has been seen so far."""

    def __init__(self, work: Path, minutes: float) -> None:
        self.finds = work / "finds"
        self.finds.mkdir(parents=True, exist_ok=True)
        self.started = self.said = time.monotonic()
        self.ends = self.started + 60 * minutes
        self.count = 0
        self.slowest = (0.0, 0)  # CPU seconds, bytes
        self.settled_mb = 0.0
        self.found: set[str] = set()

    def one(self, data: bytes) -> None:
        """Examine one input."""
        self.count += 1
        try:
            _, spent = answers.examined(data, twice=self.count % TWICE == 0)
        except Exception as error:  # noqa: BLE001 - anything but Refused and Unreadable is what is looked for
            self._keep(data, error)
            spent = 0.0
        if spent > self.slowest[0]:
            self.slowest = (spent, len(data))
            (self.finds.parent / "slowest").write_bytes(data)
        if self.count == SETTLED:
            self.settled_mb = _resident_mb()
        now = time.monotonic()
        if now > self.ends:
            self.say()
            os._exit(1 if self.found else 0)  # libFuzzer would go on
        if now - self.said > 60:
            self.said = now
            self.say()

    def _keep(self, data: bytes, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} {Path(last.filename).name}:{last.lineno} {str(error)[:24]}"
        if where not in self.found:
            self.found.add(where)
            file = self.finds / f"{len(self.found):03}-{self.started:.0f}"
            file.write_bytes(data)
            print(f"found {where} -> {file}", flush=True)

    def say(self) -> None:
        """Print the figures so far."""
        spent, size = self.slowest
        passed = time.monotonic() - self.started
        print(
            f"{passed / 60:5.1f} min {self.count:8,} executions {self.count / passed:6.0f}/s, {len(self.found)} finds, "
            f"slowest {spent:.2f} s of CPU ({size:,} bytes), {_resident_mb():.0f} MB, "
            f"{self.settled_mb:.0f} MB after {SETTLED:,}",
            flush=True,
        )


def _resident_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def seeds(folder: Path) -> None:
    """Write the inputs to begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, file in enumerate(sorted((ROOT / "tests" / "pages").glob("*/*.html"))):
        (folder / f"golden-{n:03}").write_bytes(bytes([n % 6]) + file.read_bytes()[:LONGEST])
    for n in range(SEEDS):
        chance = Random(n)
        (folder / f"chance-{n:03}").write_bytes(bytes([chance.randrange(256)]) + pages.page(chance)[:LONGEST])


def large() -> list[bytes]:
    """Inputs of about a megabyte, for what a bound lets through."""
    made = []
    for n in range(LARGE):
        chance = Random(n)
        html = b"".join(pages.page(chance) for _ in range(20))
        made.append(bytes([n % 6]) + html * (1 + 1_000_000 // max(1, len(html))))
    return made


def mutator(data: bytes, most: int, seed: int) -> bytes:
    """One input made of another."""
    chance = Random(seed)
    if len(data) < 2 or chance.randrange(OWN_CHANGE) == 0:
        return bytes(atheris.Mutate(data, most))
    choice = bytes([chance.randrange(256)]) if chance.random() < 0.1 else data[:1]
    return choice + mutate.mutated(data[1:], chance, most - 1)


def again(files: list[Path]) -> int:
    """Each file once."""
    broken = 0
    for file in files:
        try:
            article, spent = answers.examined(file.read_bytes())
            print(f"{file}: {article.kind if article else 'no article'}, {spent:.3f} s")
        except Exception as error:  # noqa: BLE001 - as in Run.one
            broken += 1
            print(f"{file}: {''.join(traceback.format_exception(error)[-3:])}")
    return 1 if broken else 0


def main() -> int:
    """Fuzz for some minutes; the status of the process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "fuzz", metavar="DIR", help="corpus and finds; a later run goes on from them")  # fmt: skip
    parser.add_argument("--again", type=Path, nargs="+", metavar="FILE")
    asked = parser.parse_args()
    if asked.again:
        return again(asked.again)
    corpus = asked.work / "corpus"
    if not corpus.exists():
        seeds(corpus)
    run = Run(asked.work, asked.minutes)
    for data in large():
        run.one(data)
    flags = [
        f"-max_len={LONGEST}",
        f"-timeout={HANG}",
        f"-rss_limit_mb={MOST_MB}",
        f"-artifact_prefix={run.finds}/",
    ]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], run.one, custom_mutator=mutator)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
