"""The filter of names: a part of the name, or a glob, as it is typed."""

from __future__ import annotations

import pytest

from tui.panes.s3.listing import NO_MATCH_LOADED, NO_MATCH_YET, Listing
from tui.panes.s3.name_filter import name_filter
from tui.services.s3 import S3Location, S3Object


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pic", ["Pic.PNG", "tall-pic.jpg"]),
        ("p*.p", ["Pic.PNG"]),
        ("pic?png", ["Pic.PNG"]),
        ("*", ["Pic.PNG", "tall-pic.jpg", "a*b", "line\nfeed", "[x]"]),
        ("a*b", ["a*b"]),
        ("l*c.j*", ["tall-pic.jpg"]),
        ("line?f", ["line\nfeed"]),
        ("[x]", ["[x]"]),
        ("g*p", []),
        ("?????????????", []),
    ],
)
def test_a_glob_is_found_anywhere_in_a_name(text: str, found: list[str]) -> None:
    names = ["Pic.PNG", "tall-pic.jpg", "a*b", "line\nfeed", "[x]"]
    assert [name for name in names if name_filter(text)(name)] == found


def test_a_glob_that_is_made_to_be_slow_is_not() -> None:
    assert not name_filter("a*" * 500 + "b")("a" * 1024)


def test_no_names_that_begin_with_a_glob_are_asked_for() -> None:
    listing = Listing(S3Location("bucket"))
    listing.add([S3Object("pic.png", 1, None, "", "")], "more")
    for needle, asked in (("x", True), ("x*y", False)):
        listing.needle = needle
        listing.arrange()
        assert listing.is_partial is asked
        assert listing.why_empty() == (NO_MATCH_YET if asked else NO_MATCH_LOADED)
