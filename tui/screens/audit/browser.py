"""What the audit screen shows: the lines that were read so far, and those that the filter keeps."""

from __future__ import annotations

from tui.services.audit import AuditLine, AuditPage


class AuditBrowser:
    """The lines of the log, the newest first."""

    def __init__(self) -> None:
        self.lines: list[AuditLine] = []
        """Every line that was read."""
        self.shown: list[AuditLine] = []
        """Those that the filter keeps."""
        self.before: int | None = None
        """Where the next page ends in the file; None when all of it was read."""
        self.filter = ""

    def add(self, page: AuditPage) -> list[AuditLine]:
        """Take an older page; gives those of its lines that are shown."""
        self.before = page.before
        self.lines += page.lines
        kept = [line for line in page.lines if self._keeps(line)]
        self.shown += kept
        return kept

    def narrow(self, text: str) -> None:
        """Keep the lines that contain a text, whatever its case; empty keeps all."""
        self.filter = text
        self.shown = [line for line in self.lines if self._keeps(line)]

    @property
    def more(self) -> bool:
        """Whether older lines follow that were not read."""
        return self.before is not None

    @property
    def summary(self) -> str:
        """How many lines there are, in a few words; never a number that is not known."""
        plus = "+" if self.more else ""
        read = f"{len(self.lines):,}{plus} {'entry' if len(self.lines) == 1 else 'entries'}"
        if not self.filter:
            return read
        return f"{len(self.shown):,} of {read} with “{self.filter}”"

    def _keeps(self, line: AuditLine) -> bool:
        return not self.filter or self.filter.casefold() in line.raw.casefold()
