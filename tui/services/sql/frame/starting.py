"""The files from which a Python session makes its frame. They have no name: whatever happens to the
application or to the session, nothing of them stays on the disk. Blocking."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tui.services.sql.frame.columns import FrameColumn

LOADING = Path(__file__).with_name("loading.py")

_BEGIN = """from __future__ import annotations

import os, sys

_path = sys.path[:]
sys.path[:] = [each for each in sys.path if each not in ("", os.getcwd())]
import json
{loading}
with os.fdopen({rows}, "rb") as _rows:
    _rows.seek(0)
    df, _notes = frame_of(_rows, [tuple(each) for each in json.loads({columns!r})])
sys.path[:] = _path
_notes = json.loads({notes!r}) + _notes
_size = int(df.memory_usage(deep=True).sum())
print("df: {{:,}} rows x {{:,}} columns, {{:,.1f}} MiB in memory".format(*df.shape, _size / 2**20))
print(*("  " + each for each in _notes), sep="\\n", end="\\n" if _notes else "")
print("pd is pandas; exit() or Ctrl+D goes back to Tristore.")
"""
"""In the folder of now may lie a file that is named like a module: it is not imported for this."""

_RUN = (
    "_tristore = {{}}; "
    "exec(compile(open({program}, encoding='utf-8').read(), '<tristore>', 'exec'), _tristore); "
    "df, pd = _tristore['df'], _tristore['pd']; del _tristore"
)


class FrameFiles:
    """The rows as CSV, and the program that reads them. Only their owner can reach them while they
    are open, and nobody afterwards."""

    def __init__(self) -> None:
        self.rows: BinaryIO = tempfile.TemporaryFile(prefix="tristore-")  # noqa: SIM115 - see close
        self._program: BinaryIO = tempfile.TemporaryFile(prefix="tristore-")  # noqa: SIM115

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the session inherits."""
        return self.rows.fileno(), self._program.fileno()

    def write_program(self, columns: Sequence[FrameColumn], notes: Sequence[str]) -> str:
        """Write the program; the code that runs it. `notes` are said in the session."""
        self.rows.flush()
        program = _BEGIN.format(
            loading=_without_future(LOADING.read_text(encoding="utf-8")),
            rows=self.rows.fileno(),
            columns=json.dumps(columns),
            notes=json.dumps(list(notes)),
        )
        self._program.write(program.encode())
        self._program.flush()
        self._program.seek(0)
        return _RUN.format(program=self._program.fileno())

    def close(self) -> None:
        """Let them go."""
        self.rows.close()
        self._program.close()


def _without_future(source: str) -> str:
    """`from __future__` stands at the begin of a file only."""
    return source.replace("from __future__ import annotations\n", "")
