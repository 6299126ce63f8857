"""Very many rows in little memory: the entries of a location as columns, and those that are shown.

An object takes about 60 bytes and its key, a tenth of what it takes as Python objects. It becomes
one when its row is looked at.
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import inf
from threading import Lock
from typing import overload

from tui.panes.s3.entries import Entry, Order, Prefix, SortKey, raw_name, sort_key
from tui.services.s3 import Bucket, S3Object
from tui.widgets.grid.cells import CompactItems

CHUNK = 1024
"""Entries that are packed together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_TIME = -(2**63)

_ETAG = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]{0,8}))?")
_OTHER_ETAG = -1

_PREFIX = ("", "")
"""Stands in the place of class and restore state for a prefix; it has the number 0."""


class Entries(Sequence[Entry]):
    """Entries in the order in which they came; they only grow."""

    def __init__(self) -> None:
        self._chunks: list[_Chunk | list[Entry]] = []
        self._states: dict[tuple[str, str], int] = {}
        self._state_list: list[tuple[str, str]] = [_PREFIX]
        self._latest: list[Entry] = []
        """Those that do not fill a chunk yet."""
        self._unpacked: deque[int] = deque()
        """The chunks that are still to be packed."""
        self._packing = Lock()

    def __len__(self) -> int:
        return len(self._chunks) * CHUNK + len(self._latest)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        number, place = divmod(index, CHUNK)
        return self._latest[place] if number == len(self._chunks) else self._chunks[number][place]

    def name(self, index: int) -> str:
        """The raw name of an entry."""
        number, place = divmod(index, CHUNK)
        if number == len(self._chunks):
            return raw_name(self._latest[place])
        chunk = self._chunks[number]
        return chunk.name(place) if isinstance(chunk, _Chunk) else raw_name(chunk[place])

    def etag(self, index: int) -> str:
        """The ETag of an entry; empty if it has none."""
        number, place = divmod(index, CHUNK)
        chunk = self._chunks[number] if number < len(self._chunks) else None
        if isinstance(chunk, _Chunk):
            return chunk.etag(place)
        entry = self[index]
        return entry.etag if isinstance(entry, S3Object) else ""

    def sort_key(self, order: Order) -> tuple[Callable[[int], SortKey], bool]:
        """What to sort the index of an entry by, and whether downwards; as `sort_key` says for
        the entry itself, which is not made where its column is enough."""
        of_entry, down = sort_key(order)
        of_column, other = _OF_COLUMN.get(order), 0 if down else 1
        chunks = self._chunks

        def key(index: int) -> SortKey:
            number, place = divmod(index, CHUNK)
            if of_column is not None and number < len(chunks):
                chunk = chunks[number]
                if isinstance(chunk, _Chunk) and chunk.is_object(place):
                    return other, of_column(chunk, place)
            return of_entry(self[index])

        return key, down

    def indexes(self) -> Iterator[int]:
        """The index of each entry; of those, too, that are added meanwhile."""
        index = 0
        while index < len(self):
            yield index
            index += 1

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add entries at the end. They are to be packed then."""
        self._latest += entries
        while len(self._latest) >= CHUNK:
            full = self._latest[:CHUNK]
            self._latest = self._latest[CHUNK:]
            if not any(isinstance(each, Bucket) for each in full):
                self._unpacked.append(len(self._chunks))
            self._chunks.append(full)

    def pack(self) -> None:
        """Pack what has come; from any thread."""
        with self._packing:
            while self._unpacked:
                number = self._unpacked[0]
                full = self._chunks[number]
                if not isinstance(full, _Chunk):
                    self._chunks[number] = self._packed(full)
                self._unpacked.popleft()

    def _packed(self, entries: Sequence[Entry]) -> _Chunk:
        states = [
            self._number_of((each.storage_class, each.restore)) if isinstance(each, S3Object) else 0
            for each in entries
        ]
        return _Chunk(self._state_list, entries, states)

    def _number_of(self, state: tuple[str, str]) -> int:
        number = self._states.setdefault(state, len(self._state_list))
        if number == len(self._state_list):
            self._state_list.append(state)
        return number


class _Chunk:
    """Some prefixes and objects as columns."""

    __slots__ = (
        "_ends",
        "_etags",
        "_names",
        "_other",
        "_parts",
        "_sizes",
        "_states",
        "_table",
        "_times",
    )

    def __init__(
        self, table: list[tuple[str, str]], entries: Sequence[Entry], states: Sequence[int]
    ) -> None:
        """`states` are the numbers of the entries in the table, 0 for a prefix. Packed column by
        column: one by one takes four times as long, and a page is packed between two keys."""
        self._table = table
        """Storage class and restore state, by their number."""
        names = [raw_name(each) for each in entries]
        text = "".join(names)
        # All that a Python string can hold comes back as it was.
        self._names = text.encode("utf-8", "surrogatepass")
        lengths = names if text.isascii() else [_encoded(name) for name in names]
        self._ends = array("I", accumulate(map(len, lengths), initial=0))
        self._states = array("I", states)
        objects = [each if isinstance(each, S3Object) else None for each in entries]
        self._sizes = array("q", [0 if each is None else each.size for each in objects])
        self._times = array("q", [_time_of(each) for each in objects])
        """Microseconds since 1970."""
        self._other: dict[int, str] = {}
        """ETags that are written in another way."""
        etags = ["" if each is None else each.etag for each in objects]
        plain = _plain_etags(etags)
        self._etags = plain or b"".join(map(self._etag_bytes, range(len(etags)), etags))
        """16 bytes for each."""
        self._parts = array("i", bytes(4 * len(etags)) if plain else map(_parts_of, etags))
        """Of an upload in parts, as the ETag says it; 0 for another one."""

    def _etag_bytes(self, place: int, etag: str) -> bytes:
        known = _ETAG.fullmatch(etag)
        if known is None:
            self._other[place] = etag
            return bytes(16)
        return bytes.fromhex(known[1])

    def is_object(self, place: int) -> bool:
        return self._states[place] != 0

    def size(self, place: int) -> int:
        return self._sizes[place]

    def age(self, place: int, sign: int) -> float:
        time = self._times[place]
        return inf if time == _NO_TIME else sign * time / 1_000_000

    def storage_class(self, place: int) -> str:
        return self._table[self._states[place]][0]

    def name(self, place: int) -> str:
        return self._names[self._ends[place] : self._ends[place + 1]].decode(
            "utf-8", "surrogatepass"
        )

    def __getitem__(self, place: int) -> Entry:
        state = self._states[place]
        if state == 0:
            return Prefix(self.name(place))
        time = self._times[place]
        modified = None if time == _NO_TIME else _EPOCH + time * _MICROSECOND
        storage_class, restore = self._table[state]
        size, etag = self._sizes[place], self.etag(place)
        return S3Object(self.name(place), size, modified, storage_class, etag, restore)

    def etag(self, place: int) -> str:
        parts = self._parts[place]
        if parts == _OTHER_ETAG:
            return self._other[place]
        etag = self._etags[place * 16 : place * 16 + 16].hex()
        return f"{etag}-{parts}" if parts else etag


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _time_of(entry: S3Object | None) -> int:
    when = None if entry is None else entry.modified
    return _NO_TIME if when is None else (when - _EPOCH) // _MICROSECOND


def _plain_etags(etags: Sequence[str]) -> bytes:
    """The bytes of ETags that are all an MD5; else empty."""
    text = "".join(etags)
    if len(text) != 32 * len(etags) or any(len(each) != 32 for each in etags):
        return b""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return b""
    # Capital letters and blanks would be lost.
    return data if data.hex() == text else b""


def _parts_of(etag: str) -> int:
    known = _ETAG.fullmatch(etag)
    return _OTHER_ETAG if known is None else int(known[2] or 0)


_OF_COLUMN: dict[Order, Callable[[_Chunk, int], str | float]] = {
    Order.SIZE: lambda chunk, place: -chunk.size(place),
    Order.SIZE_UP: lambda chunk, place: chunk.size(place),
    Order.MODIFIED: lambda chunk, place: chunk.age(place, -1),
    Order.MODIFIED_UP: lambda chunk, place: chunk.age(place, 1),
    Order.CLASS: lambda chunk, place: chunk.storage_class(place),
    Order.NAME: lambda chunk, place: chunk.name(place),
    Order.NAME_DOWN: lambda chunk, place: chunk.name(place),
}
"""What an object is sorted by, from its column."""


class Objects(Sequence[S3Object]):
    """Objects in the order in which they came, held as columns; they only grow."""

    def __init__(self) -> None:
        self._entries = Entries()

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> S3Object: ...
    @overload
    def __getitem__(self, index: slice) -> list[S3Object]: ...
    def __getitem__(self, index: int | slice) -> S3Object | list[S3Object]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        entry = self._entries[index]
        assert isinstance(entry, S3Object)
        return entry

    def extend(self, objects: Iterable[S3Object]) -> None:
        """Add objects at the end."""
        self._entries.extend(objects)
        self._entries.pack()

    @property
    def keys(self) -> Sequence[str]:
        """The key of each."""
        return _Column(self._entries, Entries.name)

    @property
    def etags(self) -> Sequence[str]:
        """The ETag of each; empty where the server gave none."""
        return _Column(self._entries, Entries.etag)


class _Column(Sequence[str]):
    """A text of each entry, made when it is looked at."""

    def __init__(self, entries: Entries, text: Callable[[Entries, int], str]) -> None:
        self._entries = entries
        self._text = text

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return self._text(self._entries, range(len(self))[index])


class Rows(CompactItems[Entry]):
    """Some of the entries, in an order of their own."""

    def __init__(self, entries: Entries, indexes: Iterable[int] = ()) -> None:
        self._entries = entries
        self.indexes = array("I", indexes)
        """Where the rows are among the entries."""

    def __len__(self) -> int:
        return len(self.indexes)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> Entry | Rows:
        if isinstance(index, slice):
            return Rows(self._entries, self.indexes[index])
        return self._entries[self.indexes[index]]

    def name(self, row: int) -> str:
        """The raw name in a row."""
        return self._entries.name(self.indexes[row])

    def extend(self, items: Iterable[Entry]) -> None:
        if not isinstance(items, Rows):
            raise TypeError("only rows of the same entries can be added")
        self.indexes.extend(items.indexes)
