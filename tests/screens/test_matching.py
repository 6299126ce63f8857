"""What is typed into the palette finds commands, at once however long their help is."""

from __future__ import annotations

import pytest

from tui.screens.matching import HELP, LETTERS, WHOLE, WORDS, match


@pytest.mark.parametrize(
    ("query", "title", "least", "marked"),
    [
        ("region", "Region  R", WHOLE, "Region"),
        ("  REGION ", "Choose a region", WHOLE, "region"),
        ("re up", "S3: Upload, refresh", WORDS, "Upre"),
        ("upld", "S3: Upload  u", LETTERS, "Upld"),
        ("ß", "straße", WHOLE, ""),
    ],
)
def test_what_is_found_in_a_title_is_marked(
    query: str, title: str, least: float, marked: str
) -> None:
    score, offsets = match(query, title, "")
    assert least <= score <= least + 0.2
    assert "".join(title[offset] for offset in offsets) == marked


def test_the_help_is_found_by_its_words_only() -> None:
    assert match("another region", "R", "Choose another region.") == (HELP, ())
    assert match("anthr", "R", "Choose another region.") == (0.0, ())
    assert match("", "R", "Choose another region.") == (0.0, ())


def test_a_better_match_comes_first() -> None:
    titles = ["Copy as…", "S3: Copy", "Choose copies", "Clear old pages, yes"]
    scores = [match("copy", title, "")[0] for title in titles]
    assert scores[0] > scores[1] > scores[3] > 0
    assert match("copy", "Move", "Copy and delete")[0] < scores[3]


def test_letters_that_stand_everywhere_end_at_once() -> None:
    # To try each way to find them would take longer than anyone waits.
    text = "another region " * 200
    assert match("anotherregionanotherregionx", text[:60], text) == (0.0, ())
