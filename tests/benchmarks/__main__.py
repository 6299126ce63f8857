"""Run the benchmarks: `python -m tests.benchmarks [name…]`. See README.md beside this file."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).parent
    found = sorted(path.stem for path in here.glob("bench_*.py"))
    wanted = [f"bench_{name}" for name in sys.argv[1:]] or found
    for name in wanted:
        if name not in found:
            sys.exit(f"no such benchmark: {name}; there are {', '.join(found)}")
        print(f"== {name.removeprefix('bench_')}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").main()


if __name__ == "__main__":
    main()
