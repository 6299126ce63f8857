"""The rules of the house that the linter does not know: `python -m tests.contracts`.

- No import circle, those for types and those inside functions included.
- No file of more than 400 lines.
- No two classes of one name at the top of modules, but private ones.
- No `super().on_…()`: Textual calls the handler of every class of the MRO by itself.
- Nothing at the top of the repository but what belongs there.
- What CONTRIBUTING.md names of a file is in that file.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]

LINES = 400
"""The most that a file may have."""

SUPER_HANDLER = re.compile(r"super\(\)\._?on_(?!event\b)\w+\(")
"""`on_event` is no handler: Textual dispatches every event through it, once."""


PUBLIC_CLASS = re.compile(r"^class ([A-Z]\w*)", re.M)

TOP = {
    *("tui", "tests", "screenshots", "pyproject.toml", "Makefile", "LICENSE"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
}
"""The folders and files of the repository, beside those that begin with a dot."""


def sources() -> Iterator[Path]:
    """Every module of the application and of the tests."""
    for folder in ("tui", "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def long_files() -> Iterator[str]:
    """Files over the limit."""
    for path in sources():
        count = len(path.read_text().splitlines())
        if count > LINES:
            yield f"{path.relative_to(ROOT)} has {count} lines; at most {LINES}"


def doubled_names() -> Iterator[str]:
    """Classes of the application that have the name of another one: it tells nothing then."""
    homes: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tui").rglob("*.py")):
        for name in PUBLIC_CLASS.findall(path.read_text()):
            homes.setdefault(name, []).append(str(path.relative_to(ROOT)))
    for name, paths in homes.items():
        if len(paths) > 1:
            yield f"{len(paths)} classes are named {name}: {', '.join(paths)}"


def strangers() -> Iterator[str]:
    """What git knows and does not belong at the top: a file that a test has left, say."""
    if not (ROOT / ".git").exists():
        return
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = {path.split("/")[0] for path in listed.stdout.split("\0") if path}
    for name in sorted(each for each in names - TOP if not each.startswith(".")):
        yield f"{name!r} does not belong at the top of the repository"


NAMED = re.compile(r"`(\w+/[\w/]+\.py)`(?:: `(\w+)(?:\.(\w+))?`)?")
"""A file of the application, and what is to be found in it: `panes/sql/runner.py`: `run`."""


def lost_places() -> Iterator[str]:
    """What CONTRIBUTING.md says to open and is not there any more."""
    for path, *names in NAMED.findall((ROOT / "CONTRIBUTING.md").read_text()):
        file = (ROOT if path.startswith(("tests/", "tui/")) else ROOT / "tui") / path
        words = set(re.findall(r"\w+", file.read_text())) if file.exists() else set()
        if not words or not words.issuperset(filter(None, names)):
            what = ".".join(filter(None, names))
            yield f"CONTRIBUTING.md sends its reader to {path} {what}, which is not there"


def called_handlers() -> Iterator[str]:
    """Handlers of Textual that are called by hand."""
    for path in sources():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if SUPER_HANDLER.search(line) and path != Path(__file__):
                yield f"{path.relative_to(ROOT)}:{number} calls a handler of a base class"


def imports() -> dict[str, set[str]]:
    """Module -> the modules of the application that it imports, anywhere in its text."""
    graph = grimp.build_graph("tui")
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import one another, each sorted (Tarjan's components)."""
    found: list[list[str]] = []
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph.get(module, ()):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1 or module in graph.get(module, ()):
                found.append(sorted(group))

    for module in graph:
        if module not in index:
            visit(module)
    return found


def broken() -> list[str]:
    """What breaks a rule, a line each."""
    return [
        *long_files(),
        *doubled_names(),
        *strangers(),
        *called_handlers(),
        *lost_places(),
        *(f"import circle: {', '.join(group)}" for group in sorted(circles(imports()))),
    ]


def main() -> int:
    """Print what is broken; the exit status says whether anything is."""
    problems = broken()
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("Contracts kept: imports, length of files, names, handlers, the top, the guide.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
