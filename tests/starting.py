"""Which tests start an application, read from their source: the test, one of its fixtures or what
these call calls `run_test`, or drives the command in a terminal."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

STARTS = frozenset({"run_test", "spawn", "pexpect", "PtyProcess"})
"""Names that only what starts an application or the command uses."""


@cache
def starts_application(path: Path, name: str) -> bool:
    """Whether the function or class of that name in a file of the tests starts an application,
    itself or through others of the tests. Unknown names do not."""
    seen = {(path, name)}
    waiting = [(path, name)]
    while waiting:
        used, others = _used_by(*waiting.pop())
        if used & STARTS:
            return True
        waiting += others - seen
        seen |= others
    return False


@cache
def _used_by(path: Path, name: str) -> tuple[frozenset[str], frozenset[tuple[Path, str]]]:
    """(the names that a definition uses, those of them that the tests define: file and name)."""
    defined, imported = _names_of(path)
    if name in imported:
        return frozenset(), frozenset({imported[name]})
    if name not in defined:
        return frozenset(), frozenset()
    used: set[str] = set()
    for each in ast.walk(defined[name]):
        if isinstance(each, ast.Name):
            used.add(each.id)
        elif isinstance(each, ast.Attribute):
            used.add(each.attr)
    others = {(path, each) for each in used if each in defined or each in imported}
    return frozenset(used), frozenset(others)


@cache
def _names_of(path: Path) -> tuple[dict[str, ast.AST], dict[str, tuple[Path, str]]]:
    """(what a file defines, what it takes from other files of the tests: file and name there)."""
    defined: dict[str, ast.AST] = {}
    imported: dict[str, tuple[Path, str]] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.setdefault(node.name, node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            file = ROOT / Path(*(node.module or "").split(".")).with_suffix(".py")
            if file.exists():
                for alias in node.names:
                    imported[alias.asname or alias.name] = (file, alias.name)
    return defined, imported
