"""Numbers in words."""

from __future__ import annotations

import pytest

from tui.services.quantities import (
    at_least,
    clock_text,
    counted,
    elapsed_text,
    rate_text,
    size_text,
)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "unknown"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (10 * 1024**3, "10.0 GiB"),
        (5 * 1024**6, "5120.0 PiB"),
    ],
)
def test_sizes(size: int | None, text: str) -> None:
    assert size_text(size) == text


def test_counts_read_well() -> None:
    assert counted(1, "object") == "1 object"
    assert counted(12345, "object") == "12,345 objects"
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(0, "entry", "entries") == "0 entries"


def test_a_count_that_may_grow_says_so() -> None:
    assert at_least(500, "item", complete=False) == "500+ items"
    assert at_least(1, "item", complete=False) == "1+ items"
    assert at_least(1, "item", complete=True) == "1 item"


def test_times_read_well() -> None:
    assert elapsed_text(59.9) == "59 s"
    assert elapsed_text(185) == "3 min 05 s"
    assert clock_text(7) == "0:07"
    assert clock_text(750) == "12:30"
    assert clock_text(10_920) == "3:02:00"


def test_an_unknown_rate_or_time_is_no_zero() -> None:
    assert clock_text(None) == "?"
    assert rate_text(None) == "?/s"
    assert rate_text(1536.2) == "1.5 KiB/s"
