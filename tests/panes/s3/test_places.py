"""Back and forward as in a web browser; bookmarks and typed places survive a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.panes.s3.places import RECENT, Places, Trail
from tui.services.errors import ServiceError
from tui.services.s3 import ROOT, S3Location

A, B, C = (S3Location("bucket", prefix) for prefix in ("a/", "b/", "c/"))


def test_steps_lead_back_and_forward_again() -> None:
    trail = Trail()
    trail.left(ROOT, A)
    trail.left(A, B)
    assert trail.back(B) == A
    assert trail.back(A) == ROOT
    assert not trail.can_go_back
    assert trail.forward(ROOT) == A
    assert trail.forward(A) == B
    assert not trail.can_go_forward


def test_a_new_step_forgets_what_lay_ahead() -> None:
    trail = Trail()
    trail.left(A, B)
    trail.back(B)
    trail.left(A, C)
    assert not trail.can_go_forward
    assert trail.back(C) == A


def test_staying_is_no_step() -> None:
    trail = Trail()
    trail.left(A, A)
    assert not trail.can_go_back


def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "places.json"
    odd = "s3://bucket/\x1b[31m/[red]\n/\udc80"
    assert Places(path).toggle_bookmark(odd)
    Places(path).typed("s3://bucket/x/")
    again = Places(path)
    again.read()
    assert again.bookmarks == [odd]
    assert again.recent == ["s3://bucket/x/"]
    assert path.stat().st_mode & 0o077 == 0
    assert not again.toggle_bookmark(odd)
    assert again.bookmarks == []


def test_typed_places_are_bounded_and_stand_once(tmp_path: Path) -> None:
    places = Places(tmp_path / "places.json")
    for number in range(RECENT + 5):
        places.typed(f"s3://bucket/{number}/")
    places.typed("s3://bucket/50/")
    assert len(places.recent) == RECENT
    assert places.recent[-1] == "s3://bucket/50/"
    assert places.recent.count("s3://bucket/50/") == 1


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"bookmarks": "x", "recent": []}']
)
def test_a_file_that_is_not_ours_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "places.json"
    path.write_bytes(content)
    with pytest.raises(ServiceError) as caught:
        Places(path).typed("s3://bucket/")
    assert str(path) in caught.value.cause
    assert path.read_bytes() == content


async def test_keys_go_back_and_to_places_that_are_kept(
    browse: Browse, bucket: str, put: Put
) -> None:
    put({"a/one.txt": b"1", "b/two.txt": b"2"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("down")
        await person.press("enter")
        await person.loaded()
        await person.sees("two.txt")
        await person.press("ctrl+d")
        await person.sees("Keep this place")
        await person.press("+")
        await person.idle()
        await person.press("b")
        await person.loaded()
        await person.sees("a/", "b/")
        assert person.here == "b/"
        await person.press("B")
        await person.loaded()
        await person.sees("two.txt")
        await person.press("b")
        await person.loaded()
        await person.press("ctrl+d")
        await person.sees("Keep this place", f"s3://{bucket}/b/")
        await person.press("down")
        await person.press("enter")
        await person.idle()
        await person.sees("two.txt")


async def test_the_line_recalls_what_was_typed(browse: Browse, bucket: str, put: Put) -> None:
    put({"a/one.txt": b"1"})
    async with browse() as person:
        await person.press(":")
        await person.press("ctrl+u")
        await person.type(f"s3://{bucket}/a/")
        await person.press("enter")
        await person.idle()
        await person.sees("one.txt")
        await person.press("backspace")
        await person.press("backspace")
        await person.idle()
        assert person.browser.location == ROOT
        await person.press(":")
        await person.press("up")
        await person.press("enter")
        await person.idle()
        await person.sees("one.txt")
