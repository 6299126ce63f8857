"""What can be reckoned from a plan: the time of each node, and which nodes stand out.

The server gives averages of one execution. Here a node's time is what it added to the statement:
the average, times its executions, divided by the processes that ran it side by side. Its own time
is that without the nodes below. The time of a CTE or an InitPlan is spent while another node reads
it, and is taken from that one, not from the node that it hangs on. Where several read it, or a
reader cannot be told, own times are not exact; none is below 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.services.sql.explain.plan import ExplainPlan, PlanNode

OFF_BY = 10.0
"""From this factor between expected and actual rows on, an estimate counts as wrong."""

SLOW_SHARE = 0.1
"""A node with less of the whole than this is not marked as expensive."""

MOST_MARKED = 3
"""Nodes that are marked as the most expensive."""

_BLOCKING = frozenset({"Sort", "Hash", "Materialize", "Aggregate", "WindowAgg", "CTE Scan"})
"""Nodes that read all of their input, whatever is wanted of them."""

_INIT_PLAN = re.compile(r"InitPlan (\d+)(?: \(returns ([^)]*)\))?")


@dataclass(frozen=True)
class NodeFigures:
    """What was reckoned of one node. Milliseconds where the statement was run, else cost."""

    depth: int
    """How many nodes stand above it."""
    total: float | None
    """All of its executions, with what is below it; None where it was not run or timed."""
    own: float | None
    """The same without what is below it."""
    share: float
    """Its own part of the whole statement, 0 to 1."""
    off_by: float
    """Actual rows divided by expected ones, both at least 1; 1 where it is not known."""
    rank: int
    """1 for the most expensive node of those that are marked, 0 for one that is not marked."""

    @property
    def is_wrong(self) -> bool:
        """Whether the estimate was wrong by a factor that leads to bad plans."""
        return self.off_by >= OFF_BY or self.off_by <= 1 / OFF_BY


def figures(plan: ExplainPlan) -> dict[int, NodeFigures]:
    """By `id` of each node of the plan."""
    return _Reckoning(plan).result()


class _Reckoning:
    def __init__(self, plan: ExplainPlan) -> None:
        self.plan = plan
        self.timed = plan.analyzed and plan.root.total_time is not None
        self.total: dict[int, float | None] = {}
        self.less: dict[int, float] = {}
        """What is taken from a node for others that it waited for."""
        self.depth: dict[int, int] = {}
        self.off_by: dict[int, float] = {}

    def result(self) -> dict[int, NodeFigures]:
        root = self.plan.root
        self._visit(root, depth=0, processes=1.0, cut_short=False)
        self._charge(root)
        nodes = list(root.walk())
        own: dict[int, float | None] = {}
        for node in nodes:
            total = self.total[id(node)]
            own[id(node)] = (
                None if total is None else max(0.0, total - self.less.get(id(node), 0.0))
            )
        whole = self._whole()
        shares = {key: (value or 0.0) / whole if whole else 0.0 for key, value in own.items()}
        ranked = sorted(
            (node for node in nodes if shares[id(node)] >= SLOW_SHARE),
            key=lambda node: -shares[id(node)],
        )
        ranks = {id(node): at for at, node in enumerate(ranked[:MOST_MARKED], 1)}
        return {
            id(node): NodeFigures(
                self.depth[id(node)],
                self.total[id(node)],
                own[id(node)],
                min(1.0, shares[id(node)]),
                self.off_by[id(node)],
                ranks.get(id(node), 0),
            )
            for node in nodes
        }

    def _whole(self) -> float:
        root = self.total[id(self.plan.root)] or 0.0
        # Not the server's execution time: to start and end it takes time that is no node's.
        return root + self.plan.trigger_time if self.timed else root

    def _visit(self, node: PlanNode, *, depth: int, processes: float, cut_short: bool) -> None:
        self.depth[id(node)] = depth
        if not self.timed:
            self.total[id(node)] = None if self.plan.analyzed else node.total_cost
        elif node.total_time is None or not node.loops:
            self.total[id(node)] = None
        else:
            self.total[id(node)] = node.total_time * node.loops / processes
        self.off_by[id(node)] = _off_by(node, cut_short=cut_short)
        below = processes
        if node.kind in {"Gather", "Gather Merge"} and node.loops and node.children:
            # Workers and, if it took part, the leader: each counts as one execution.
            below = max(1.0, (node.children[0].loops or 1) / node.loops)
        stops = node.kind == "Limit" or node.raw.get("Join Type") in {"Semi", "Anti"}
        cut_short = stops or (cut_short and node.kind not in _BLOCKING)
        for child in node.children:
            starts_anew = bool(child.role)
            self._visit(
                child,
                depth=depth + 1,
                processes=1.0 if starts_anew and not child.raw.get("Parallel Aware") else below,
                cut_short=cut_short,
            )

    def _charge(self, node: PlanNode) -> None:
        for child in node.children:
            taken = self.total[id(child)] or 0.0
            payer = _reader(node, child) if self.timed else None
            if payer is None and child.role.startswith("CTE "):
                payer = node if self.timed else None
            if not self.timed and child.role:
                # Costs of subplans are part of the cost of the node that they hang on.
                payer = node
            key = id(payer or node)
            self.less[key] = self.less.get(key, 0.0) + taken
            self._charge(child)


def _off_by(node: PlanNode, *, cut_short: bool) -> float:
    if node.rows is None or not node.loops:
        return 1.0
    actual, expected = max(node.rows, 1.0), max(node.plan_rows, 1.0)
    # Whoever is stopped early gives fewer rows than it would have.
    return 1.0 if cut_short and actual < expected else actual / expected


def _reader(node: PlanNode, subplan: PlanNode) -> PlanNode | None:
    """The first node below `node`, or itself, that reads a CTE or an InitPlan that hangs on it."""
    if subplan.role.startswith("CTE "):
        name = subplan.role.removeprefix("CTE ")
        return next((each for each in node.walk() if each.raw.get("CTE Name") == name), None)
    found = _INIT_PLAN.match(subplan.role)
    if found is None or subplan.raw.get("Parent Relationship") != "InitPlan":
        return None
    marks = [f"(InitPlan {found[1]})", *(each.strip() for each in (found[2] or "").split(","))]
    sought = [re.compile(rf"{re.escape(mark)}(?!\d)") for mark in marks if mark]
    inside = set(map(id, subplan.walk()))
    for each in node.walk():
        if id(each) in inside:
            continue
        texts = [text for _, text in each.fields]
        if any(pattern.search(text) for pattern in sought for text in texts):
            return each
    return None
