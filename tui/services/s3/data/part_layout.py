"""How an object is cut into parts."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PARTS = 10_000
MAX_PART_BYTES = 5 * 1024**3
"""S3's limits of a multipart upload ("Amazon S3 multipart upload limits")."""


@dataclass(frozen=True, slots=True)
class PartLayout:
    """How an object of so many bytes is cut: all parts but the last have `step` bytes."""

    size: int
    """Bytes of the object."""
    step: int
    """Bytes of a part."""

    @property
    def count(self) -> int:
        """How many parts there are."""
        return -(-self.size // self.step)

    def of(self, number: int) -> tuple[int, int]:
        """Where the part of that number, counted from 1, begins, and its length."""
        start = (number - 1) * self.step
        return start, min(self.step, self.size - start)


def step_of_parts(size: int, first: int, count: int) -> int:
    """The bytes of each part of an object of `count` parts whose first one has `first` bytes; 0 if
    they cannot all but the last have so many."""
    alike = 0 < first <= MAX_PART_BYTES and 1 < count <= MAX_PARTS
    return first if alike and -(-size // first) == count else 0
