"""A plan as rows of a grid: what goes where, and what happens there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

from tui.services.quantities import size_text
from tui.services.transfers import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    Pattern,
    Problem,
    SyncKind,
    SyncPlan,
    SyncRow,
    UploadItem,
    UploadPlan,
)
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

SHOWN = 2000
"""Rows that a preview shows; what follows is counted."""

PolicyOf = Callable[[str], ConflictPolicy]

SameAs = Callable[[UploadItem | DownloadItem], bool | None]
"""Whether what exists holds the same; None if that is not known."""

Sized = Callable[[int], str]
"""How a number of bytes is written."""


def _not_known(_: UploadItem | DownloadItem) -> bool | None:
    return None


_FATES = {
    ConflictPolicy.SKIP: Cell("skip", Tone.DIM),
    ConflictPolicy.OVERWRITE: Cell("OVERWRITE", Tone.ERROR),
    ConflictPolicy.KEEP_BOTH: Cell("keep both", Tone.ACCENT),
}

UPLOAD_COLUMNS = (
    Column("Key", max_width=120, min_width=16, grow=True),
    Column("Size", align="right", min_width=9),
    Column("What happens", min_width=12, max_width=60),
    Column("There now", max_width=40),
)
DOWNLOAD_COLUMNS = (
    Column("File", max_width=120, min_width=16, grow=True),
    Column("Size", align="right", min_width=9),
    Column("What happens", min_width=12, max_width=60),
    Column("There now", max_width=40),
)

WIDE = 136
"""Columns of the screen in which a name, a reason and what is there have their whole room."""

PlanRow = tuple[str, tuple[CellValue, ...]]
"""The key, "" where nothing is to be chosen; and the cells."""


def columns_for(columns: Sequence[Column], width: int) -> tuple[Column, ...]:
    """The columns of a plan in `width` columns of the screen; 0 if that is not known yet. In a
    narrow one a long reason takes neither the name's room nor that of what is there."""
    name, size, fate, there = columns
    if not 0 < width < WIDE:
        return name, size, fate, there
    room = width // 3
    fate = replace(fate, max_width=min(fate.max_width, room))
    return name, size, fate, replace(there, max_width=min(there.max_width, room))


def upload_rows(
    plan: UploadPlan,
    policy_of: PolicyOf,
    same: SameAs = _not_known,
    *,
    looking: bool = False,
    picked_in: Path | None = None,
) -> list[PlanRow]:
    """Problems first, then conflicts, then what links lead to, then the rest; at the end what the
    patterns leave out. `looking` until the keys are looked up; what cannot be sent is
    named below the folder that it was picked in."""
    items = _uploads(plan, policy_of, same, size_text, looking=looking)
    return _limited(plan, items, len(plan.items), picked_in)


def download_rows(
    plan: DownloadPlan, policy_of: PolicyOf, same: SameAs = _not_known
) -> list[PlanRow]:
    """Problems first, then conflicts, then the rest; at the end what the patterns leave out."""
    return _limited(plan, _downloads(plan, policy_of, same, size_text), len(plan.items))


def sync_rows(plan: SyncPlan) -> list[PlanRow]:
    """Deletions first, then problems, what is overwritten, what is new, and the rest."""
    first = _deletion_rows(plan, size_text)
    return _limited(plan, _syncs(plan, size_text), _sync_count(plan), plan.folder, first)


def every_row(
    plan: UploadPlan | DownloadPlan | SyncPlan,
    policy_of: PolicyOf,
    same: SameAs,
    *,
    looking: bool = False,
) -> Iterator[PlanRow]:
    """As the others, all that the plan holds, with exact bytes and whole paths."""
    if isinstance(plan, UploadPlan):
        rows = _uploads(plan, policy_of, same, _exact, looking=looking)
    elif isinstance(plan, DownloadPlan):
        rows = _downloads(plan, policy_of, same, _exact)
    else:
        rows = _syncs(plan, _exact)
    if isinstance(plan, SyncPlan):
        yield from _deletion_rows(plan, _exact)
    yield from map(_problem_row, plan.problems)
    yield from rows
    if isinstance(plan, SyncPlan):
        yield from _rest(_sync_count(plan) - len(plan.rows))
    yield from _left_out_rows(plan)
    yield from _empty_folder_rows(plan)


