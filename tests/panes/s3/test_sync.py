"""Synchronising by keyboard: both ways, what is compared, and deletions that are typed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.widgets import Checkbox, Input, Select

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, Person
from tui.panes.s3.transfers import rows, sync_draft
from tui.panes.s3.transfers.draft import HINT_DECIDE
from tui.panes.s3.transfers.rows import sync_rows
from tui.panes.s3.transfers.sync_dialog import SyncDialog
from tui.panes.s3.transfers.sync_draft import SyncDraft
from tui.services.aws import Account, Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import (
    Direction,
    LocalBatch,
    LocalFile,
    Problem,
    RemoteObject,
    SyncBy,
    SyncKind,
    TransferService,
    Twins,
    Verdicts,
)
from tui.services.transfers.sync.sync_plan import SyncTally
from tui.widgets.grid.cells import Cell, Tone


def file(name: str, size: int = 1) -> LocalFile:
    return LocalFile(Path("/in") / name, "in", name, size, 0)


def there(name: str, size: int = 1) -> RemoteObject:
    return RemoteObject(f"p/{name}", name, name, size, "etag", None)


class Transfers:
    """Finds what it is told, and compares contents without reading any."""

    def __init__(self, *files: LocalFile, objects: Sequence[RemoteObject] = ()) -> None:
        self.files, self.found = files, objects
        self.problems: tuple[Problem, ...] = ()
        self.empty: tuple[str, ...] = ()
        self.planner = self
        self.comparer = SimpleNamespace(compare=self._compare)
        self.is_read_only = False
        self.compared = 0

    async def walk(self, _: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch(self.files, self.problems, empty_folders=self.empty)

    async def objects(self, *_: Any, **__: Any) -> AsyncIterator[tuple[RemoteObject, ...]]:
        yield tuple(self.found)

    async def build(self, plan: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        return plan(*args, **options)

    async def _compare(
        self, twins: Sequence[Twins], verdicts: Verdicts, *, progress: Any, at: Any
    ) -> None:
        self.compared += len(twins)
        progress(len(twins))
        verdicts.update({each.name: True for each in twins})

    def refuse_if_read_only(self) -> None:
        if self.is_read_only:
            raise ServiceError("Read-only.", kind=ErrorKind.READ_ONLY)


async def drafted(transfers: Transfers) -> SyncDraft:
    draft = SyncDraft(cast("TransferService", transfers), "b", "p/", Path("/in"), at=Connection())
    await draft.collect()
    return draft


async def test_the_state_counts_what_is_new_changed_identical_and_only_there() -> None:
    transfers = Transfers(file("a"), file("b", 2), objects=[there("b"), there("c")])
    draft = await drafted(transfers)
    assert await draft.make() is None
    assert draft.state == ("1 new (1 B); 1 changed (2 B); 1 only in S3, left there (1 B)")
    assert draft.overwritten == 1
    assert draft.can_start
    draft.deletes = True
    assert not draft.ready
    await draft.make()
    assert "1 only in S3, to be DELETED (1 B)" in draft.state
    assert draft.plan is not None
    found = sync_rows(replace(draft.plan, problems=[Problem("/in/pipe", "a pipe")] * 5000))
    # However much is left out, what is deleted or overwritten stands there.
    assert found[0][1][0] == "c"
    assert len(found) == rows.SHOWN + 1
    assert found[-4][1][0] == Cell("pipe", Tone.WARNING)
    assert [str(cells[0]) for _, cells in found[-3:-1]] == ["b", "a"]
    # Where there is nothing else, all the rows are for them.
    deleted = tuple(row for row in draft.plan.rows if row.kind is SyncKind.EXTRA) * rows.SHOWN
    tallies = {kind: SyncTally() for kind in SyncKind}
    tallies[SyncKind.EXTRA].count = len(deleted)
    found = sync_rows(replace(draft.plan, rows=deleted, tallies=tallies))
    assert {cells[0] for _, cells in found} == {"c"}
    assert len(found) == rows.SHOWN
    draft.turn(Direction.DOWNLOAD)
    await draft.make()
    assert "1 only on this machine, to be DELETED (1 B)" in draft.state


async def test_the_state_of_an_upload_says_how_many_files_are_hidden() -> None:
    link = replace(file("a"), leads_to="/in/b")
    draft = await drafted(Transfers(file(".env"), link))
    draft.start()
    assert await draft.make() is None
    assert draft.state == (
        "2 new (2 B); 1 is a link (→): what it leads to is sent; "
        "1 is hidden (a dot before the name)"
    )
    assert draft.plan is not None
    row = next(cells for _, cells in sync_rows(draft.plan) if cells[0] == "a")
    assert row[2] == Cell("new → /in/b", Tone.WARNING)
    # It was asked to start before that was seen.
    assert draft.hint == HINT_DECIDE
    assert draft.start() is not None


async def test_an_upload_names_empty_folders_and_a_download_does_not() -> None:
    transfers = Transfers(file("a"))
    transfers.empty = ("/in/d/e",)
    draft = await drafted(transfers)
    await draft.make()
    said = "; 1 empty folder is not sent: S3 keeps objects only"
    assert draft.state == f"1 new (1 B){said}"
    assert draft.plan is not None
    assert sync_rows(draft.plan)[-1][1][0] == Cell("d/e/", Tone.DIM)
    draft.turn(Direction.DOWNLOAD)
    await draft.make()
    assert "empty folder" not in draft.state


async def test_a_download_looks_at_the_exact_time_unless_something_else_was_chosen() -> None:
    draft = await drafted(Transfers())
    seen = []
    for direction in (Direction.DOWNLOAD, Direction.UPLOAD):
        draft.turn(direction)
        seen.append(draft.by)
    assert seen == [SyncBy.EXACT, SyncBy.TIME]
    draft.by = SyncBy.SIZE
    draft.turn(Direction.DOWNLOAD)
    assert draft.asked[1:3] == (Direction.DOWNLOAD, SyncBy.SIZE)


async def test_contents_are_compared_once_and_nothing_starts_before() -> None:
    transfers = Transfers(file("a"), objects=[there("a")])
    draft = await drafted(transfers)
    draft.by = SyncBy.CHECKSUM
    await draft.make()
    assert draft.state == "0 new (0 B); 1 identical (1 B)"
    assert draft.ready
    assert not draft.can_start  # there is nothing to do
    await draft.make()
    assert transfers.compared == 1


async def test_of_many_contents_a_part_at_a_time_is_compared_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync_draft, "AT_ONCE", 2)
    names = ["b", "a", "c", "e", "d"]
    transfers = Transfers(*map(file, sorted(names)), objects=[there(name) for name in names])
    draft = await drafted(transfers)
    draft.by = SyncBy.CHECKSUM
    said: list[str] = []
    draft.changed = lambda: said.append(draft.state)
    await draft.make()
    counted = [text.rpartition(": ")[2] for text in said if "comparing contents" in text]
    assert counted == ["2 of 5…", "4 of 5…", "5 of 5…"]
    assert transfers.compared == 5
    assert draft.state == "0 new (0 B); 5 identical (5 B)"


async def test_patterns_in_the_middle_of_being_typed_are_previewed() -> None:
    draft = await drafted(Transfers(file("a.tmp"), file("b")))
    draft.patterns = '--exclude "*.tmp" --exclude'
    await draft.make()
    assert draft.state.startswith("Not finished: --exclude needs a pattern. 1 new (1 B); 1 left")
    assert not draft.ready


async def test_read_only_mode_allows_the_way_to_this_machine_only() -> None:
    transfers = Transfers(objects=[there("a")])
    transfers.is_read_only = True
    draft = await drafted(transfers)
    with pytest.raises(ServiceError):
        await draft.make()
    draft.turn(Direction.DOWNLOAD)
    await draft.make()
    assert draft.can_start


async def test_a_folder_that_cannot_be_read_is_no_empty_folder() -> None:
    transfers = Transfers(objects=[there("a")])
    transfers.problems = (Problem("/in", "permission denied"),)
    with pytest.raises(ServiceError, match="cannot be read: permission denied"):
        await drafted(transfers)


# -- by keys -------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the application is started: a folder that is synchronised."""
    folder = tmp_path / "place"
    for name in ("a.txt", "sub/b.txt"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"my {name}")
    monkeypatch.chdir(folder)
    return folder


