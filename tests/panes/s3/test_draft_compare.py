"""What exists is told apart before the start: identical, different, or only of the same size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.panes.s3.drafts import THERE, Planner, drafted, file, service
from tui.panes.s3.transfers import draft as drafting
from tui.panes.s3.transfers.download_draft import DownloadDraft, DownloadSource
from tui.panes.s3.transfers.upload_draft import UploadDraft
from tui.services.aws import Connection
from tui.services.transfers import (
    ExistingFile,
    ExistingObject,
    RemoteObject,
    Twins,
    UploadPlan,
    Verdicts,
)


async def test_what_exists_is_told_apart_from_what_is_sent() -> None:
    compared: list[str] = []

    async def compare(
        twins: Sequence[Twins], verdicts: Verdicts, *, progress: Callable[[int], None], **_: Any
    ) -> None:
        for number, each in enumerate(twins, 1):
            compared.append(each.object.key)
            verdicts[each.name] = {"in/a": True, "in/b": False, "in/c": None}[each.object.key]
            progress(number)

    files = [file(name) for name in "abcd"]
    planner = Planner(*files, there=["in/a", "in/b", "in/c", "in/d"])
    check = planner.check

    async def checked(plan: UploadPlan, _: object = None) -> UploadPlan:
        plan = await check(plan)
        sizes = {"in/d": 5}
        return replace(
            plan,
            items=tuple(
                replace(item, existing=ExistingObject(sizes.get(item.key, 10), "etag", None))
                for item in plan.items
            ),
        )

    planner.check = checked  # type: ignore[method-assign]  # with other sizes
    transfers = service(planner)
    transfers.comparer = cast("Any", SimpleNamespace(compare=compare))
    draft = UploadDraft(transfers, [Path("in")], "bucket", "", at=Connection())
    await draft.collect()
    await draft.compare()  # there is no plan yet
    await draft.make()
    assert draft.state == "4 files, 40 B; 0 new, 4 exist already (1 different, 3 of the same size)"
    await draft.compare()
    assert compared == ["in/a", "in/b", "in/c"]
    assert draft.plan is not None
    assert [draft.same(item) for item in draft.plan.items] == [True, False, None, False]
    assert draft.state == (
        "4 files, 40 B; 0 new, 4 exist already (1 identical, 2 different, 1 of the same size)"
    )
    await draft.compare()
    assert len(compared) == 3


async def test_only_so_much_is_read_to_tell_identical_from_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafting, "COMPARED_BYTES", 15)
    compared: list[str] = []

    async def compare(twins: Sequence[Twins], *_: Any, **__: Any) -> None:
        compared.extend(each.object.key for each in twins)

    objects = tuple(RemoteObject(name, name, name, 10, "etag", None) for name in "ab")
    planner = Planner(objects=objects)

    async def build(plan: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        made = plan(*args, **options)
        there = ExistingFile(10, 0)
        return replace(made, items=tuple(replace(item, existing=there) for item in made.items))

    planner.build = build  # type: ignore[method-assign]  # with files that are there
    transfers = service(planner)
    transfers.comparer = cast("Any", SimpleNamespace(compare=compare))
    source = DownloadSource("bucket", (), ("",), "", Connection())
    draft = DownloadDraft(transfers, source, Path("/nowhere/at/all"))
    await draft.collect()
    await draft.make()
    await draft.compare()
    assert compared == ["a"]
    assert "2 exist already (2 of the same size)" in draft.state


async def test_what_exists_stays_in_sight_while_patterns_are_typed() -> None:
    draft = await drafted(Planner(file("a"), file("b"), file("c")))
    draft._looked_up.update({"in/a": THERE, "in/b": None})
    draft.patterns = '--exclude "z" --include "'
    await draft.make()
    assert draft.is_looking
    assert draft.plan is not None
    assert [item.key for item in draft.plan.conflicts] == ["in/a"]
    assert [item.key for item in draft.plan.items if not item.checked] == ["in/c"]
    assert draft.state.endswith('1 exists already; none left out by --exclude "z"')
