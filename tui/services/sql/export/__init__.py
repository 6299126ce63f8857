"""A whole result as a file: CSV, TSV, JSON Lines, Parquet, Excel."""

from tui.services.sql.export.held import write_rows
from tui.services.sql.export.options import Exported, ExportOptions, Format
from tui.services.sql.export.server_copy import can_run_again

__all__ = ["ExportOptions", "Exported", "Format", "can_run_again", "write_rows"]
