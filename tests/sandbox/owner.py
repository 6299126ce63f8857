"""A program that owns a sandbox, for the tests that end it: prints where the sandbox is."""

from __future__ import annotations

import json
import signal

from tui.sandbox import Sandbox


def main() -> None:
    info = Sandbox().start_sync()
    print(json.dumps({"supervisor": info.pid, "directory": str(info.data_dir)}), flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
