"""The plan of so many files that it holds the first only, and begins before the rest is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.panes.s3.drafts import Planner, file, service
from tui.panes.s3.transfers import download_draft, upload_draft
from tui.panes.s3.transfers import draft as drafting
from tui.panes.s3.transfers.download_draft import DownloadDraft, DownloadSource
from tui.panes.s3.transfers.upload_draft import UploadDraft
from tui.services.aws import Connection
from tui.services.transfers import ConflictPolicy, LocalBatch, RemoteObject, parse_patterns
from tui.services.transfers.models import WalkPosition
from tui.services.transfers.more import MoreFiles, MoreObjects


async def test_of_many_files_the_first_are_previewed_while_the_rest_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafting, "PREVIEWED", 2)
    planner, goes_on = Planner(), asyncio.Event()

    async def walk(_: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch((file("a"), file("b"), file("c")), ())
        await goes_on.wait()
        yield LocalBatch((file("d"),), ())

    planner.walk = walk  # type: ignore[method-assign]  # slowly
    draft = UploadDraft(service(planner), [], "bucket", "", at=Connection())
    looking = asyncio.create_task(draft.collect())
    while draft.plan is None:
        await asyncio.sleep(0)
    first = "Looking for files: 3 files so far… Of the first 2 files: "
    assert draft.state == f"{first}2 files, 20 B"
    assert draft.not_listed == "Only what was found first is listed: more is being looked for."
    draft.patterns = '--exclude "a"'
    assert await draft.make() is None
    assert draft.state == first + '1 file, 10 B; 1 left out by --exclude "a"'
    assert not draft.can_start
    goes_on.set()
    await looking
    await draft.make()
    assert draft.state == '3 files, 30 B; 1 left out by --exclude "a"'
    assert (draft.can_start, draft.not_listed) == (True, "")


def held(monkeypatch: pytest.MonkeyPatch, files: int) -> None:
    """Let plans hold so many files."""
    for module in (drafting, upload_draft, download_draft):
        monkeypatch.setattr(module, "PREVIEWED", files)


async def test_very_many_files_can_be_begun_with_while_they_are_still_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch, 2)
    planner, goes_on = Planner(there=["in/a"]), asyncio.Event()

    async def walk(_: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch((file("a"), file("b")), (), WalkPosition(0, "b"))
        yield LocalBatch((file("c"), file("d")), (), WalkPosition(0, "d"))
        await goes_on.wait()
        yield LocalBatch((file("e"),), (), WalkPosition(0, "e"))

    planner.walk = walk  # type: ignore[method-assign]  # slowly
    draft = UploadDraft(service(planner), [Path("in")], "bucket", "p", at=Connection())
    enough = asyncio.Event()
    draft.enough = enough.set
    looking = asyncio.create_task(draft.collect())
    await enough.wait()
    assert not draft.can_start
    draft.patterns = '--exclude "b"'
    await draft.make()
    assert draft.state == (
        "4 files, 40 B before the patterns so far, still looking… Of the first 2: 1 file, 10 B; "
        '1 left out by --exclude "b". The others are looked up as it goes.'
    )
    draft.choose(ConflictPolicy.OVERWRITE)
    assert draft.may_overwrite
    decided = draft.start()
    assert decided is not None
    assert [item.key for item in decided.plan.items] == ["p/in/a"]
    assert decided.more == MoreFiles(
        (Path("in"),), "p/", True, parse_patterns('--exclude "b"'), after=WalkPosition(0, "b")
    )
    goes_on.set()
    await looking
    assert draft.state.startswith("5 files, 50 B before the patterns. Of the first 2: ")
    assert (len(draft.files), "first 2 files are listed" in draft.not_listed) == (2, True)


async def test_a_very_large_download_knows_where_the_rest_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch, 2)
    planner = Planner()

    async def objects(
        _: str, keys: Sequence[str], prefixes: Sequence[str], **__: object
    ) -> AsyncIterator[tuple[RemoteObject, ...]]:
        for name in (*keys, *(f"{prefix}{n}" for prefix in prefixes for n in "ab")):
            yield (RemoteObject(name, name, name, 10, "e", None),)

    planner.objects = objects  # type: ignore[method-assign]  # one by one
    source = DownloadSource("bucket", ("k",), ("p/", "q/"), "", Connection())
    draft = DownloadDraft(service(planner), source, Path("/to"))
    await draft.collect()
    # Of the first ones there is a plan before it is known that there are so many.
    assert draft.state.count("Of the first") == 1
    await draft.make()
    decided = draft.start()
    assert decided is not None
    assert [item.key for item in decided.plan.items] == ["k", "p/a"]
    assert decided.more == MoreObjects(("p/", "q/"), "", after=WalkPosition(0, "p/a"))
    assert draft.state.startswith("5 files, 50 B. Of the first 2: 2 files")


async def test_links_and_empty_folders_are_told_of_files_that_the_plan_does_not_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(monkeypatch, 2)
    planner, goes_on = Planner(), asyncio.Event()

    async def walk(_: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch((file("a"), file("b")), (), WalkPosition(0, "b"), ("/in/0",))
        yield LocalBatch((file("c"),), (), WalkPosition(0, "c"))
        await goes_on.wait()
        link = file("d", leads_to="/else/d")
        yield LocalBatch((link,), (), WalkPosition(0, "d"), ("/in/e", "/in/f"))

    planner.walk = walk  # type: ignore[method-assign]  # slowly
    draft = UploadDraft(service(planner), [Path("in")], "bucket", "p", at=Connection())
    enough = asyncio.Event()
    draft.enough = enough.set
    looking = asyncio.create_task(draft.collect())
    await enough.wait()
    await draft.make()
    # There may be one among those that are not known yet.
    assert draft.has_links
    goes_on.set()
    await looking
    assert draft.state.endswith(
        "The others are looked up as it goes; 1 is a link (→): what it leads to is sent; "
        "3 empty folders are not sent: S3 keeps objects only."
    )
