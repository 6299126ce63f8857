"""A plan as rows of a grid: what goes where, and what happens there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain, islice

from tui.services.quantities import size_text
from tui.services.transfers import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    Kind,
    Pattern,
    Problem,
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
    Column("What happens", min_width=12, max_width=34),
    Column("There now", max_width=40),
)
DOWNLOAD_COLUMNS = (
    Column("File", max_width=120, min_width=16, grow=True),
    Column("Size", align="right", min_width=9),
    Column("What happens", min_width=12, max_width=34),
    Column("There now", max_width=40),
)

PlanRow = tuple[str, tuple[CellValue, ...]]
"""The key, "" where nothing is to be chosen; and the cells."""


def upload_rows(plan: UploadPlan, policy_of: PolicyOf, same: SameAs = _not_known) -> list[PlanRow]:
    """Problems first, then conflicts, then what links lead to, then the rest; at
    the end what the patterns leave out."""
    new_links = (item for item in plan.links if item.existing is None)
    rest = (item for item in plan.items if item.existing is None and not item.leads_to)
    items = chain(plan.conflicts, new_links, rest)
    rows = (_upload_row(item, policy_of, same) for item in items)
    return _limited(plan, rows, len(plan.items))


def download_rows(
    plan: DownloadPlan, policy_of: PolicyOf, same: SameAs = _not_known
) -> list[PlanRow]:
    """Problems first, then conflicts, then the rest; at the end what the patterns leave out."""
    items = chain(plan.conflicts, (item for item in plan.items if item.existing is None))
    rows = (_download_row(plan, item, policy_of, same) for item in items)
    return _limited(plan, rows, len(plan.items))


def sync_rows(plan: SyncPlan) -> list[PlanRow]:
    """Problems first, then deletions, what is overwritten, what is new, and the rest."""
    rows = (_sync_row(row, deletes=plan.deletes) for row in plan.rows)
    count = sum(tally.count for tally in plan.tallies.values())
    return _limited(plan, rows, count)


def _sync_row(row: SyncRow, *, deletes: bool) -> PlanRow:
    fate = {
        Kind.NEW: Cell("new", Tone.ACCENT),
        Kind.CHANGED: Cell(f"OVERWRITE: {row.reason}", Tone.ERROR),
        Kind.SAME: Cell(f"identical: {row.reason}", Tone.DIM),
        Kind.EXTRA: Cell(row.reason, Tone.ERROR if deletes else Tone.DIM),
    }[row.kind]
    there = Absent.BLANK if row.there is None else _there(row.there, row.modified)
    size = Absent.BLANK if row.kind is Kind.EXTRA else size_text(row.size)
    return "", (row.name, size, fate, there)


def _limited(
    plan: UploadPlan | DownloadPlan | SyncPlan, rows: Iterable[PlanRow], count: int
) -> list[PlanRow]:
    problems = plan.problems
    shown = [_problem_row(problem) for problem in problems[:SHOWN]]
    shown.extend(islice(rows, max(SHOWN - len(shown), 0)))
    left = len(problems) + count - len(shown)
    if left > 0:
        shown.append(_remark(f"… and {left:,} more"))
    shown.extend(_left_out_row(name, pattern) for name, pattern in plan.left_out.named)
    left = plan.left_out.count - len(plan.left_out.named)
    if left > 0:
        shown.append(_remark(f"… and {left:,} more that the patterns leave out"))
    return shown


def _remark(text: str) -> PlanRow:
    return "", (Cell(text, Tone.DIM), Absent.BLANK, Absent.BLANK, Absent.BLANK)


def _left_out_row(name: str, pattern: Pattern) -> PlanRow:
    reason = Cell(f"left out by {pattern}", Tone.DIM)
    return "", (Cell(name, Tone.DIM), Absent.BLANK, reason, Absent.BLANK)


def _problem_row(problem: Problem) -> PlanRow:
    reason = Cell(f"left out: {problem.reason}", Tone.WARNING)
    return "", (Cell(problem.name, Tone.WARNING), Absent.BLANK, reason, Absent.BLANK)


def _upload_row(item: UploadItem, policy_of: PolicyOf, same: SameAs) -> PlanRow:
    size = size_text(item.size)
    if item.existing is not None:
        there = _there(item.existing.size, item.existing.modified, same(item))
        return item.key, (item.key, size, _with_link(item, _FATES[policy_of(item.key)]), there)
    if not item.checked:
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
    plan: DownloadPlan, item: DownloadItem, policy_of: PolicyOf, same: SameAs
) -> PlanRow:
    name = str(item.target.relative_to(plan.folder))
    size = Absent.BLANK if item.is_folder else size_text(item.size)
    shown: CellValue = f"{name}/" if item.is_folder else name
    if item.existing is not None:
        modified = datetime.fromtimestamp(item.existing.mtime_ns / 1e9, UTC)
        there = _there(item.existing.size, modified, same(item))
        return item.key, (shown, size, _FATES[policy_of(item.key)], there)
    if item.renamed:
        renamed = Cell(f"renamed: {item.renamed}", Tone.WARNING)
        return "", (shown, size, renamed, Cell(item.key, Tone.DIM))
    return "", (shown, size, Cell("folder" if item.is_folder else "new", Tone.DIM), Absent.BLANK)


def _there(size: int, modified: datetime | None, same: bool | None = None) -> CellValue:
    when = f"  {modified.astimezone():%Y-%m-%d %H:%M}" if modified is not None else ""
    compared = {True: "identical, ", False: "different, ", None: ""}[same]
    return f"{compared}{size_text(size)}{when}"
