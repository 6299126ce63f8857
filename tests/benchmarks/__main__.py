"""Run the benchmarks: `python -m tests.benchmarks [NAME …] [--json FILE]`. See README.md here."""

from __future__ import annotations

import argparse
import importlib
import os
from pathlib import Path

from tests.benchmarks.figures import Figure, write_json


def main() -> None:
    """Print a line for each figure as soon as it is known."""
    here = Path(__file__).parent
    names = sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all of: {', '.join(names)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    for name in options.names:
        if name not in names:
            parser.error(f"no such benchmark: {name}; there are {', '.join(names)}")
    # An installed application is compiled, as the libraries of its peers are: without this, ours
    # would be compiled anew at each start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found: list[Figure] = []
    for name in options.names or names:
        for figure in importlib.import_module(f"tests.benchmarks.bench_{name}").figures():
            print(figure, flush=True)
            found.append(figure)
            if options.json:
                write_json(options.json, found)


if __name__ == "__main__":
    main()
