"""A plan in the making: nothing starts that was not seen, and nothing is replaced unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.panes.s3.drafts import Planner, drafted, file, service
from tui.panes.s3.transfers.download_draft import DownloadDraft, DownloadSource
from tui.panes.s3.transfers.draft import (
    HINT,
    HINT_DECIDE,
    HINT_WAITING,
    HINT_WITH_CONFLICTS,
    NO_PLAN,
)
from tui.panes.s3.transfers.rows import upload_rows
from tui.panes.s3.transfers.upload_draft import UploadDraft
from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.transfers import (
    ConflictPolicy,
    Leftover,
    LocalBatch,
    Problem,
    RemoteObject,
    UploadPlan,
)
from tui.widgets.grid.cells import Cell, Tone


async def test_a_plan_is_ready_when_it_is_checked_and_says_what_it_holds() -> None:
    planner = Planner(
        file("a"), file("b"), there=["in/a"], problems=(Problem("/dev/x", "a device"),)
    )
    draft = await drafted(planner)
    assert draft.state == "Looking for files: 2 files so far…"
    planner.goes_on.clear()
    making = asyncio.create_task(draft.make())
    await asyncio.sleep(0)
    assert "checking what exists already…" in draft.state
    assert draft.start() is None
    planner.goes_on.set()
    assert await making is None  # the early start waits for a look at what exists
    assert draft.hint == HINT_DECIDE
    assert draft.can_start
    assert (
        draft.state == "2 files, 20 B; 1 new, 1 exists already (1 different); "
        "1 left out, with the reason"
    )
    await draft.make()
    assert draft.hint == HINT_WITH_CONFLICTS
    decided = draft.start()
    assert decided is not None
    assert decided.plan is draft.plan
    assert (decided.policy, decided.overrides) == (ConflictPolicy.SKIP, {})


async def test_a_start_before_the_plan_is_ready_begins_when_there_is_nothing_to_decide() -> None:
    draft = await drafted(Planner(file("a")))
    assert draft.start() is None
    assert draft.hint == HINT_WAITING
    decided = await draft.make()
    assert decided is not None
    assert [item.key for item in decided.plan.items] == ["in/a"]
    assert draft.hint == HINT


@pytest.mark.parametrize(
    "planner",
    [
        {"there": ["in/a"]},
        {"problems": (Problem("/dev/x", "a device"),)},
        {"unchecked": frozenset(["in/a"])},
        {"files": (file("a", leads_to="/etc/passwd"),)},
        {"files": (file(".env"),)},
    ],
    ids=["it exists", "something is left out", "not looked up", "a link", "hidden"],
)
async def test_an_early_start_waits_where_there_is_something_to_look_at(
    planner: dict[str, Any],
) -> None:
    files = planner.pop("files", (file("a"),))
    draft = await drafted(Planner(*files, **planner))
    assert draft.start() is None
    assert await draft.make() is None
    assert draft.hint == HINT_DECIDE
    # Seen by now: the next time it starts.
    assert draft.start() is not None


async def test_what_links_lead_to_and_what_is_hidden_is_said() -> None:
    draft = await drafted(Planner(file("a", leads_to="/etc/passwd"), file(".env"), file("b")))
    await draft.make()
    assert "1 is a link (→): what it leads to is sent" in draft.state
    assert "1 is hidden (a dot before the name)" in draft.state
    draft.follows_links = False
    await draft.make()
    assert draft.state.startswith("2 files, 20 B; 1 left out, with the reason")


async def test_empty_folders_are_counted_and_named_before_the_start() -> None:
    draft = await drafted(Planner(file("a"), empty=("/home/me/in/d", "/home/me/in/e")))
    await draft.make()
    assert draft.state == "1 file, 10 B; 2 empty folders are not sent: S3 keeps objects only"
    assert draft.plan is not None
    found = upload_rows(draft.plan, draft.policy_of)
    assert [cells[0] for _, cells in found[1:]] == [
        Cell("/home/me/in/d/", Tone.DIM),
        Cell("/home/me/in/e/", Tone.DIM),
    ]


async def test_a_folder_of_blanks_is_said_before_it_comes_into_being() -> None:
    draft = await drafted(Planner(file("a")), "in")
    await draft.make()
    assert "blanks" not in draft.state
    draft.folder = "  "
    await draft.make()
    assert "the folder has blanks around a name: “  /”" in draft.state


async def test_nothing_starts_that_is_not_about_what_was_typed_last() -> None:
    planner = Planner(file("a"))
    draft = await drafted(planner)
    await draft.make()
    draft.folder = "sub"
    assert not draft.can_start
    assert draft.start() is None
    planner.there = ["sub/in/a"]
    assert await draft.make() is None
    assert draft.plan is not None
    assert [item.key for item in draft.plan.conflicts] == ["sub/in/a"]


async def test_what_is_typed_while_a_plan_is_made_leaves_it_unready() -> None:
    planner = Planner(file("a"))
    draft = await drafted(planner)
    planner.goes_on.clear()
    making = asyncio.create_task(draft.make())
    await asyncio.sleep(0)
    draft.folder = "later"
    draft.start()
    planner.goes_on.set()
    assert await making is None
    assert not draft.can_start
    assert draft.hint == HINT_WAITING


async def test_patterns_that_are_not_understood_leave_no_plan() -> None:
    draft = await drafted(Planner(file("a")))
    await draft.make()
    draft.patterns = "*.csv"
    draft.start()
    with pytest.raises(ServiceError):
        await draft.make()
    assert draft.state == NO_PLAN
    assert draft.plan is None
    assert not draft.can_start
    assert draft.hint == HINT  # a start that was asked for early is forgotten
    draft.patterns = '--exclude "a"'
    await draft.make()
    assert draft.state == '0 files, 0 B; 1 left out by --exclude "a"'
    assert not draft.can_start
    assert draft.start() is None


async def test_files_that_cannot_be_looked_for_leave_no_plan() -> None:
    planner = Planner()

    async def denied(_: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch((), ())
        raise ServiceError("Could not list it.")

    planner.walk = denied  # type: ignore[method-assign]  # as a server may answer
    draft = UploadDraft(service(planner), [], "bucket", "", at=Connection())
    draft.start()
    with pytest.raises(ServiceError):
        await draft.collect()
    assert not draft.collected
    assert draft.state == NO_PLAN
    assert draft.hint == HINT


async def test_what_exists_is_skipped_unless_decided_for_all_or_for_one() -> None:
    draft = await drafted(Planner(file("a"), file("b"), there=["in/a", "in/b"]))
    await draft.make()
    assert draft.overwritten == 0
    draft.change("in/a")
    assert draft.policy_of("in/a") is ConflictPolicy.OVERWRITE
    assert draft.policy_of("in/b") is ConflictPolicy.SKIP
    assert draft.overwritten == 1
    draft.change("in/a")
    assert draft.policy_of("in/a") is ConflictPolicy.KEEP_BOTH
    decided = draft.start()
    assert decided is not None
    assert decided.overrides == {"in/a": ConflictPolicy.KEEP_BOTH}
    draft.choose(ConflictPolicy.OVERWRITE)
    assert draft.overrides == {}
    assert draft.overwritten == 2
    # What was given does not change behind its owner's back.
    assert decided.overrides == {"in/a": ConflictPolicy.KEEP_BOTH}


async def test_the_names_of_chosen_folders_can_be_left_out() -> None:
    draft = await drafted(Planner(file("a")), "flat")
    assert draft.has_folders
    draft.keep_folder_names = False
    await draft.make()
    assert draft.plan is not None
    assert [item.key for item in draft.plan.items] == ["flat/a"]


@pytest.mark.parametrize("wanted", [False, True])
async def test_unfinished_files_are_removed_only_if_it_is_asked_for(
    tmp_path: Path, wanted: bool
) -> None:
    found = (Leftover(tmp_path / ".tristore-0123456789abcdef.part", 4),)
    objects = (RemoteObject("d/a//b", "a//b", "a//b", 1, "", None),)
    source = DownloadSource("bucket", (), ("d/",), "d/", Connection())
    draft = DownloadDraft(service(Planner(objects=objects), found), source, tmp_path)
    await draft.collect()
    await draft.make()
    assert draft.leftovers == found
    assert draft.state == "1 file, 1 B; 1 gets another name here"
    draft.remove_leftovers = wanted
    decided = draft.start()
    assert decided is not None
    assert decided.leftovers == (found if wanted else ())


@pytest.mark.parametrize(
    ("keys", "prefixes", "count", "usual"),
    [(("d/a.txt",), (), 1, "a.txt"), ((), ("d/",), 1, ""), (("d/a.txt", "d/b"), (), 2, "")],
)
async def test_a_single_object_can_get_another_name_here(
    tmp_path: Path, keys: tuple[str, ...], prefixes: tuple[str, ...], count: int, usual: str
) -> None:
    names = ("a.txt", "b")[:count]
    objects = tuple(RemoteObject(f"d/{name}", name, name, 0, "", None) for name in names)
    source = DownloadSource("bucket", keys, prefixes, "d/", Connection())
    draft = DownloadDraft(service(Planner(objects=objects)), source, tmp_path)
    await draft.collect()
    assert draft.usual_name == usual
    for typed, written in (("", "a.txt"), ("new/b.csv", "new/b.csv"), ("new/", "new/a.txt")):
        draft.name = typed
        await draft.make()
        assert draft.plan is not None
        first = draft.plan.items[0]
        assert not first.is_folder
        assert (first.key, first.target) == ("d/a.txt", tmp_path / (written if usual else "a.txt"))


@pytest.mark.parametrize(("size", "is_said"), [(2**60, True), (1, False)])
async def test_a_disk_that_is_too_small_is_said_before_the_start(
    tmp_path: Path, size: int, is_said: bool
) -> None:
    objects = (RemoteObject("a", "a", "a", size, "", None),)
    source = DownloadSource("bucket", ("a",), (), "", Connection())
    draft = DownloadDraft(service(Planner(objects=objects)), source, tmp_path / "not" / "there")
    await draft.collect()
    await draft.make()
    assert ("B are free on this disk" in draft.state) is is_said
    assert draft.can_start


async def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    objects = (RemoteObject("d/a.txt", "a.txt", "a.txt", 1, "", None),)
    source = DownloadSource("bucket", ("d/a.txt",), (), "d/", Connection())
    draft = DownloadDraft(service(Planner(objects=objects)), source, tmp_path)
    await draft.collect()
    for typed in ("../x", "/etc/passwd", "a/../../x", "~/x"):
        draft.name = typed
        await draft.make()
        assert draft.plan is not None
        assert all(tmp_path in item.target.resolve().parents for item in draft.plan.items)


async def test_patterns_in_the_middle_of_being_typed_are_previewed_and_start_nothing() -> None:
    draft = await drafted(Planner(file("a"), file("b")))
    draft.patterns = '--exclude "a" --include "'
    await draft.make()
    assert draft.plan is not None
    assert [item.key for item in draft.plan.items] == ["in/b"]
    assert draft.state.startswith("Not finished: A quote is not closed in the patterns")
    assert draft.state.endswith('1 file, 10 B; 1 left out by --exclude "a"')
    assert not draft.can_start
    assert draft.start() is None
    draft.patterns = '--exclude "a" --include "z"'
    decided = await draft.make()
    assert decided is not None
    assert [item.key for item in decided.plan.items] == ["in/b"]


async def test_what_was_looked_up_is_not_looked_up_again_for_other_patterns() -> None:
    asked: list[dict[str, Any]] = []

    class Noting(Planner):
        async def check(self, plan: UploadPlan, looked_up: Any = None) -> UploadPlan:
            asked.append(looked_up)
            return await super().check(plan)

    draft = await drafted(Noting(file("a")))
    await draft.make()
    await draft.make()
    assert asked[0] is asked[1]
