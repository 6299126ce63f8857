"""A plan as the server gives it in JSON, read into nodes.

Names and conditions are the server's own text. What the server leaves out (nothing was run, or a
node never was) is None here, never 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tui.services.errors import ErrorKind, ServiceError

_CONDITIONS = (
    "Index Cond", "Recheck Cond", "TID Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter",
    "One-Time Filter", "Order By", "Sort Key", "Presorted Key", "Group Key", "Hash Key",
    "Cache Key", "Conflict Filter", "Run Condition", "Function Call", "Remote SQL",
)  # fmt: skip
"""Fields that say what a node does, in the order in which they are shown."""

_HASHED = {"Plain": "Aggregate", "Sorted": "GroupAggregate", "Hashed": "HashAggregate"}
_AGGREGATES = {**_HASHED, "Mixed": "MixedAggregate"}


@dataclass(frozen=True)
class PlanNode:
    """One node of a plan."""

    kind: str
    """The server's name: "Hash Join"."""
    title: str
    """As EXPLAIN words it in text: "Hash Left Join", "Index Scan using i on s.t a"."""
    role: str
    """What it is to the node above, where that is no ordinary input: "CTE x", "InitPlan 1"."""
    conditions: tuple[tuple[str, str], ...]
    """Index conditions, filters, sort keys, by their names."""
    startup_cost: float
    total_cost: float
    plan_rows: float
    """Rows that were expected of one execution."""
    width: int
    startup_time: float | None
    """Milliseconds to the first row, an average of all executions; None where nothing was timed."""
    total_time: float | None
    """Milliseconds to the last row, an average of all executions."""
    rows: float | None
    """Rows of one execution, an average; None where nothing was run."""
    loops: int | None
    """How often it was executed, by all processes together; 0: never."""
    fields: tuple[tuple[str, str], ...]
    """Everything that the server says of it, by name, in its order."""
    children: tuple[PlanNode, ...]
    raw: Mapping[str, Any]
    """The node as the server gave it, without its children."""

    @property
    def never(self) -> bool:
        """Whether the statement was run and this node never was."""
        return self.loops == 0

    def walk(self) -> Iterator[PlanNode]:
        """This node and all below it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class ExplainPlan:
    """The plan of one statement."""

    root: PlanNode
    planning_time: float | None
    """Milliseconds; None if the server did not say."""
    execution_time: float | None
    """Milliseconds; None if nothing was run."""
    triggers: tuple[str, ...]
    """A line for each trigger that ran."""
    trigger_time: float
    """Milliseconds that all of them took together; they are in no node's time."""
    notes: tuple[tuple[str, str], ...]
    """What else is said of the whole: settings, JIT, buffers of planning."""

    @property
    def analyzed(self) -> bool:
        """Whether the statement was run."""
        return self.root.loops is not None


