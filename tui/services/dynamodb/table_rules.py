"""What DynamoDB demands of a new table, checked as it is typed and before anything is sent.

Source: "Naming rules" and "Quotas" in the DynamoDB developer guide.
"""

from __future__ import annotations

import re

from tui.services.dynamodb.models import NewTable

MAX_KEY_NAME_BYTES = 255

_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def table_name_problem(name: str) -> str | None:
    """Why a table cannot be called that, or None."""
    if not name:
        return "a table needs a name"
    wrong = next((each for each in name if not re.fullmatch(r"[a-zA-Z0-9_.-]", each)), None)
    if wrong is not None:
        return f"{wrong!r} is not allowed; use letters a-z, A-Z, digits, and _ . -"
    if not _TABLE_NAME.fullmatch(name):
        return f"must have 3 to 255 characters (has {len(name)})"
    return None


def key_name_problem(name: str) -> str | None:
    """Why a key attribute cannot be called that, or None."""
    if not name:
        return "a key attribute needs a name"
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > MAX_KEY_NAME_BYTES:
        return f"has {size} bytes; at most {MAX_KEY_NAME_BYTES} are allowed"
    return None


def capacity_problem(text: str) -> str | None:
    """Why this text is no capacity in units per second, or None."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return "write a whole number, 1 or more"
    return None if int(text) >= 1 else "must be 1 or more"


def new_table_problems(table: NewTable) -> tuple[str, ...]:
    """Every rule that a new table breaks, in sentences; empty if it may be created."""
    problems: list[str] = []
    name = table_name_problem(table.name)
    if name:
        problems.append(f"The table name {name}.")
    keys = [("partition key", table.partition)]
    if table.sort is not None:
        keys.append(("sort key", table.sort))
        if table.sort.name == table.partition.name:
            problems.append("The sort key needs another name than the partition key.")
    for role, attribute in keys:
        problem = key_name_problem(attribute.name)
        if problem:
            problems.append(f"The {role} {problem}.")
    if table.throughput is not None:
        for role, units in (("read", table.throughput.read), ("write", table.throughput.write)):
            problem = capacity_problem(str(units))
            if problem:
                problems.append(f"The {role} capacity {problem}.")
    return tuple(problems)
