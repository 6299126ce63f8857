"""How long a link lasts, as people type it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tui.services.s3.link_life import lifetime_problems, parse_lifetime


@pytest.mark.parametrize(
    ("text", "lasting"),
    [
        ("90m", timedelta(minutes=90)),
        ("2h 30min", timedelta(hours=2, minutes=30)),
        (" 3 Days ", timedelta(days=3)),
        ("1d,1s", timedelta(days=1, seconds=1)),
        ("45 seconds", timedelta(seconds=45)),
    ],
)
def test_a_time_is_read(text: str, lasting: timedelta) -> None:
    assert parse_lifetime(text) == lasting
    assert lifetime_problems(text) == []


@pytest.mark.parametrize("text", ["", "0m", "5", "h", "-1h", "1 week", "1h later", "1.5h", "٣h x"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert lifetime_problems(text) == ["Type a time such as 90m, 2h 30m or 3d."]


def test_more_than_the_service_allows_is_refused() -> None:
    assert lifetime_problems("7d") == []
    assert lifetime_problems("7d 1s") == ["S3 allows at most 7 days."]
