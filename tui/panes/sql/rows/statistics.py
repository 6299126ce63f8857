"""What the values of a column are like: how many, how many different, least and greatest, mean, the
most frequent ones, and how they are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import blake2b

from tui.panes.sql.rows.arranged import LOOK_EVERY, OvertakenError
from tui.services.sql.typed_values import NUMBERS, number_key, ordering
from tui.widgets.grid.cells import drawn_text

BINS = 10
TOP = 8
WIDTH = 30
"""Parts of a histogram, values that are listed, and cells of the longest bar."""

LONGEST = 60
"""Characters of a value that are shown; longer ones are still told apart by their content."""

_DIGITS = 20
"""Digits of a mean that are shown."""

_EXACT = Context(prec=2000, rounding=ROUND_HALF_EVEN)
_ROUNDED = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Bin:
    """A part of a histogram."""

    begins: str
    """Its least value."""
    count: int


@dataclass(frozen=True)
class ColumnStatistics:
    """About one column."""

    rows: int
    nulls: int
    distinct: int
    least: str | None = None
    greatest: str | None = None
    total: Decimal | None = None
    """The exact sum of what is finite; None if they are no numbers."""
    finite: int = 0
    """How many numbers are in the sum."""
    top: tuple[tuple[str, int], ...] = ()
    """The most frequent values."""
    bins: tuple[Bin, ...] = ()
    told_mean: str = ""
    told_sum: str = ""
    """The mean and the sum as somebody else worked them out."""

    @property
    def mean(self) -> str:
        """Rounded to 20 digits; exact where it has no more; empty if there is none."""
        if self.total is None or not self.finite:
            return self.told_mean
        return f"{_ROUNDED.divide(self.total, Decimal(self.finite)):f}"


def statistics(
    values: Iterable[str | None], type_name: str, stopped: Callable[[], bool] = lambda: False
) -> ColumnStatistics:
    """Look at every value. For a thread of its own; raises OvertakenError."""
    counts: Counter[tuple[str, bytes]] = Counter()
    rows = nulls = finite = 0
    total = Decimal(0)
    key = ordering(type_name)
    is_number = type_name in NUMBERS
    for rows, value in enumerate(values, 1):
        if rows % LOOK_EVERY == 0 and stopped():
            raise OvertakenError
        if value is None:
            nulls += 1
            continue
        counts[short(value)] += 1
        if is_number:
            number = number_key(value)[1]
            if isinstance(number, Decimal) and number.is_finite():
                total = _EXACT.add(total, number)
                finite += 1
    shown = [_shown(each) for each in counts]
    return ColumnStatistics(
        rows,
        nulls,
        len(counts),
        min(shown, key=key, default=None),
        max(shown, key=key, default=None),
        total if is_number else None,
        finite,
        tuple((_shown(each), count) for each, count in counts.most_common(TOP)),
        _bins({_shown(each): count for each, count in counts.items()}, key),
    )


def short(value: str) -> tuple[str, bytes]:
    """A value, or the beginning of a long one and what tells it from others: many values of a
    megabyte would fill the memory."""
    if len(value) <= LONGEST:
        return value, b""
    whole = value.encode("utf-8", "surrogatepass")
    return f"{value[:LONGEST]}… ({len(value):,} characters)", blake2b(
        whole, digest_size=16
    ).digest()


def _shown(short: tuple[str, bytes]) -> str:
    return short[0]


def _bins(counts: dict[str, int], key: Callable[[str], tuple[int, object]]) -> tuple[Bin, ...]:
    """Parts of the same width between the least and the greatest value; none for text."""
    measured = [(key(value)[1], value) for value in counts]
    found = [
        (Decimal(place), value)
        for place, value in measured
        if isinstance(place, int | Decimal) and key(value)[0] == 1 and Decimal(place).is_finite()
    ]
    if len(found) < 2:
        return ()
    low, high = min(found)[0], max(found)[0]
    parts: list[list[tuple[Decimal, str]]] = [[] for _ in range(BINS)]
    for place, value in found:
        at = int((place - low) / (high - low) * BINS)
        parts[min(at, BINS - 1)].append((place, value))
    return tuple(
        Bin(min(part)[1] if part else "", sum(counts[value] for _, value in part)) for part in parts
    )


def described(found: ColumnStatistics, *, rows: str = "") -> str:
    """The figures as lines. `rows` words their number where that is not all."""
    some = found.rows - found.nulls
    lines = [
        ("rows", rows or f"{found.rows:,}"),
        ("NULL", f"{found.nulls:,}{_share(found.nulls, found.rows)}"),
        ("values", f"{some:,}"),
        ("different", f"{found.distinct:,}"),
    ]
    if found.least is not None and found.greatest is not None:
        lines += [("least", _value(found.least)), ("greatest", _value(found.greatest))]
    if found.mean:
        lines.append(("mean", found.mean))
    if found.told_sum:
        lines.append(("sum", found.told_sum))
    if found.total is not None and found.finite:
        lines.append(("sum", f"{found.total:f}"))
        if found.finite < some:
            lines.append(("", f"without {some - found.finite:,} that are NaN or infinite"))
    text = "\n".join(f"{name:<11}{value}" for name, value in lines)
    if found.top and found.distinct < some:
        text += "\n\nMost frequent\n" + "\n".join(_bars(found.top))
    if any(each.count for each in found.bins):
        parts = [(each.begins, each.count) for each in found.bins]
        text += "\n\nSpread, in ten parts of the same width (each by its least value)\n"
        text += "\n".join(_bars(parts))
    return text


def _bars(counted: Sequence[tuple[str, int]]) -> list[str]:
    drawn = [_value(value) if count else "" for value, count in counted]
    width = min(max(len(each) for each in drawn), LONGEST)
    most = max(count for _, count in counted) or 1
    figures = max(len(f"{count:,}") for _, count in counted)
    return [
        f"  {value:<{width}}  {count:>{figures},}  {'█' * round(count / most * WIDTH)}".rstrip()
        for value, (_, count) in zip(drawn, counted, strict=True)
    ]


def _value(value: str) -> str:
    return drawn_text(value).replace("\n", "␊")


def _share(part: int, whole: int) -> str:
    return f" ({part / whole:.1%})" if whole and part else ""