def _exact(size: int) -> str:
    return str(size)


def _uploads(
    plan: UploadPlan, policy_of: PolicyOf, same: SameAs, sized: Sized, *, looking: bool
) -> Iterator[PlanRow]:
    new_links = (item for item in plan.links if item.existing is None)
    rest = (item for item in plan.items if item.existing is None and not item.leads_to)
    items = chain(plan.conflicts, new_links, rest)
    return (_upload_row(item, policy_of, same, sized, looking=looking) for item in items)


def _downloads(
    plan: DownloadPlan, policy_of: PolicyOf, same: SameAs, sized: Sized
) -> Iterator[PlanRow]:
    items = chain(plan.conflicts, (item for item in plan.items if item.existing is None))
    return (_download_row(plan, item, policy_of, same, sized) for item in items)


def _deletion_rows(plan: SyncPlan, sized: Sized) -> list[PlanRow]:
    deleted = (row for row in plan.rows if plan.deletes and row.kind is SyncKind.EXTRA)
    return [_sync_row(row, sized, deletes=True) for row in deleted]


def _syncs(plan: SyncPlan, sized: Sized) -> Iterator[PlanRow]:
    """All but what is deleted."""
    rest = (row for row in plan.rows if not plan.deletes or row.kind is not SyncKind.EXTRA)
    return (_sync_row(row, sized, deletes=False) for row in rest)


def _sync_count(plan: SyncPlan) -> int:
    return sum(tally.count for tally in plan.tallies.values())


def _sync_row(row: SyncRow, sized: Sized, *, deletes: bool) -> PlanRow:
    fate = {
        SyncKind.NEW: Cell("new", Tone.ACCENT),
        SyncKind.CHANGED: Cell(f"OVERWRITE: {row.reason}", Tone.ERROR),
        SyncKind.SAME: Cell(f"identical: {row.reason}", Tone.DIM),
        SyncKind.EXTRA: Cell(row.reason, Tone.ERROR if deletes else Tone.DIM),
    }[row.kind]
    if row.leads_to:
        tone = fate.tone if fate.tone is Tone.ERROR else Tone.WARNING
        fate = Cell(f"{fate.text} → {row.leads_to}", tone)
    there = Absent.BLANK if row.there is None else _there(row.there, row.modified, sized)
    size = Absent.BLANK if row.kind is SyncKind.EXTRA else sized(row.size)
    return "", (row.name, size, fate, there)


