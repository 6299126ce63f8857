"""The rules for the name of a final snapshot."""

from __future__ import annotations

import re

MAX_LENGTH = 255


def snapshot_name_problems(name: str) -> list[str]:
    """What is wrong with the name, a sentence each; empty if RDS takes it.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
    """
    problems: list[str] = []
    if not 1 <= len(name) <= MAX_LENGTH:
        problems.append(f"A snapshot name has 1 to {MAX_LENGTH} characters.")
    if re.search(r"[^A-Za-z0-9-]", name):
        problems.append("A snapshot name has only letters, digits and hyphens.")
    if name and not re.match(r"[A-Za-z]", name):
        problems.append("A snapshot name begins with a letter.")
    if name.endswith("-") or "--" in name:
        problems.append("A snapshot name has no hyphen at its end, and no two in a row.")
    return problems
