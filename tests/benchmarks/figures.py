"""A figure of a benchmark, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """Ours beside a peer's of the same run, in the same unit; less is better."""

    name: str
    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """The peer's divided by ours: above 1 we are better."""
        return self.peer / max(self.ours, 1e-9)

    def __str__(self) -> str:
        return f"{self.name} ratio={self.ratio:.2f} ours={self.ours:.4g} peer={self.peer:.4g}"


def write_json(path: Path, figures: Iterable[Figure]) -> None:
    """Write a list of objects with `name`, `ratio`, `ours` and `peer`."""
    told = [
        {"name": each.name, "ratio": each.ratio, "ours": each.ours, "peer": each.peer}
        for each in figures
    ]
    path.write_text(json.dumps(told, indent=2) + "\n")
