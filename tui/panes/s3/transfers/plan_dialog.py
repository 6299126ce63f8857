"""What will go where, shown before anything goes; what exists is never replaced unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Select, Static

from tui.panes.s3.transfers.draft import HINT, Decided, PlanDraft, PlanT
from tui.panes.s3.transfers.plan_file import FILE_NAME, row_text, write_plan
from tui.panes.s3.transfers.rows import PlanRow, columns_for, every_row
from tui.services.aws import TRY_AGAIN
from tui.services.errors import ServiceError
from tui.services.transfers import ConflictPolicy
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import AskText, Dialog
from tui.widgets.dialogs.option_pages import Dropdown
from tui.widgets.grid.cells import Column
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_viewer import ValueViewer

TYPING = 0.15
"""Seconds without a key after which a plan is made of what was typed."""

_POLICIES = (
    ("leave what is there (skip)", ConflictPolicy.SKIP.value),
    ("overwrite", ConflictPolicy.OVERWRITE.value),
    ("keep both (a free name beside it)", ConflictPolicy.KEEP_BOTH.value),
)


class TransferPlanDialog(Dialog[Decided[PlanT]], CommandHost, Generic[PlanT]):
    """Patterns, a policy and a preview of a draft."""

    BOX_CLASSES = "dialog-large"

    DEFAULT_CSS = """
    TransferPlanDialog {
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
        & #plan-state { height: auto; max-height: 5; margin: 1 0 0 0; }
        & Grid { height: 1fr; min-height: 3; }
        & .problem { max-height: 5; }
        & .hint { width: 1fr; height: auto; color: $text-muted; }
    }
    """

    BINDINGS = [
        Binding("ctrl+s", "submit", "Submit", id="plan.submit"),
        Binding("space", "change_row", "Change", show=False, id="plan.change_row"),
        Binding("enter", "show_row", "In full", id="plan.show_row"),
        Binding("alt+s", "save_list", "Save list…", id="plan.save_list"),
    ]

    COLUMNS: ClassVar[Sequence[Column]] = ()
    VERB: ClassVar[str] = ""
    """What the button and the footer say."""

    draft: PlanDraft[PlanT]

    def __init__(self, title: str, draft: PlanDraft[PlanT]) -> None:
        super().__init__(title)
        self.draft = draft
        self.grid = Grid()
        self._patterns = SafeInput(
            draft.patterns, id="patterns", placeholder='--exclude "*" --include "file*"'
        )
        self._state = SteadyText("", id="plan-state")
        self._problem = SteadyText("", classes="problem")
        self._hint = Static(HINT, classes="hint")
        self._submit = Button(self.VERB, id="submit", variant="primary", disabled=True)
        self._keys: list[str] = []
        """The key of each row of the preview that has something to decide, "" for the others."""
        self._drawn: tuple[PlanT | None, object] | None = None
        """The plan and the decisions that the preview shows."""

    @property
    def key_labels(self) -> Mapping[str, str]:
        return {"submit": self.VERB}

    # -- to be given by a subclass ---------------------------------------------------------

    def compose_fields(self) -> ComposeResult:
        """The fields above the patterns."""
        yield from ()

    @property
    def first_field(self) -> Input:
        """The field in which typing begins."""
        return self.query(Input).first()

    def take_fields(self) -> None:
        """Put what stands in the fields into the draft."""
        self.draft.patterns = self._patterns.value

    def draw_fields(self) -> None:
        """Show the fields that apply to what was found."""

    def rows(self, plan: PlanT) -> list[PlanRow]:
        """The plan as rows of the preview."""
        raise NotImplementedError

    # -- composing -------------------------------------------------------------------------

    def compose_box(self) -> ComposeResult:
        yield from self.compose_fields()
        with Horizontal(classes="row"):
            yield Static("Patterns", classes="label")
            yield self._patterns
        with Horizontal(classes="row", id="policy-row"):
            yield Static("If it exists", classes="label")
            yield Dropdown(
                [(content(label), value) for label, value in _POLICIES],
                value=self.draft.policy.value,
                allow_blank=False,
                compact=True,
                id="policy",
            )
        yield self._state
        yield self._problem
        with Vertical():
            yield self.grid
        with Horizontal(classes="dialog-buttons"):
            yield self._hint
            yield Button("Cancel", id="cancel")
            yield self._submit

    def on_mount(self) -> None:
        self.first_field.focus()
        self.draft.changed = self._draw
        self.draft.enough = partial(self.replan, at_once=True)
        self.start(self._collect(), group="collect")

    # -- planning --------------------------------------------------------------------------

    async def _collect(self) -> None:
        await self.draft.collect()
        self.draw_fields()
        if self.draft.is_large and self.draft.ready:
            self._draw()
        else:
            self.replan(at_once=True)

    def replan(self, *, at_once: bool = False) -> None:
        """Make the plan anew for what stands in the fields now."""
        self.take_fields()
        self._draw_button()
        if self.draft.can_plan:
            self.start(self._plan(0.0 if at_once else TYPING), group="plan")

    async def _plan(self, delay: float) -> None:
        await asyncio.sleep(delay)
        decided = await self.draft.make()
        self._problem.update("")
        self.draw_fields()
        if decided is not None:
            self.dismiss(decided)
        else:
            self.start(self.draft.compare(), group="compare")

    def show_error(self, error: ServiceError) -> None:
        if self.draft.has_failed:
            text = str(error).replace(TRY_AGAIN, "then press Ctrl+S to try again")
        else:
            # What stands there can be started: that is what Ctrl+S does.
            text = str(error).replace(f", {TRY_AGAIN}", "")
        self._problem.update(content(text, multiline=True))

    def _again(self) -> None:
        """What failed on the way to a plan, once more."""
        self._problem.update("")
        if self.draft.collected:
            self.replan(at_once=True)
        else:
            self.start(self._collect(), group="collect")

    # -- drawing ---------------------------------------------------------------------------

    def _draw(self) -> None:
        plan = self.draft.plan
        can_conflict = self.draft.is_large or bool(plan is not None and plan.conflicts)
        self.set_class(can_conflict, "-conflicts")
        self._state.update(content(self.draft.state))
        self._hint.update(self.draft.hint)
        self._draw_rows()
        self._draw_button()

    def _draw_rows(self) -> None:
        draft = self.draft
        decisions = (draft.policy, dict(draft.overrides), len(draft.verdicts))
        drawn = self._drawn
        if drawn is not None and drawn[0] is draft.plan and drawn[1] == decisions:
            return
        self._drawn = (draft.plan, decisions)
        rows = [] if draft.plan is None else self.rows(draft.plan)
        self._keys = [key for key, _ in rows]
        columns = columns_for(self.COLUMNS, self.grid.size.width)
        self.grid.show(columns, [cells for _, cells in rows], cursor=self.grid.cursor_row)

    def on_resize(self) -> None:
        self._drawn = None
        self.call_after_refresh(self._draw_rows)

    def _draw_button(self) -> None:
        button, overwritten = self._submit, self.draft.overwritten
        button.disabled = not self.draft.can_start
        label = f"{self.VERB}, overwrite {overwritten:,}" if overwritten else self.VERB
        if self.draft.may_overwrite:
            label = f"{self.VERB}, overwrite what exists"
        button.variant = "primary" if label == self.VERB else "error"
        if button.label != content(label):
            button.label = content(label)
            button.refresh(layout=True)

    # -- keys ------------------------------------------------------------------------------

    @on(Select.Changed, "#policy")
    def _policy_chosen(self, event: Select.Changed) -> None:
        event.stop()
        chosen: Any = event.value
        self.draft.choose(ConflictPolicy(chosen))

    def action_change_row(self) -> None:
        """Space on an existing key: another policy for this one alone."""
        index = self.grid.current
        if self.focused is self.grid and index is not None and self._keys[index]:
            self.draft.change(self._keys[index])

    @on(Grid.Opened)
    def action_show_row(self) -> None:
        """Enter in the list: the row in full, with a name and a reason of any length."""
        index = self.grid.current
        if index is None:
            return
        text = row_text(self.COLUMNS, self.grid.rows[index])
        self.start(self.ask(ValueViewer("A row of the plan", text)), group="row")

    def action_save_list(self) -> None:
        """Write all rows of the plan into a file."""
        self.start(self._save_list(), group="save")

    async def _save_list(self) -> None:
        plan = self.draft.plan
        if plan is None:
            self.app.notify("There is no plan yet whose list could be saved.")
            return
        path = await self.ask(
            AskText(
                "Save the list of the plan",
                "As CSV, every name and reason in full, to a new file",
                value=str(self.draft.list_folder / FILE_NAME),
            )
        )
        if path is None:
            return
        # What is decided on the way is not in the file.
        looking, rest = self.draft.is_looking, self.draft.not_listed
        rows = every_row(plan, self.draft.policies(), self.draft.same, looking=looking)
        target = await asyncio.to_thread(write_plan, path, self.COLUMNS, rows, rest)
        self.app.notify(f"The list is in {target}. {rest}".rstrip(), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "show_row":
            return self.focused is self.grid
        return super().check_action(action, parameters)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.replan()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._patterns:
            self.action_submit()
        else:
            self._patterns.focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button is self._submit:
            self.action_submit()
        else:
            self.dismiss(None)

    def action_submit(self) -> None:
        """Start what is shown, or as soon as there is a plan for what stands in the fields."""
        before = self.draft.asked
        self.take_fields()
        if self.draft.asked != before:
            # The last key's news is still on its way: never start what is not shown.
            self.replan(at_once=True)
        elif self.draft.has_failed:
            self._again()
            return
        decided = self.draft.start()
        if decided is not None:
            self.dismiss(decided)


class SettingDialog(TransferPlanDialog[PlanT], Generic[PlanT]):
    """A plan that sends files to S3: what every object gets can be set."""

    BINDINGS = [Binding("ctrl+t", "attributes", "Attributes…", id="plan.attributes")]

    @cached_property
    def _attributes(self) -> Static:
        return Static(self._attributes_text())

    @cached_property
    def attributes_row(self) -> Horizontal:
        """What is set, in a line."""
        return Horizontal(Static("Attributes", classes="label"), self._attributes, classes="row")

    def _attributes_text(self) -> Content:
        attributes = self.draft.attributes
        if not attributes:
            return content("the defaults of the bucket", "dim")
        return content(str(attributes), "bold")

    def action_attributes(self) -> None:
        """Ask what every object gets: class, encryption, tags, metadata, headers."""
        self.start(self._ask_attributes(), group="attributes")

    async def _ask_attributes(self) -> None:
        from tui.panes.s3.transfers.attributes_form import attributes_form

        wanted = await self.ask(attributes_form(self.draft.attributes))
        if wanted is not None:
            self.draft.attributes = wanted
            self._attributes.update(self._attributes_text())
            self.replan(at_once=True)
