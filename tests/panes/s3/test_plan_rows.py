"""A plan as rows: what needs a look comes first, and every row says what happens there."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.panes.s3.transfers import rows
from tui.panes.s3.transfers.plan_file import row_text, write_plan
from tui.panes.s3.transfers.rows import (
    UPLOAD_COLUMNS,
    PlanRow,
    columns_for,
    download_rows,
    every_row,
    upload_rows,
)
from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.transfers import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    ExistingFile,
    ExistingObject,
    LeftOut,
    Pattern,
    Problem,
    UploadItem,
    UploadPlan,
)
from tui.widgets.grid.cells import Absent, Cell, CellValue, Tone, plain_text

THERE = ExistingObject(5, "etag", datetime(2026, 1, 2, tzinfo=UTC))


def skip(_: str) -> ConflictPolicy:
    return ConflictPolicy.SKIP


def item(key: str, *, there: bool = False, leads_to: str = "", checked: bool = True) -> UploadItem:
    existing = THERE if there else None
    path = Path("/home/me") / key
    return UploadItem(path, key, 10, 0, existing, checked=checked, leads_to=leads_to)


def upload_plan(*items: UploadItem, problems: tuple[Problem, ...] = ()) -> UploadPlan:
    return UploadPlan("b", "", items, problems, at=Connection())


def text(value: CellValue) -> str:
    return plain_text(value)


def column(found: list[PlanRow], number: int) -> list[str]:
    return [text(cells[number]) for _, cells in found]


def test_problems_conflicts_and_links_come_before_the_rest() -> None:
    plan = upload_plan(
        item("plain"),
        item("link", leads_to="/etc/se[r]et"),
        item("there", there=True),
        problems=(Problem("/home/me/gone", "no such file or directory"),),
    )
    found = upload_rows(plan, skip)
    assert column(found, 0) == ["/home/me/gone", "there", "link", "plain"]
    assert column(found, 2) == [
        "left out: no such file or directory",
        "skip",
        "new → /etc/se[r]et",
        "new",
    ]
    # Only what exists has something to decide.
    assert [key for key, _ in found] == ["", "there", "", ""]


@pytest.mark.parametrize(
    ("policy", "said", "tone"),
    [
        (ConflictPolicy.SKIP, "skip", Tone.DIM),
        (ConflictPolicy.OVERWRITE, "OVERWRITE", Tone.ERROR),
        (ConflictPolicy.KEEP_BOTH, "keep both", Tone.ACCENT),
    ],
)
def test_a_row_says_what_happens_to_what_exists(
    policy: ConflictPolicy, said: str, tone: Tone
) -> None:
    cells = upload_rows(upload_plan(item("x", there=True)), lambda _: policy)[0][1]
    assert cells[2] == Cell(said, tone)
    assert text(cells[3]).startswith("5 B")


def test_a_link_over_what_exists_keeps_its_warning() -> None:
    plan = upload_plan(item("x", there=True, leads_to="/etc/x"))
    overwritten = upload_rows(plan, lambda _: ConflictPolicy.OVERWRITE)[0][1][2]
    assert overwritten == Cell("OVERWRITE → /etc/x", Tone.ERROR)
    assert upload_rows(plan, skip)[0][1][2] == Cell("skip → /etc/x", Tone.WARNING)


@pytest.mark.parametrize(
    ("same", "said"), [(True, "identical, 5 B"), (False, "different, 5 B"), (None, "5 B")]
)
def test_a_row_says_whether_what_exists_is_the_same(same: bool | None, said: str) -> None:
    cells = upload_rows(upload_plan(item("x", there=True)), skip, lambda _: same)[0][1]
    assert text(cells[3]).startswith(said)


@pytest.mark.parametrize(
    ("looking", "fate"),
    [
        (False, Cell("new, or refused", Tone.WARNING)),
        (True, Cell("not looked up yet", Tone.DIM)),
    ],
)
def test_what_could_not_be_looked_up_is_not_called_new(looking: bool, fate: Cell) -> None:
    cells = upload_rows(upload_plan(item("x", checked=False)), skip, looking=looking)[0][1]
    assert cells[2] == fate
    assert cells[3] is Absent.UNKNOWN


def test_what_cannot_be_sent_is_named_below_the_folder_that_it_was_picked_in() -> None:
    plan = upload_plan(problems=(Problem("/home/me/in/pipe", "a pipe"), Problem("/else", "gone")))
    found = upload_rows(plan, skip, picked_in=Path("/home/me"))
    assert column(found, 0) == ["in/pipe", "/else"]
    (whole, _) = every_row(plan, skip, lambda _: None)
    assert text(whole[1][0]) == "/home/me/in/pipe"


def test_a_narrow_terminal_leaves_room_for_the_name_and_what_is_there() -> None:
    assert columns_for(UPLOAD_COLUMNS, 160) == columns_for(UPLOAD_COLUMNS, 0) == UPLOAD_COLUMNS
    _, size, fate, there = columns_for(UPLOAD_COLUMNS, 76)
    assert (size.min_width, fate.max_width, there.max_width) == (9, 25, 25)


def test_what_is_not_shown_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SHOWN", 3)
    problems = tuple(Problem(str(number), "no") for number in range(2))
    found = upload_rows(upload_plan(*(item(str(n)) for n in range(5)), problems=problems), skip)
    assert len(found) == 4
    assert text(found[-1][1][0]) == "… and 4 more"


def test_a_file_holds_every_row_with_exact_bytes_and_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rows, "SHOWN", 1)
    plan = upload_plan(
        *(replace(item(name), size=2048) for name in ("a, b", "new\nline", "x")),
        item("there", there=True),
        problems=(Problem("/home/me/\udcff", "not UTF-8"), Problem("/home/me/pipe", "a pipe")),
    )
    target = tmp_path / "list.csv"
    every = every_row(plan, skip, lambda _: True)
    assert write_plan(f" {target} ", UPLOAD_COLUMNS, every) == str(target)
    with target.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        written = list(csv.reader(stream))
    assert written[0] == ["Key", "Size", "What happens", "There now"]
    assert [row[0] for row in written[1:]] == [
        *("/home/me/\udcff", "/home/me/pipe", "there", "a, b", "new\nline", "x"),
    ]
    assert written[2][2] == "left out: a pipe"
    assert written[3][2] == "skip"
    assert written[3][3].startswith("identical, 5  2026-01-0")
    assert written[4][1] == "2048"
    second = write_plan(f"{target}.2", UPLOAD_COLUMNS, (), "Not all.")
    assert Path(second).read_text().splitlines() == [",".join(written[0]), "Not all.,,,"]
    with pytest.raises(ServiceError, match="is there already"):
        write_plan(str(target), UPLOAD_COLUMNS, every_row(plan, skip, lambda _: True))


def test_a_row_in_full_names_its_columns_and_leaves_out_what_is_empty() -> None:
    cells = upload_rows(upload_plan(item("x", leads_to="/etc/" + 80 * "y")), skip)[0][1]
    assert row_text(UPLOAD_COLUMNS, cells) == (
        "Key: x\nSize: 10 B\nWhat happens: new → /etc/" + 80 * "y"
    )


def test_what_the_patterns_leave_out_stands_at_the_end_with_the_pattern(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "SHOWN", 1)
    pattern = Pattern(include=False, glob="*.[c]")
    left_out = LeftOut(3, ((pattern, 3),), (("in/a.c", pattern), ("in/b.c", pattern)))
    found = upload_rows(replace(upload_plan(item("x"), item("y")), left_out=left_out), skip)
    assert column(found, 0) == [
        *("x", "… and 1 more", "in/a.c", "in/b.c"),
        "… and 1 more that the patterns leave out",
    ]
    assert column(found, 2)[2] == 'left out by --exclude "*.[c]"'
    assert not any(key for key, _ in found)


def test_a_download_shows_local_names_and_why_they_differ() -> None:
    folder = Path("/home/me/to")
    there = ExistingFile(3, 0)
    plan = DownloadPlan(
        "b",
        folder,
        (
            DownloadItem("a", 1, "", None, folder / "a"),
            DownloadItem("d/", 0, "", None, folder / "d", is_folder=True),
            DownloadItem("x//y", 1, "", None, folder / "x" / "%2F" / "y", renamed="it is empty"),
            DownloadItem("z", 1, "", None, folder / "z", existing=there),
            DownloadItem("/q", 1, "", None, folder / "%2F" / "q", False, "it is empty", there),
        ),
        at=Connection(),
    )
    found = download_rows(plan, skip)
    assert column(found, 0) == ["z", "%2F/q", "a", "d/", "x/%2F/y"]
    both = "skip; renamed: it is empty (/q)"
    assert column(found, 2) == ["skip", both, "new", "folder", "renamed: it is empty"]
    assert text(found[4][1][3]) == "x//y"
    assert found[3][1][1] is Absent.BLANK
