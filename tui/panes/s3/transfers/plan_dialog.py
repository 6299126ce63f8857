"""What will go where, shown before anything goes; what exists is never replaced unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Checkbox, Input, Select, Static

from tui.panes.s3.transfers.rows import PlanRow
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.transfers import (
    ConflictPolicy,
    DownloadPlan,
    Leftover,
    Pattern,
    Problem,
    TransferService,
    UploadPlan,
    parse_patterns,
)
from tui.widgets.cells import Column
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Dialog
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content

PlanT = TypeVar("PlanT", UploadPlan, DownloadPlan)

TYPING = 0.15
"""Seconds without a key after which a plan is made of what was typed."""

HINT = "Ctrl+S start · Esc back"
HINT_WAITING = "Starts as soon as the plan is ready · Esc back"
HINT_DECIDE = (
    "Not started yet, because there is something to look at first · Ctrl+S start · Esc back"
)
HINT_WITH_CONFLICTS = "Ctrl+S start · Space in the list changes a row · Esc back"

NO_PLAN = "There is no plan to start:"
"""Above the reason."""

_POLICIES = (
    ("leave what is there (skip)", ConflictPolicy.SKIP.value),
    ("overwrite", ConflictPolicy.OVERWRITE.value),
    ("keep both (a free name beside it)", ConflictPolicy.KEEP_BOTH.value),
)
_NEXT = {
    ConflictPolicy.SKIP: ConflictPolicy.OVERWRITE,
    ConflictPolicy.OVERWRITE: ConflictPolicy.KEEP_BOTH,
    ConflictPolicy.KEEP_BOTH: ConflictPolicy.SKIP,
}


@dataclass(frozen=True)
class Decided(Generic[PlanT]):
    """A plan that was agreed to."""

    plan: PlanT
    policy: ConflictPolicy
    overrides: dict[str, ConflictPolicy]
    """Keys for which something else was chosen."""
    leftovers: tuple[Leftover, ...] = ()
    """Unfinished files of earlier downloads that are to be removed."""


class PlanDialog(Dialog[Decided[PlanT]], CommandHost, Generic[PlanT]):
    """Patterns, a policy and a preview. Subclasses find the files and make the plan."""

    DEFAULT_CSS = """
    PlanDialog {
        & .row { height: auto; }
        & .row > .label { width: 13; color: $text-muted; height: 1; }
        & .row > Input { width: 1fr; }
        & .row > Static { height: auto; width: 1fr; }
        & Select { width: 1fr; height: auto; }
        & Select.-textual-compact > SelectCurrent { background: $panel; padding: 0 1; }
        & Select:focus > SelectCurrent { background: $boost; text-style: bold; }
        & Checkbox, & Checkbox:focus { border: none; padding: 0; height: 1; background: $surface; }
        & #policy-row { display: none; }
        &.-conflicts #policy-row { display: block; }
        & #plan-state { height: auto; max-height: 3; margin: 1 0 0 0; }
        & Grid { height: 1fr; min-height: 3; }
        & .problem { max-height: 5; }
        & .hint { width: 1fr; height: auto; color: $text-muted; }
    }
    """

    BINDINGS = [
        Binding("ctrl+s", "submit", "Start", id="plan.submit"),
        Binding("space", "change_row", "Change", show=False, id="plan.change_row"),
    ]

    KEYS_SHOWN = ""  # its last line says them

    COLUMNS: ClassVar[Sequence[Column]] = ()
    VERB: ClassVar[str] = ""
    """What the button says."""

    def __init__(self, transfers: TransferService, title: str) -> None:
        super().__init__(title)
        self.transfers = transfers
        self.plan: PlanT | None = None
        self.ready = False
        """Whether `plan` is about what stands in the fields, and its conflicts are known."""
        self.policy = ConflictPolicy.SKIP
        self.overrides: dict[str, ConflictPolicy] = {}
        self.problems: list[Problem] = []
        self._planned_for: tuple[object, ...] = ()
        """What stood in the fields when `plan` was made."""
        self._keys: list[str] = []
        self._collected = False
        self.typed_patterns = ""
        """What stands under "Patterns"; kept when the dialog is left, and shown when it opens."""
        self._wanted_early = False
        """Whether the start was asked for before the plan was ready."""

    # -- to be given by a subclass ---------------------------------------------------------

    def compose_fields(self) -> ComposeResult:
        """The fields above the patterns."""
        yield from ()

    async def collect(self) -> None:
        """Find what is to be transferred, calling `show_found` on the way."""
        raise NotImplementedError

    async def make_plan(self, patterns: tuple[Pattern, ...]) -> PlanT:
        """The plan for what stands in the fields; calls `show_plan` when it has a first one."""
        raise NotImplementedError

    def rows(self, plan: PlanT) -> list[PlanRow]:
        """The plan as rows of the preview."""
        raise NotImplementedError

    def decided(self, plan: PlanT) -> Decided[PlanT]:
        """The answer."""
        return Decided(plan, self.policy, dict(self.overrides))

    # -- composing -------------------------------------------------------------------------

    def compose_box(self) -> ComposeResult:
        yield from self.compose_fields()
        with Horizontal(classes="row"):
            yield Static("Patterns", classes="label")
            yield Input(
                self.typed_patterns, id="patterns", placeholder='--exclude "*" --include "file*"'
            )
        with Horizontal(classes="row", id="policy-row"):
            yield Static("If it exists", classes="label")
            yield Select(
                [(content(label), value) for label, value in _POLICIES],
                value=self.policy.value,
                allow_blank=False,
                compact=True,
                id="policy",
            )
        yield Static("", id="plan-state")
        yield Static("", classes="problem")
        with Vertical():
            yield Grid()
        with Horizontal(classes="dialog-buttons"):
            yield Static(HINT, classes="hint")
            yield Button("Cancel", id="cancel")
            yield Button(self.VERB, id="submit", variant="primary", disabled=True)

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.query(Input).first().focus()
        self.start(self._collect(), group="collect")

    @property
    def grid(self) -> Grid:
        return self.query_one(Grid)

    @property
    def typed(self) -> tuple[object, ...]:
        """What stands in the fields that the plan is made of."""
        inputs: list[object] = [field.value for field in self.query(Input)]
        return (*inputs, *(flag.value for flag in self.query(Checkbox).filter(".plans")))

    # -- finding and planning --------------------------------------------------------------

    async def _collect(self) -> None:
        try:
            await self.collect()
        except ServiceError:
            self._want_early(False)
            self._say_no_plan()
            raise
        self._collected = True
        self.replan(at_once=True)

    def show_found(self, count: int) -> None:
        """Say how many have been found so far."""
        self._say_state(f"Looking for files: {counted(count, 'file')} so far…")

    def replan(self, *, at_once: bool = False) -> None:
        """Make the plan anew for what stands in the fields now."""
        self.ready = False
        self._draw_button()
        if self._collected:
            self.start(self._plan(0.0 if at_once else TYPING), group="plan")

    async def _plan(self, delay: float) -> None:
        await asyncio.sleep(delay)
        planned_for = self.typed
        try:
            patterns = parse_patterns(self.query_one("#patterns", Input).value)
            plan = await self.make_plan(patterns)
        except ServiceError:
            self._want_early(False)
            self._say_no_plan()
            raise
        self.query_one(".problem", Static).update("")
        self.ready = True
        self._planned_for = planned_for
        self.show_plan(plan)
        if self._wanted_early:
            self._want_early(False)
            if plan.conflicts or plan.problems or self.more_to_say(plan):
                self.query_one(".hint", Static).update(HINT_DECIDE)
            else:
                self.action_submit()

    def _want_early(self, wanted: bool) -> None:
        self._wanted_early = wanted
        self._draw_hint()

    def _draw_hint(self) -> None:
        if self._wanted_early:
            hint = HINT_WAITING
        elif self.plan is not None and self.plan.conflicts:
            hint = HINT_WITH_CONFLICTS
        else:
            hint = HINT
        self.query_one(".hint", Static).update(hint)

    def _say_no_plan(self) -> None:
        """Rows of an earlier plan must not stand under the reason why there is none."""
        self.plan = None
        self._keys = []
        self.grid.show(self.COLUMNS, [])
        self._say_state(NO_PLAN)
        self._draw_button()

    def show_plan(self, plan: PlanT) -> None:
        """Draw a plan: checked if `ready`, else what is known so far."""
        self.plan = plan
        self.set_class(bool(plan.conflicts), "-conflicts")
        self._draw_hint()
        self._draw_rows()
        self._say_state(self._summary(plan))
        self._draw_button()

    def _draw_rows(self) -> None:
        if self.plan is None:
            return
        rows = self.rows(self.plan)
        self._keys = [key for key, _ in rows]
        cells = [cells for _, cells in rows]
        self.grid.show(self.COLUMNS, cells, cursor=self.grid.cursor_row)

    def _summary(self, plan: PlanT) -> str:
        parts: list[str] = [f"{counted(len(plan.items), 'file')}, {size_text(plan.bytes)}"]
        if plan.conflicts:
            parts.append(f"{counted(len(plan.conflicts), 'exists', 'exist')} already")
        if plan.excluded:
            parts.append(f"{plan.excluded:,} excluded by the patterns")
        if plan.problems:
            parts.append(f"{len(plan.problems):,} left out, with the reason")
        parts.extend(self.more_to_say(plan))
        if not self.ready:
            parts.append("checking what exists already…")
        return "; ".join(parts)

    def more_to_say(self, plan: PlanT) -> Sequence[str]:
        """What else the line above the preview says."""
        return ()

    def _say_state(self, text: str) -> None:
        self.query_one("#plan-state", Static).update(content(text))

    def show_error(self, error: ServiceError) -> None:
        self.query_one(".problem", Static).update(content(str(error), multiline=True))

    # -- conflicts -------------------------------------------------------------------------

    def policy_of(self, key: str) -> ConflictPolicy:
        """What happens to an existing key."""
        return self.overrides.get(key, self.policy)

    @on(Select.Changed, "#policy")
    def _policy_chosen(self, event: Select.Changed) -> None:
        event.stop()
        chosen: Any = event.value
        self.policy = ConflictPolicy(chosen)
        self.overrides.clear()
        self._draw_rows()
        self._draw_button()

    def action_change_row(self) -> None:
        """Space on an existing key: another policy for this one alone."""
        index = self.grid.current
        if self.focused is not self.grid or index is None or not self._keys[index]:
            return
        key = self._keys[index]
        self.overrides[key] = _NEXT[self.policy_of(key)]
        self._draw_rows()
        self._draw_button()

    def _draw_button(self) -> None:
        button = self.query_one("#submit", Button)
        button.disabled = not (self.ready and self.plan is not None and self.plan.items)
        conflicts = self.plan.conflicts if self.plan is not None else ()
        overwritten = sum(
            self.policy_of(item.key) is ConflictPolicy.OVERWRITE for item in conflicts
        )
        button.variant = "error" if overwritten else "primary"
        label = f"{self.VERB}, overwrite {overwritten:,}" if overwritten else self.VERB
        if button.label != content(label):
            button.label = content(label)
            button.refresh(layout=True)

    # -- ending ----------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id == "patterns":
            self.typed_patterns = event.value
        self.replan()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "patterns":
            self.action_submit()
        else:
            self.query_one("#patterns").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "submit":
            self.action_submit()
        else:
            self.dismiss(None)

    def action_submit(self) -> None:
        """Agree to the plan that is shown; one that is not ready is waited for, and shown first
        if there is something to decide."""
        if self.ready and self.typed != self._planned_for:
            # The last key's news is still on its way: never start what is not shown.
            self.replan(at_once=True)
        if not self.ready or self.plan is None:
            self._want_early(True)
        elif self.plan.items:
            self.dismiss(self.decided(self.plan))