def read_plans(text: str) -> tuple[ExplainPlan, ...]:
    """The plans in an answer of EXPLAIN (FORMAT JSON): one for each statement that rules made of
    it. Where the server has none ("Utility statements have no plan structure"), ServiceError."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "This plan cannot be read.", cause=str(error), kind=ErrorKind.INVALID
        ) from error
    found = answer if isinstance(answer, list) else [answer]
    plans = tuple(_plan(each) for each in found if isinstance(each, dict) and "Plan" in each)
    if not plans:
        said = next((each for each in found if isinstance(each, str)), "")
        raise ServiceError("The server gave no plan.", cause=said, kind=ErrorKind.INVALID)
    return plans


def _plan(answer: Mapping[str, Any]) -> ExplainPlan:
    known = {"Plan", "Planning Time", "Execution Time", "Triggers"}
    return ExplainPlan(
        _node(answer["Plan"]),
        _number(answer.get("Planning Time")),
        _number(answer.get("Execution Time")),
        tuple(_trigger(each) for each in answer.get("Triggers", ())),
        sum(_number(each.get("Time")) or 0.0 for each in answer.get("Triggers", ())),
        tuple(
            (name, value_text(_told(value))) for name, value in answer.items() if name not in known
        ),
    )


def _told(value: object) -> object:
    """Without the counters that are 0."""
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items() if each != 0}
    return value


def _node(given: Mapping[str, Any]) -> PlanNode:
    own = {name: value for name, value in given.items() if name != "Plans"}
    loops = given.get("Actual Loops")
    return PlanNode(
        kind=str(given.get("Node Type", "?")),
        title=_title(given),
        role=_role(given),
        conditions=tuple((name, value_text(given[name])) for name in _CONDITIONS if name in given),
        startup_cost=float(given.get("Startup Cost", 0)),
        total_cost=float(given.get("Total Cost", 0)),
        plan_rows=float(given.get("Plan Rows", 0)),
        width=int(given.get("Plan Width", 0)),
        startup_time=_number(given.get("Actual Startup Time")),
        total_time=_number(given.get("Actual Total Time")),
        rows=_number(given.get("Actual Rows")),
        loops=None if loops is None else int(loops),
        fields=tuple((name, value_text(value)) for name, value in own.items()),
        children=tuple(_node(each) for each in given.get("Plans", ())),
        raw=own,
    )


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def value_text(value: object) -> str:
    """A value as it is read: lists with commas, tables as name: value."""
    if isinstance(value, list):
        return ", ".join(value_text(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {value_text(each)}" for name, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _trigger(given: Mapping[str, Any]) -> str:
    name = given.get("Constraint Name") or given.get("Trigger Name") or "?"
    on = f" on {given['Relation']}" if given.get("Relation") else ""
    calls = given.get("Calls", 0)
    time = f", {given['Time']:.2f} ms" if isinstance(given.get("Time"), int | float) else ""
    return f"{name}{on}: {calls} {'call' if calls == 1 else 'calls'}{time}"


# -- words ----------------------------------------------------------------------------------------


def _role(given: Mapping[str, Any]) -> str:
    relation, name = given.get("Parent Relationship"), given.get("Subplan Name")
    if name:
        return str(name)
    return str(relation) if relation in {"InitPlan", "SubPlan"} else ""


def _title(given: Mapping[str, Any]) -> str:
    """The first line of a node in EXPLAIN's text format (explain.c, ExplainNode)."""
    kind = str(given.get("Node Type", "?"))
    words = kind
    if kind == "Aggregate":
        words = _AGGREGATES.get(str(given.get("Strategy")), kind)
        partial = str(given.get("Partial Mode", "Simple"))
        words = words if partial == "Simple" else f"{partial} {words}"
    elif kind == "SetOp":
        hashed = "Hash" if given.get("Strategy") == "Hashed" else ""
        words = f"{hashed}SetOp {given.get('Command', '')}".rstrip()
    elif kind == "ModifyTable":
        words = str(given.get("Operation", kind))
    elif kind == "Foreign Scan" and given.get("Operation", "Select") != "Select":
        words = f"Foreign {given['Operation']}"
    join = str(given.get("Join Type", "Inner"))
    if join != "Inner":
        words = f"{words.removesuffix(' Join')} {join} Join"
    if given.get("Parallel Aware"):
        words = f"Parallel {words}"
    if given.get("Async Capable"):
        words = f"Async {words}"
    if given.get("Scan Direction") == "Backward":
        words += " Backward"
    return words + _index(given, kind) + _target(given)


def _index(given: Mapping[str, Any], kind: str) -> str:
    name = given.get("Index Name")
    if not name:
        return ""
    return f" on {name}" if kind == "Bitmap Index Scan" else f" using {name}"


def _target(given: Mapping[str, Any]) -> str:
    name = ""
    for field in ("Relation Name", "Function Name", "CTE Name", "Tuplestore Name"):
        if given.get(field):
            name = str(given[field])
            break
    if name and given.get("Schema"):
        name = f"{given['Schema']}.{name}"
    alias = str(given.get("Alias", ""))
    if not name and not alias:
        return ""
    last = str(given.get("Relation Name") or name)
    return f" on {name or alias}" + (f" {alias}" if name and alias and alias != last else "")
