"""A plan as rows: which nodes are in sight, and what is said of each. No Textual."""

from __future__ import annotations

from dataclasses import dataclass

from tui.panes.sql import wording
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import bar_text, counted
from tui.services.sql.explain.figures import NodeFigures, figures
from tui.services.sql.explain.plan import ExplainPlan, PlanNode, read_plans
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

BAR = 8
"""Cells of the bar that shows a node's share."""

WIDE = 110
"""Columns from which there is room for the bar, the total and the loops."""

_SHOWN_APART = frozenset(
    {
        *("Node Type", "Startup Cost", "Total Cost", "Plan Rows", "Plan Width"),
        *("Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"),
        *("Parent Relationship", "Subplan Name"),
    }
)
"""Fields whose meaning stands in a sentence of the detail."""

NOTABLE = 0.1
"""Part of the execution time from which on time that no node took is said."""

LONG = 20_000
"""Characters of one field that the detail shows; a list of a million numbers is cut there."""


@dataclass(frozen=True)
class TreeRow:
    """A node in sight."""

    node: PlanNode
    figures: NodeFigures
    is_open: bool | None
    """Whether the nodes below it are in sight; None where there are none."""


class PlanTree:
    """The nodes of the plans that are in sight, from top to bottom."""

    def __init__(self, plans: tuple[ExplainPlan, ...]) -> None:
        self.plans = plans
        self.analyzed = any(each.analyzed for each in plans)
        self._figures: dict[int, NodeFigures] = {}
        for plan in plans:
            self._figures |= figures(plan)
        self._folded: set[int] = set()
        self.rows: list[TreeRow] = []
        self._list()

    def toggle(self, at: int) -> bool:
        """Fold or unfold the node of a row; whether it has anything below it."""
        node = self.rows[at].node
        if not node.children:
            return False
        self._folded ^= {id(node)}
        self._list()
        return True

    @property
    def slowest(self) -> int:
        """The row of the most expensive node; the first if none is marked."""
        return next((at for at, row in enumerate(self.rows) if row.figures.rank == 1), 0)

    def _list(self) -> None:
        self.rows = []
        for plan in self.plans:
            self._add(plan.root)

    def _add(self, node: PlanNode) -> None:
        is_open = id(node) not in self._folded if node.children else None
        self.rows.append(TreeRow(node, self._figures[id(node)], is_open))
        if is_open:
            for child in node.children:
                self._add(child)

    # -- as a grid shows it -----------------------------------------------------------------------

    def columns(self, *, wide: bool) -> tuple[Column, ...]:
        """The heads; in a narrow terminal only what matters most."""
        unit = "ms" if self.analyzed else "cost"
        shown = [Column("Share", align="right"), Column(f"Own {unit}", align="right")]
        if wide:
            shown.append(Column(f"Total {unit}", align="right"))
        shown.append(Column("Rows", align="right"))
        if self.analyzed:
            shown.append(Column("Expected", align="right"))
            if wide:
                shown.append(Column("Loops", align="right"))
        return (*shown, Column("Node", max_width=400, grow=True))

    def cells(self, row: TreeRow, *, wide: bool) -> list[CellValue]:
        """One row of the grid."""
        node, reckoned = row.node, row.figures
        tone = Tone.ERROR if reckoned.rank == 1 else Tone.WARNING if reckoned.rank else Tone.PLAIN
        cells: list[CellValue] = [
            Cell(share_text(reckoned, wide=wide), tone),
            _figure(reckoned.own, node),
        ]
        if wide:
            cells.append(_figure(reckoned.total, node))
        if self.analyzed:
            cells.append("never" if node.never else _count(node.rows))
            off = off_text(reckoned)
            expected = _count(node.plan_rows)
            cells.append(Cell(f"{expected} {off}", Tone.WARNING) if off else expected)
            if wide:
                cells.append(Absent.UNKNOWN if node.loops is None else f"{node.loops:,}")
        else:
            cells.append(_count(node.plan_rows))
        cells.append(Cell(line_of(row), Tone.DIM if node.never else Tone.PLAIN))
        return cells


def tree_of(answer: str) -> PlanTree:
    """The tree of a server's answer. ServiceError (INVALID) if it holds no plan, or one that is
    nested more deeply than can be drawn."""
    try:
        return PlanTree(read_plans(answer))
    except RecursionError as error:
        raise ServiceError(
            "This plan is nested too deeply to be drawn as a tree.",
            hint="Run EXPLAIN as a statement: F5 shows its lines.",
            kind=ErrorKind.INVALID,
        ) from error


def share_text(reckoned: NodeFigures, *, wide: bool) -> str:
    """ "#1 █████░░░  62%": the rank of a node that is marked, and its part of the whole."""
    rank = f"#{reckoned.rank} " if reckoned.rank else ""
    bar = bar_text(round(reckoned.share * 1000), 1000, BAR) + " " if wide else ""
    percent = f"{reckoned.share * 100:.0f}%"
    return f"{rank}{bar}{percent:>4}" if wide else f"{rank}{percent}"


def off_text(reckoned: NodeFigures) -> str:
    """ "×25": so many times more rows came than expected; "÷25": fewer. "" where it was about
    right."""
    if not reckoned.is_wrong:
        return ""
    by = reckoned.off_by
    return f"×{by:,.0f}" if by > 1 else f"÷{1 / by:,.0f}"


