"""How often to look at something that changes by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pauses:
    """The pauses between looks, in seconds: a first one that grows by a factor up to a longest."""

    first: float = 2.0
    factor: float = 1.5
    longest: float = 15.0

    def after(self, looks: int) -> float:
        """The pause after so many looks that found no change."""
        # The exponent is capped so that a day of looks does not overflow a float.
        return min(self.longest, self.first * self.factor ** min(looks, 64))
