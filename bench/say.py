"""What a bench prints: lines for a person, or one JSON object a line for a program."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Say:
    """Says a line to a person, or its facts to a program; a line without facts is for persons only."""

    to_program: bool = False

    def __call__(self, line: str = "", /, **facts: Any) -> None:
        if not self.to_program:
            print(line, flush=True)
        elif facts:
            print(json.dumps(facts, ensure_ascii=False), flush=True)
