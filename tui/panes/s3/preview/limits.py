"""How much a preview holds, and what its keys go through."""

from __future__ import annotations

LARGEST = 4 * 1024 * 1024
"""Bytes of an object that a preview holds at most."""

ROWS = 500
"""Rows of a Parquet file or a sheet that are read together."""

MOST_ROWS = 50_000

ENCODINGS = (None, "utf-8", "cp1252", "latin-1", "utf-16-le", "utf-16-be", "shift_jis", "gb18030")
"""What the key for the encoding goes through; None detects it."""