async def opened(person: Person) -> SyncDialog:
    """Choose the folder, and wait for the plan."""
    await person.press("s")
    await person.sees("choose it", "Ctrl+S Choose this folder")
    await person.misses("reading…")
    await person.press("ctrl+s")
    await person.until(lambda: isinstance(person.app.screen, SyncDialog), "the plan")
    dialog = person.app.screen
    assert isinstance(dialog, SyncDialog)
    await person.until(lambda: dialog.draft.ready, "a plan")
    return dialog


async def test_a_prefix_becomes_as_the_folder_and_deletions_are_typed(
    browse: Browse, bucket: str, put: Put, account: Account, place: Path
) -> None:
    put({"p/old.txt": b"old"})
    async with browse(f"s3://{bucket}/p/") as person:
        dialog = await opened(person)
        await person.sees("2 new (20 B); 1 only in S3, left there (3 B)", "only in S3: stays")
        dialog.query_one("#deletes", Checkbox).value = True
        await person.sees("only in S3: DELETE")
        await person.until(lambda: dialog.draft.ready)
        await person.press("ctrl+s")
        await person.sees("This sync deletes 1 object, 3 B", "delete 1")
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, SyncDialog), "the plan again")
        again = person.app.screen
        assert isinstance(again, SyncDialog)
        await person.until(lambda: again.draft.ready, "a plan")
        assert again.draft.deletes
        await person.press("ctrl+s")
        await person.sees("delete 1")
        await person.type("delete 1")
        await person.press("enter")
        await person.sees("2 files uploaded, 1 object deleted.")
    client = account.connection.client("s3")
    found = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in found] == ["p/a.txt", "p/sub/b.txt"]


async def test_the_folder_becomes_as_the_prefix(
    browse: Browse, bucket: str, put: Put, place: Path
) -> None:
    put({"p/a.txt": b"theirs", "p/c/d.txt": b"new"})
    async with browse(f"s3://{bucket}/") as person:
        await person.until(lambda: person.here == "p/", "the prefix")
        left = await opened(person)
        left.query_one("#patterns", Input).value = '--exclude "a*"'
        await person.press("escape")
        await person.sees("choose it")
        await person.press("escape")
        dialog = await opened(person)
        assert dialog.draft.patterns == '--exclude "a*"'
        dialog.query_one("#patterns", Input).value = ""
        dialog.query_one("#way", Select).value = Direction.DOWNLOAD.value
        dialog.query_one("#deletes", Checkbox).value = True
        await person.sees("1 new (3 B); 1 changed (6 B)", "1 only on this machine, to be DELETED")
        await person.until(lambda: dialog.draft.ready)
        await person.press("ctrl+s")
        await person.sees("gone for good", "delete 1")
        await person.type("delete 1")
        await person.press("enter")
        await person.sees("2 files downloaded, 1 file deleted.")
    assert (place / "a.txt").read_text() == "theirs"
    assert (place / "c" / "d.txt").read_text() == "new"
    assert not (place / "sub" / "b.txt").exists()
    assert (place / "sub").is_dir()
