"""Numbers in words."""

from __future__ import annotations

import pytest

from tui.services.quantities import (
    at_least,
    clock_text,
    counted,
    elapsed_text,
    exact_rate_text,
    parse_rate,
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


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("", None),
        ("  ", None),
        ("10 MB/s", 10_000_000),
        ("10MB", 10_000_000),
        ("2M", 2_000_000),
        ("500 KiB/s", 512_000),
        ("1,5 MiB/s", 1_572_864),
        ("80 Mbit/s", 10_000_000),
        ("80 Mbps", 10_000_000),
        ("4096", 4096),
        ("1 GB/s", 1_000_000_000),
    ],
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: int | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["fast", "10 XB", "-1 MB/s", "0", "1 kB/s", "1e3 MB", "٣ MB", "10 MB/m"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"10 MB/s|1 KiB/s"):
        parse_rate(text)


@pytest.mark.parametrize("rate", [1025, 2048, 10_000_000, 1_572_864, 3 * 2**30, 999_999_937])
def test_a_rate_is_read_back_exactly(rate: int) -> None:
    assert parse_rate(exact_rate_text(rate)) == rate
