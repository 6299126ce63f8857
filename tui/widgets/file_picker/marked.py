"""What is marked among the files of this machine, in folders of any size. No Textual here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from pathlib import Path

from tui.services.transfers import EntryKind, LocalEntry


class MarkedEntries:
    """Files and folders in the order of marking, counted while they are marked: a screen asks at
    each key how many there are, and a folder may hold 100,000 of them."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], LocalEntry] = {}
        self._names: dict[str, set[str]] = {}
        self.bytes = 0
        """Of the files."""
        self.folders = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What is marked, in the order of marking."""
        return tuple(entry.path for entry in self._entries.values())

    def names_in(self, folder: Path) -> Set[str]:
        """What is marked in one folder."""
        return self._names.get(str(folder), frozenset())

    def add(self, entries: Iterable[LocalEntry], folder: Path) -> None:
        """Mark entries of one folder."""
        where = str(folder)
        names = self._names.setdefault(where, set())
        new = {entry.name: entry for entry in entries if entry.name not in names}
        names.update(new)
        self._entries.update(((where, name), entry) for name, entry in new.items())
        self._count(new.values(), 1)

    def remove(self, entries: Iterable[LocalEntry], folder: Path) -> None:
        """Unmark entries of one folder."""
        where = str(folder)
        names = self._names.get(where, set())
        old = {entry.name for entry in entries if entry.name in names}
        names -= old
        self._count([self._entries.pop((where, name)) for name in old], -1)

    def toggle(self, entry: LocalEntry, folder: Path) -> None:
        """Mark an entry that can be sent, or unmark it."""
        if entry.name in self.names_in(folder):
            self.remove([entry], folder)
        elif can_be_sent(entry):
            self.add([entry], folder)

    def toggle_files(self, shown: Sequence[LocalEntry], folder: Path) -> None:
        """Mark every file that is shown, or none if all are marked."""
        files = [entry for entry in shown if entry.kind is EntryKind.FILE]
        names = self.names_in(folder)
        if all(entry.name in names for entry in files):
            self.remove(files, folder)
        else:
            self.add(files, folder)

    def rows(self, shown: Sequence[LocalEntry], folder: Path) -> Iterable[int]:
        """The numbers of those that are marked among what is shown of a folder."""
        names = self.names_in(folder)
        if not names:
            return ()
        return (index for index, entry in enumerate(shown) if entry.name in names)

    def clear(self) -> None:
        """Unmark everything."""
        self._entries.clear()
        self._names.clear()
        self.bytes = self.folders = 0

    def _count(self, entries: Collection[LocalEntry], step: int) -> None:
        self.bytes += step * sum(entry.size or 0 for entry in entries)
        self.folders += step * sum(entry.kind is EntryKind.FOLDER for entry in entries)


def can_be_sent(entry: LocalEntry) -> bool:
    """Whether it is a file or a folder."""
    return entry.kind in {EntryKind.FILE, EntryKind.FOLDER}
