"""The deletes that can be taken back: the newest first, over a restart, never without end."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui.panes.s3.change.undoing import undo_question, worth_removing
from tui.services.aws import Connection, Identity, Target
from tui.services.errors import ServiceError
from tui.services.private_file import locked_beside
from tui.services.s3 import Name
from tui.services.s3.deleting import undo_stack
from tui.services.s3.deleting.marker_look import MarkerState
from tui.services.s3.deleting.undo_stack import UndoableDelete, UndoStack, new_delete

HERE = Connection(Target(endpoint_url="http://here"))


def deleted(*keys: str, at: Connection = HERE, bucket: str = "b") -> UndoableDelete:
    return new_delete(bucket, [Name(key, f"v-{key}") for key in keys], at)


def test_deletes_come_back_newest_first_after_a_restart_too(tmp_path: Path) -> None:
    stack = UndoStack(tmp_path / "undo.json")
    first, second = deleted("a", "\x1b[31m\udc80"), deleted("c")
    stack.push(first)
    stack.push(second)

    again = UndoStack(stack.path)
    again.read()
    assert again.newest(HERE) == second
    again.leave(second, ())
    assert again.newest(HERE) == first
    again.leave(first, first.markers[1:])
    found = again.newest(HERE)
    assert found is not None
    assert found.markers == first.markers[1:]


def test_only_deletes_of_this_place_are_offered(tmp_path: Path) -> None:
    def account(number: str) -> Connection:
        return Connection(identity=Identity(number, f"arn:aws:iam::{number}:user/u", None))

    stack = UndoStack(tmp_path / "undo.json")
    elsewhere, mine = deleted("x", at=Connection()), deleted("y", at=account("111111111111"))
    stack.push(mine)
    stack.push(elsewhere)
    assert stack.newest(HERE) is None
    # What was deleted while nobody knew the account may be of this one.
    assert stack.newest(account("222222222222")) == elsewhere
    assert stack.count(account("222222222222")) == 1
    assert stack.count(account("111111111111")) == 2


def test_another_window_loses_nothing(tmp_path: Path) -> None:
    one, two = UndoStack(tmp_path / "undo.json"), UndoStack(tmp_path / "undo.json")
    mine, its = deleted("a"), deleted("b")
    one.push(mine)
    two.push(its)
    one.leave(mine, ())
    two.read()
    assert two.deletes == [its]


def test_the_file_is_bounded_and_the_oldest_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_stack, "MOST_BYTES", 1000)
    stack = UndoStack(tmp_path / "undo.json")
    for number in range(20):
        stack.push(deleted(f"{number}" * 20))
    assert stack.path.stat().st_size <= 1000
    again = UndoStack(stack.path)
    again.read()
    kept = again.newest(HERE)
    assert kept is not None
    assert kept.markers[0].key == "19" * 20


def test_a_delete_that_is_too_large_for_the_file_can_be_undone_until_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_stack, "MOST_BYTES", 1000)
    stack, small, large = UndoStack(tmp_path / "undo.json"), deleted("a"), deleted("x" * 2000)
    stack.push(small)
    with pytest.raises(ServiceError, match="only until you quit"):
        stack.push(large)
    assert stack.newest(HERE) == large
    stack.leave(large, ())
    assert stack.newest(HERE) == small


@pytest.mark.parametrize("held", [b"not json", b"[]", b'{"deletes": [{"bucket": 1}]}'])
def test_a_file_that_is_not_ours_is_left_as_it_is(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "undo.json"
    path.write_bytes(held)
    stack, made = UndoStack(path), deleted("a")
    with pytest.raises(ServiceError, match=r"undo\.json"):
        stack.push(made)
    assert path.read_bytes() == held
    assert stack.newest(HERE) == made


def test_the_question_says_what_comes_back_and_what_is_left_alone() -> None:
    undone = deleted("back", "new\x1b", "gone", "twice", "empty")
    states = dict(
        zip(
            undone.markers,
            (
                MarkerState.HIDES,
                MarkerState.COVERED,
                MarkerState.GONE,
                MarkerState.DOUBLE,
                MarkerState.EMPTY,
            ),
            strict=True,
        )
    )
    assert [each.key for each in worth_removing(undone.markers, states)] == ["back", "twice"]
    question = undo_question(undone, states, "Where.", 2)
    assert "2 delete markers of the bucket b will be removed" in question
    assert "Left alone: 3" in question
    assert "new␛: something was written since" in question
    assert "twice: another delete marker is under it" in question
    assert "can be undone after it: 2" in question


def test_what_could_not_be_looked_up_is_removed_and_said() -> None:
    undone = deleted("a")
    assert worth_removing(undone.markers, {}) == undone.markers
    assert "s3:ListBucketVersions" in undo_question(undone, {}, "Where.", 0)


def test_windows_that_delete_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "undo.json"

    def window(name: str) -> None:
        stack = UndoStack(path)
        for number in range(10):
            stack.push(deleted(f"{name}{number}"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(window, "ab"))
    stack = UndoStack(path)
    stack.read()
    assert {each.markers[0].key for each in stack.deletes} == {
        f"{name}{number}" for name in "ab" for number in range(10)
    }


def test_a_file_that_another_window_does_not_let_go_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_stack, "MOST_WAIT", 0.0)
    stack, made = UndoStack(tmp_path / "undo.json"), deleted("a")
    lock = locked_beside(stack.path, 0)
    with pytest.raises(ServiceError, match="only until you quit"):
        stack.push(made)
    assert stack.newest(HERE) == made
    assert not stack.path.exists()
    os.close(lock)
    stack.push(deleted("b"))
    assert stack.path.exists()