def _limited(
    plan: UploadPlan | DownloadPlan | SyncPlan,
    rows: Iterable[PlanRow],
    count: int,
    folder: Path | None = None,
    first: Sequence[PlanRow] = (),
) -> list[PlanRow]:
    """The `first` rows, what is left out, and the others; of each so many that the next have room,
    too."""
    problems = plan.problems
    others = len(problems) + count - len(first)
    shown = list(first[: max(SHOWN - others, SHOWN // 2)])
    room = max(SHOWN - count, (SHOWN - len(shown)) // 2)
    shown.extend(_problem_row(problem, folder) for problem in problems[:room])
    shown.extend(islice(rows, max(SHOWN - len(shown), 0)))
    shown.extend(_rest(len(problems) + count - len(shown)))
    shown.extend(_left_out_rows(plan))
    shown.extend(_empty_folder_rows(plan, folder))
    return shown


def _rest(left: int) -> list[PlanRow]:
    return [_remark(f"… and {left:,} more")] if left > 0 else []


def _left_out_rows(plan: UploadPlan | DownloadPlan | SyncPlan) -> Iterator[PlanRow]:
    for name, pattern in plan.left_out.named:
        yield _left_out_row(name, pattern)
    left = plan.left_out.count - len(plan.left_out.named)
    if left > 0:
        yield _remark(f"… and {left:,} more that the patterns leave out")


def _empty_folder_rows(
    plan: UploadPlan | DownloadPlan | SyncPlan, folder: Path | None = None
) -> Iterator[PlanRow]:
    if isinstance(plan, DownloadPlan):
        return
    reason = Cell("not sent: an empty folder", Tone.DIM)
    for path in plan.empty_folders.named:
        name = Cell(f"{_below(path, folder)}/", Tone.DIM)
        yield "", (name, Absent.BLANK, reason, Absent.BLANK)
    left = plan.empty_folders.count - len(plan.empty_folders.named)
    if left > 0:
        yield _remark(f"… and {left:,} more empty folders")


def _remark(text: str) -> PlanRow:
    return "", (Cell(text, Tone.DIM), Absent.BLANK, Absent.BLANK, Absent.BLANK)


def _left_out_row(name: str, pattern: Pattern) -> PlanRow:
    reason = Cell(f"left out by {pattern}", Tone.DIM)
    return "", (Cell(name, Tone.DIM), Absent.BLANK, reason, Absent.BLANK)


def _below(path: str, folder: Path | None) -> str:
    """What all paths begin with would leave no room for what tells them apart."""
    return path if folder is None else path.removeprefix(f"{folder}{os.sep}")


def _problem_row(problem: Problem, folder: Path | None = None) -> PlanRow:
    reason = Cell(f"left out: {problem.reason}", Tone.WARNING)
    name = _below(problem.name, folder)
    return "", (Cell(name, Tone.WARNING), Absent.BLANK, reason, Absent.BLANK)


def _upload_row(
    item: UploadItem, policy_of: PolicyOf, same: SameAs, sized: Sized, *, looking: bool
) -> PlanRow:
    size = sized(item.size)
    if item.existing is not None:
        there = _there(item.existing.size, item.existing.modified, sized, same(item))
        return item.key, (item.key, size, _with_link(item, _FATES[policy_of(item.key)]), there)
    if not item.checked and looking:
        fate, now = Cell("not looked up yet", Tone.DIM), Absent.UNKNOWN
    elif not item.checked:
        fate, now = Cell("new, or refused", Tone.WARNING), Absent.UNKNOWN
    else:
        fate, now = Cell("new", Tone.DIM), Absent.BLANK
    return "", (item.key, size, _with_link(item, fate), now)


def _with_link(item: UploadItem, fate: Cell) -> Cell:
    """What happens, and which file's content it happens with if that is not the name's own."""
    if not item.leads_to:
        return fate
    tone = fate.tone if fate.tone is Tone.ERROR else Tone.WARNING
    return Cell(f"{fate.text} → {item.leads_to}", tone)


def _download_row(
    plan: DownloadPlan, item: DownloadItem, policy_of: PolicyOf, same: SameAs, sized: Sized
) -> PlanRow:
    name = str(item.target.relative_to(plan.folder))
    size = Absent.BLANK if item.is_folder else sized(item.size)
    shown: CellValue = f"{name}/" if item.is_folder else name
    if item.existing is not None:
        modified = datetime.fromtimestamp(item.existing.mtime_ns / 1e9, UTC)
        there = _there(item.existing.size, modified, sized, same(item))
        fate = _FATES[policy_of(item.key)]
        if item.renamed:
            fate = Cell(f"{fate.text}; renamed: {item.renamed} ({item.key})", fate.tone)
        return item.key, (shown, size, fate, there)
    if item.renamed:
        renamed = Cell(f"renamed: {item.renamed}", Tone.WARNING)
        return "", (shown, size, renamed, Cell(item.key, Tone.DIM))
    return "", (shown, size, Cell("folder" if item.is_folder else "new", Tone.DIM), Absent.BLANK)


def _there(
    size: int, modified: datetime | None, sized: Sized, same: bool | None = None
) -> CellValue:
    when = f"  {modified.astimezone():%Y-%m-%d %H:%M}" if modified is not None else ""
    compared = {True: "identical, ", False: "different, ", None: ""}[same]
    return f"{compared}{sized(size)}{when}"
