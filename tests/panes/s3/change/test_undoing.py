"""Taking a delete back: what is back is counted by objects, however many markers each had."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

import pytest

from tui.panes.s3.change.undoing import MarkerRemoval
from tui.services.aws import Connection
from tui.services.s3 import DeleteOutcome, FailedKey, Name, S3Service

MARKERS = (Name("k", "m2"), Name("k", "m1"), Name("other", "m3"))
"""A delete that was sent again made two of them for one object."""


class Scripted:
    """Gives these outcomes."""

    def __init__(self, *outcomes: DeleteOutcome) -> None:
        self._outcomes = outcomes

    async def remove_markers(
        self, bucket: str, markers: Sequence[Name], *, at: Connection
    ) -> AsyncGenerator[DeleteOutcome, None]:
        for each in self._outcomes:
            yield each


def removed(*names: Name, failed: tuple[FailedKey, ...] = ()) -> DeleteOutcome:
    stay = {each.key for each in failed}
    keys = tuple(each.key for each in names if each.key not in stay)
    return DeleteOutcome(keys, failed, 0, removed=names)


async def after(*outcomes: DeleteOutcome) -> tuple[MarkerRemoval, list[str]]:
    removal, states = MarkerRemoval("b", MARKERS), list[str]()
    s3: Any = Scripted(*outcomes)
    async for _ in removal.run(cast("S3Service", s3), Connection()):
        states.append(removal.state)
    return removal, states


async def test_an_object_with_two_markers_is_one_that_is_back() -> None:
    removal, states = await after(removed(*MARKERS))
    assert states == ["brought back 2 of 2, Esc stops"]
    assert removal.report == "2 objects are back."
    assert removal.problem is None


@pytest.mark.parametrize("calls", [1, 2])
async def test_an_object_is_not_back_while_one_of_its_markers_stays(calls: int) -> None:
    refused = (FailedKey("k", "AccessDenied", "no"),)
    outcomes = [
        [removed(MARKERS[0], MARKERS[2], failed=refused)],
        [removed(MARKERS[0]), removed(MARKERS[2], failed=refused)],
    ][calls - 1]
    removal, states = await after(*outcomes)
    assert states[-1] == "brought back 1 of 2, Esc stops"
    assert removal.report == "1 object is back."
    assert removal.left == [Name("k", "m1")]
    assert removal.problem is not None
    assert removal.problem.message == "1 delete marker was not removed."
