"""Where a range of keys is best cut in two, as far as the keys that were seen tell."""

from __future__ import annotations

from collections.abc import Iterable

_GROUPS = (
    ("", "0123456789"),
    ("ABCDEF", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("abcdef", "abcdefghijklmnopqrstuvwxyz"),
)
"""Where one of these characters was seen, the others are expected as well: the first ones (of a
hexadecimal number) if no other was seen, else all."""

_ANYTHING = "".join(wide for _, wide in _GROUPS)
"""What is expected at a place of which nothing was seen, in the order of S3."""

PLACES = 6
"""Characters behind the common beginning that are taken into account."""

LAST = "\U0010ffff"
"""The character that sorts last."""

MAX_PLACES = 200
"""Characters of a key whose alphabets are noted."""


def order_of(key: str) -> bytes:
    """What S3 orders a key by: its bytes."""
    return key.encode("utf-8", "surrogateescape")


class Alphabets:
    """The characters that were seen at each place of the keys."""

    def __init__(self) -> None:
        self._seen: list[set[str]] = []
        self._expected: dict[int, str] = {}

    def see(self, keys: Iterable[str]) -> None:
        """Note the characters of some keys."""
        for key in keys:
            cut = key[:MAX_PLACES]
            while len(self._seen) < len(cut):
                self._seen.append(set())
            for place, character in enumerate(cut):
                if character not in self._seen[place]:
                    self._seen[place].add(character)
                    self._expected.pop(place, None)

    def at(self, place: int) -> str:
        """The characters that are expected at a place, in the order of S3."""
        if place >= len(self._seen):
            return _ANYTHING
        if place not in self._expected:
            found = set(self._seen[place])
            for narrow, wide in _GROUPS:
                if found & (set(wide) - set(narrow)):
                    found |= set(wide)
                elif found & set(narrow):
                    found |= set(narrow)
            self._expected[place] = "".join(sorted(found))
        return self._expected[place]

    def middle(self, after: str, until: str, part: float = 0.5) -> str | None:
        """A text in the middle of what lies behind `after` and before `until`, or behind another
        `part` of it; None if no place for one is seen."""
        same = common_length(after, until)
        low, high = self._numbers(same, after, until)
        value = low + int((high - low) * part)
        if value <= low:
            return None
        ranks: list[int] = []
        for place in reversed(range(same, same + PLACES)):
            value, rank = divmod(value, len(self.at(place)) + 1)
            ranks.append(rank)
        text = after[:same]
        for place, rank in enumerate(reversed(ranks), same):
            if rank == 0:
                break
            text += self.at(place)[rank - 1]
        within = order_of(after) < order_of(text) < order_of(until)
        return text if within else None

    def rest(self, begin: str, after: str, until: str) -> float:
        """How much lies behind `after` and before `until`, as a multiple of what lies between
        `begin` and `after`."""
        low, here, high = self._numbers(common_length(begin, until), begin, after, until)
        return max(0, high - here) / max(1, here - low)

    def _numbers(self, same: int, *texts: str) -> list[int]:
        """Where texts with a common beginning lie between each other."""
        numbers = [0] * len(texts)
        for place in range(same, same + PLACES):
            letters = self.at(place)
            base = len(letters) + 1
            for at, text in enumerate(texts):
                numbers[at] = numbers[at] * base + _rank(letters, text[place : place + 1])
        return numbers


def _rank(letters: str, character: str) -> int:
    """0 where the key has ended, else the number of letters up to and with this one."""
    if not character:
        return 0
    return sum(letter <= character for letter in letters)


def common_length(first: str, second: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))
