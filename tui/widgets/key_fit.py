"""Which keys stand in the line of keys, and in which columns. A plain rule, without a widget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

FIRST = ("help", "ask_quit", "cleanup", "transfers")
"""Actions whose keys get room before all others; the first keeps its place whatever else goes."""

KEY_STYLE = "bold $footer-key-foreground"


@dataclass(frozen=True)
class LineKey:
    """A key that may stand in the line."""

    key: str
    """Textual's name of the key."""
    shown: str
    """The key as people write it."""
    label: str
    action: str
    chosen: bool = True
    """Whether it was meant for the line; the others fill the room that is left."""
    enabled: bool = True
    tooltip: str = ""

    @property
    def width(self) -> int:
        """Columns of the key and its word."""
        return cell_len(self.shown) + 1 + cell_len(self.label)

    @property
    def rank(self) -> int:
        """Its place in `FIRST`; the number of those for all others."""
        name = self.action.rpartition(".")[2]
        return FIRST.index(name) if name in FIRST else len(FIRST)


def fitting(candidates: Iterable[LineKey], width: int) -> tuple[LineKey, ...]:
    """The keys that fit into `width` columns, in their order, whole."""
    found = list(candidates)
    left = width + 1  # no space follows the last key
    kept: set[int] = set()
    ranked = sorted(range(len(found)), key=lambda n: (found[n].rank, not found[n].chosen, n))
    for number in ranked:
        needed = found[number].width + 1
        if needed <= left or found[number].rank == 0:
            left -= needed
            kept.add(number)
    return tuple(key for number, key in enumerate(found) if number in kept)


def line_of(keys: Sequence[LineKey]) -> Content:
    """The keys with their words."""
    return Content(" ").join(
        Content.styled(each.shown, KEY_STYLE)
        + Content.styled(f" {each.label}", "" if each.enabled else "dim")
        for each in keys
    )


def key_at(keys: Sequence[LineKey], column: int) -> LineKey | None:
    """The key that is drawn in a column; None between two keys and behind the last."""
    for left, each in _placed(keys):
        if left <= column < left + each.width:
            return each
    return None


def _placed(keys: Sequence[LineKey]) -> Iterator[tuple[int, LineKey]]:
    left = 0
    for each in keys:
        yield left, each
        left += each.width + 1
