"""psql, the peer of what runs statements."""

from __future__ import annotations

import shutil

from tui.sandbox.postgres import _newest_in_wheel


def find_psql() -> str:
    """The one on PATH, or else that of the sandbox's PostgreSQL."""
    return shutil.which("psql") or str(_newest_in_wheel() / "psql")