def line_of(row: TreeRow) -> str:
    """The node as the tree shows it: its place, what it is, what decides its rows."""
    node = row.node
    sign = {True: "▾", False: "▸", None: "·"}[row.is_open]
    # In front, where no long name cuts it off.
    hidden = f"(+{sum(1 for _ in node.walk()) - 1} nodes) " if row.is_open is False else ""
    role = f"{node.role}: " if node.role else ""
    said = "".join(f" [{name}: {text}]" for name, text in node.conditions)
    # Not blanks: those at the edge of a cell are drawn as signs.
    return f"{'│ ' * row.figures.depth}{sign} {hidden}{role}{node.title}{said}"


def _figure(value: float | None, node: PlanNode) -> CellValue:
    if value is None:
        return Absent.BLANK if node.never else Absent.UNKNOWN
    return f"{value:,.2f}"


def _count(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:,.2f}"


# -- in words -------------------------------------------------------------------------------------


def detail_of(row: TreeRow) -> str:
    """Everything that is known of a node."""
    node, reckoned = row.node, row.figures
    lines = [f"{node.role}: {node.title}" if node.role else node.title]
    if node.never:
        lines.append("It was never executed: nothing above it asked for a row.")
    elif node.rows is not None:
        loops = f" in each of {node.loops:,} executions" if (node.loops or 0) > 1 else ""
        off = off_text(reckoned)
        doubt = ""
        if off:
            more = "more" if reckoned.off_by > 1 else "fewer"
            doubt = f"; {off.strip('×÷')} times {more} than expected: ANALYZE the table, or look "
            doubt += "at the condition"
        lines.append(
            f"Rows      {_count(node.rows)}{loops}, {_count(node.plan_rows)} expected{doubt}"
        )
    else:
        lines.append(f"Rows      {_count(node.plan_rows)} expected, of {node.width} bytes each")
    if node.total_time is not None and not node.never:
        lines.append(
            f"Time      own {_ms(reckoned.own)}, {reckoned.share:.0%} of the statement; with what "
            f"is below {_ms(reckoned.total)}; first row after {_ms(node.startup_time)}"
        )
    lines.append(
        f"Cost      {node.startup_cost:,.2f} to the first row, {node.total_cost:,.2f} to all"
    )
    fields = [
        (name, text)
        for name, text in node.fields
        if name not in _SHOWN_APART and not _says_nothing(name, text)
    ]
    width = max((len(name) for name, _ in fields), default=0)
    lines += [f"{name:<{width}}  {_cut(text)}" for name, text in fields]
    return "\n".join(lines)


def _says_nothing(name: str, text: str) -> bool:
    """Counters that are 0 and what is not so, which EXPLAIN leaves out in text, too."""
    if text == "no":
        return True
    counts = name.endswith(("Blocks", "Time")) or name.startswith("WAL ")
    return counts and not text.strip("0.")


def _cut(text: str) -> str:
    if len(text) <= LONG:
        return text
    return f"{text[:LONG]}… ({counted(len(text) - LONG, 'more character')})"


def _ms(value: float | None) -> str:
    return (
        "?"
        if value is None
        else wording.duration(value / 1000)
        if value >= 1000
        else f"{value:,.3f} ms"
    )


def head_of(plan: ExplainPlan) -> list[str]:
    """What is said of the whole, each line for itself."""
    parts = []
    if plan.execution_time is not None:
        parts.append(f"Execution {_ms(plan.execution_time)}")
    outside = (plan.execution_time or 0.0) - (plan.root.total_time or 0.0)
    if plan.root.total_time is not None and outside > (plan.execution_time or 0.0) * NOTABLE:
        parts.append(f"{_ms(outside)} of it in no node (start and end, triggers, JIT)")
    if plan.planning_time is not None:
        parts.append(f"planning {_ms(plan.planning_time)}")
    if not plan.analyzed:
        parts.append(
            f"cost {plan.root.total_cost:,.2f}, {_count(plan.root.plan_rows)} rows expected"
        )
    said = [" · ".join(parts)]
    said += [f"Trigger {each}" for each in plan.triggers]
    said += [f"{name}: {text}" for name, text in plan.notes if text]
    return said


def as_text(tree: PlanTree) -> str:
    """The whole tree as text, folded nodes too, as EXPLAIN words it."""
    blocks = []
    for plan in tree.plans:
        lines: list[str] = []
        _text(plan.root, 0, lines)
        blocks.append("\n".join([*lines, *head_of(plan)]))
    return "\n\n".join(blocks) + "\n"


def _text(node: PlanNode, depth: int, lines: list[str]) -> None:
    arrow = "->  " if depth else ""
    pad = " " * (6 * (depth - 1) + 2) if depth else ""
    cost = (
        f"(cost={node.startup_cost:.2f}..{node.total_cost:.2f} rows={node.plan_rows:.0f} "
        f"width={node.width})"
    )
    actual = ""
    if node.never:
        actual = " (never executed)"
    elif node.rows is not None:
        times = (
            f"time={node.startup_time:.3f}..{node.total_time:.3f} "
            if node.startup_time is not None and node.total_time is not None
            else ""
        )
        actual = f" (actual {times}rows={_plain(node.rows)} loops={node.loops})"
    if node.role:
        lines.append(f"{pad}{node.role}")
    lines.append(f"{pad}{arrow}{node.title}  {cost}{actual}")
    below = " " * (6 * depth + 2)
    lines += [f"{below}{name}: {text}" for name, text in node.conditions]
    for child in node.children:
        _text(child, depth + 1, lines)


def _plain(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
