"""What the screens make of resources, counts and hostile names, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.driver import screen_text
from tests.hostile import HOSTILE_TEXT
from tests.services.rds.instances import instance
from tui.screens.cleanup import rows, texts
from tui.screens.cleanup.model import Inventory
from tui.screens.cleanup.options import choices
from tui.services.aws import Connection, Identity, Target
from tui.services.cleanup import (
    BucketCount,
    CleanupPlan,
    Elsewhere,
    Found,
    Options,
    Outcome,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Ref,
    Resource,
    ResourceKind,
    Step,
    StepProgress,
    StepResult,
)
from tui.services.cleanup.step import InstanceFacts, TableFacts
from tui.services.dynamodb import Recovery
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.widgets.grid.cells import Absent, Tone, plain_text
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import visible

CONNECTION = Connection(
    Target(None, "us-east-1"),
    identity=Identity("123", "arn", None),
    endpoints=(("s3", "https://s3.amazonaws.com"),),
)


def resource(name: str, kind: ResourceKind = ResourceKind.BUCKET) -> Resource:
    return Resource(kind, name, "us-east-1", created=datetime(2026, 1, 1, tzinfo=UTC))


def plain(cells: tuple[object, ...]) -> list[str]:
    return [plain_text(cell) for cell in cells]  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [80, 160])
def test_rows_have_as_many_cells_as_columns(width: int) -> None:
    denied = PartUnknown(ResourceKind.TABLE, ServiceError("Could not.", kind=ErrorKind.DENIED))
    for line in (
        resource("a"),
        resource("b", ResourceKind.TABLE),
        denied,
        Elsewhere("c", "eu-west-1"),
    ):
        assert len(rows.inventory_row(line, width)) == len(rows.inventory_columns(width))


def test_unknown_sizes_are_unknown_and_not_zero() -> None:
    cells = rows.inventory_row(resource("a"), 160)

    assert cells.count(Absent.UNKNOWN) == 2
    assert "0" not in plain(cells)


def test_a_denied_part_keeps_nothing_left_from_being_said() -> None:
    held = Inventory()
    for kind in ResourceKind:
        if kind is not ResourceKind.TABLE:
            held.take(PartDone(kind))
    held.take(PartUnknown(ResourceKind.TABLE, ServiceError("Could not.", kind=ErrorKind.DENIED)))

    assert held.complete
    assert not held.empty
    assert "Unknown: access denied" in plain(rows.inventory_row(held.lines()[0], 80))


def test_lines_are_grouped_by_kind_and_replaced_by_what_is_known_later() -> None:
    held = Inventory()
    for each in (resource("t", ResourceKind.TABLE), resource("b"), resource("a"), resource("b")):
        held.take(Found(each))

    assert [line.name for line in held.lines()] == ["a", "b", "t"]  # type: ignore[union-attr]


def test_a_bound_is_said_to_be_a_bound() -> None:
    step = Step(resource("a"), BucketCount(objects=1000, uploads=None, complete=False))
    plan = CleanupPlan(CONNECTION, (step,), 10_000, 1 << 30)

    assert rows.holds(step) == "more than 1,000 objects, 0 B"
    assert texts.totals(plan) == "1 resource will go: more than 1,000 objects (0 B)"


GIB = 1024**3


def step_of(kind: ResourceKind, **known: int | None) -> Step:
    facts = {
        ResourceKind.TABLE: TableFacts((), (), (), Recovery.OFF),
        ResourceKind.INSTANCE: InstanceFacts(()),
    }
    return Step(replace(resource("a", kind), **known), facts.get(kind))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([step_of(ResourceKind.INSTANCE, size_bytes=20 * GIB)], "20.0 GiB of instance storage"),
        ([step_of(ResourceKind.INSTANCE)], "an unknown size of instance storage"),
        ([step_of(ResourceKind.SNAPSHOT, size_bytes=GIB)], "1 snapshot of at most 1.0 GiB"),
        ([step_of(ResourceKind.TABLE, count=2, size_bytes=118)], "about 2 items (118 B)"),
        ([step_of(ResourceKind.TABLE)], "items unknown (size unknown)"),
        (
            [
                Step(resource("a"), BucketCount(objects=1, size_bytes=3)),
                step_of(ResourceKind.INSTANCE),
            ],
            "1 object (3 B), an unknown size of instance storage",
        ),
        ([Step(resource("a"), BucketCount(objects=1, delete_markers=1))], "2 versions (0 B)"),
    ],
)
def test_totals_say_what_each_kind_holds_and_no_zero_for_what_it_does_not_hold(
    steps: list[Step], said: str
) -> None:
    plan = CleanupPlan(CONNECTION, tuple(steps), 10_000, 1 << 40)

    assert texts.totals(plan) == f"{counted(len(steps), 'resource')} will go: {said}"


def test_while_nothing_is_found_yet_only_what_is_read_is_said() -> None:
    held = Inventory()
    assert held.summary().startswith("Reading buckets, multipart uploads, RDS instances")
    held.take(Found(resource("b")))
    assert held.summary().startswith("1 bucket; reading buckets")


def test_a_success_does_not_look_like_a_warning() -> None:
    ref = Ref("bucket", "b")
    tones = {
        result: rows.ended(Outcome(ref, result))[2].tone  # type: ignore[union-attr]
        for result in StepResult
    }

    good = {StepResult.DELETED, StepResult.EMPTIED, StepResult.GONE}
    assert {result for result, tone in tones.items() if tone is Tone.SUCCESS} == good
    assert {tones[result] for result in StepResult if result not in good} == {Tone.WARNING}


def test_a_replica_is_offered_no_snapshot() -> None:
    detail = instance("r", ReadReplicaSourceDBInstanceIdentifier="source")
    replica = Resource(ResourceKind.INSTANCE, "r", "us-east-1", detail=detail)

    labels = [choice.label for choice in choices(Step(replica, None))]

    assert labels == ["Delete without a final snapshot"]


def test_what_cannot_be_lifted_is_not_offered() -> None:
    protections = (
        Protection(ProtectionKind.MFA_DELETE, "MFA delete is on."),
        Protection(ProtectionKind.POLICY, "Denied.", lifting="Try all the same"),
    )
    held = Resource(ResourceKind.BUCKET, "b", "us-east-1", protections=protections)

    labels = [choice.label for choice in choices(Step(held, BucketCount()))]

    assert labels[2:] == ["Try all the same"]


def test_bars_never_pass_their_end() -> None:
    ref = Ref("bucket", "b")
    half = rows.progress_text(StepProgress(ref, "x", done=5, total=10))
    more = rows.progress_text(StepProgress(ref, "x", done=12, total=10))

    assert half == "██████░░░░░░ 5/10"
    assert more == "████████████ 12/10"
    assert rows.progress_text(StepProgress(ref, "x", done=7)) == "7"


class Shown(App[None]):
    """Rows and texts of one hostile name on a real screen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.hostile = name

    def compose(self) -> ComposeResult:
        step = Step(resource(self.hostile), BucketCount(objects=1))
        yield Static(texts.step_details(step))
        yield Static(texts.question(CleanupPlan(CONNECTION, (step,), 10, 10)))
        yield Grid()

    def on_mount(self) -> None:
        outcome = Outcome(Ref("bucket", self.hostile), StepResult.FAILED, problem=self.hostile)
        self.query_one(Grid).show(rows.RUN_COLUMNS, [rows.ended(outcome)])


@pytest.mark.parametrize("name", HOSTILE_TEXT)
async def test_hostile_names_are_shown_and_never_interpreted(name: str) -> None:
    app = Shown(name)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        text = screen_text(app)
    assert "\x1b" not in text
    assert "\x07" not in text
    if name.isprintable() and len(name) < 40:
        assert text.count(visible(name.strip())) >= 3


def test_a_connection_says_account_region_and_endpoint() -> None:
    assert CONNECTION.sentence == "account 123, region us-east-1, endpoint AWS"
    assert Options() == Options(only_empty=False, final_snapshot=None)
