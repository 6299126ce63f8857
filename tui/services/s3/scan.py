"""Every object under a prefix, at any depth, as fast as the server gives them.

A listing is one request after another. Here the range of keys is cut into parts that are listed at
the same time: where nothing is known of the keys, behind the beginnings of the first ones, and then
in the middle of the largest part under way, as soon as there is room for a request. A part begins
with `StartAfter`, so that no request is lost if there is something in it.

Blocking; raises ServiceError.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.services.aws import Connection
from tui.services.s3.calls import S3Calls
from tui.services.s3.key_range import LAST, Alphabets, common_length, order_of
from tui.services.s3.list_answer import list_objects, objects_of
from tui.services.s3.location import MAX_KEY_BYTES
from tui.services.s3.models import S3Object
from tui.services.s3.names import is_directory_bucket
from tui.services.s3.pace import Pace

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

Page = tuple[S3Object, ...]

THREADS = 16
"""Requests at a time."""

HELD = 64
"""Pages that wait to be taken, before no more are asked for. A page takes about 0.4 MB."""

AHEAD = 16
"""The same in key order, where whoever takes them shows them: more would only be read in one go at
the beginning, and keep keys waiting."""

FIRST_CUTS = 12
"""Parts that are begun when nothing is known but the first page."""

PROBES = 2
"""Parts of which nothing is known that are asked for at a time, while others can be cut."""

WORTH_CUTTING = 3000
"""Keys that have to be left in a part before it is cut in two."""

SHARE = 4000
"""Keys of a part in key order: the parts that are listed at the same time lie side by side, so that
all their pages can wait."""


def scan(
    s3: S3Calls, bucket: str, prefix: str, *, ordered: bool = False, at: Connection | None = None
) -> Iterator[Page]:
    """Every object whose key begins with `prefix`, page by page, no key twice.

    With `ordered` in the server's order of keys, else as the pages come. Keys that are added or
    deleted meanwhile may be in it or not. Closing the iterator ends the scan: no more is asked for.
    """
    source = Source(s3.on(at), bucket, prefix)
    for came in scan_from(source, ordered=ordered):
        if came.page:
            yield came.page


def scan_from(source: Source, *, ordered: bool, token: str | None = None) -> Iterator[Came]:
    """The pages of a listing from its beginning, or from where `token` goes on."""
    part = _Part("", "", token)
    pace = Pace(THREADS, is_elastic=source.calls.connection.endpoint is None)
    page = source.ask(part)
    pace.note()
    token = part.token
    yield Came(page, token)
    if token is None:
        return
    if not page or is_directory_bucket(source.bucket) or not _is_in_order(page):
        while part.token is not None:
            yield Came(source.ask(part), part.token)
        return
    work = _Scan(source, page, token, pace, ordered=ordered)
    try:
        yield from work.pages()
    finally:
        work.stop()


class Came(NamedTuple):
    """A page, and how its listing goes on."""

    page: Page
    token: str | None
    """What asks for all that follows it; None if nothing does."""
    is_cut: bool = False
    """Whether the page ends where another part begins: its token would leave something out."""


@dataclass(frozen=True)
class Source:
    """A listing that can begin behind any key."""

    calls: S3Calls
    bucket: str
    prefix: str

    def ask(self, part: _Part) -> Page:
        """The next page of a part; notes the token that asks for the one behind it."""
        request: dict[str, Any] = {"Bucket": self.bucket, "Prefix": self.prefix}
        if part.token is not None:
            request["ContinuationToken"] = part.token
        elif part.after:
            request["StartAfter"] = part.after
        answer = self.answer(**request, EncodingType="url")
        token = answer.get("NextContinuationToken") if answer.get("IsTruncated") else None
        # Some servers give the same token for ever.
        part.token = token if token and token != part.token else None
        return self.rows(answer)

    def answer(self, **request: Any) -> ListObjectsV2OutputTypeDef:
        """Ask. Raises ServiceError."""
        action = f"list s3://{self.bucket}/{self.prefix}"
        return self.calls.call(action, list_objects, **request)

    def rows(self, answer: ListObjectsV2OutputTypeDef) -> Page:
        """What is in an answer, in the order of its keys."""
        return objects_of(answer)

    def cut_at(self, text: str) -> str:
        """Where a part may begin, at a text or before it."""
        return text


class _Part:
    """A part of the range of keys: what lies behind `after`, up to and with `until`."""

    def __init__(self, after: str, until: str, token: str | None = None) -> None:
        self.begin = after
        self.after = after
        """The last key that was listed, or where the part begins."""
        self.until = until
        """Empty: up to the end."""
        self.token = token
        self.is_new = True
        """Whether nothing of it was asked for yet."""
        self.is_asked = False
        """Whether its next page is under way."""
        self.is_ended = False
        self.pages: deque[Came] = deque()
        """What has come and was not taken."""
        self.listed = 0
        """Keys that came."""
        self.left = 0.0
        """Keys that may be left; 0 also while nothing is known."""


class _Scan:
    """Parts that are listed at the same time by threads of its own."""

    def __init__(
        self,
        source: Source,
        first: Page,
        token: str,
        pace: Pace,
        *,
        ordered: bool,
    ) -> None:
        self._source = source
        self._pace = pace
        self._ordered = ordered
        self._most = AHEAD if ordered else HELD
        self._alphabets = Alphabets()
        self._alphabets.see(each.key for each in first[:: max(1, len(first) // 40)])
        lock = threading.Lock()
        self._came = threading.Condition(lock)
        """A page came, or a part has ended."""
        self._work = threading.Condition(lock)
        """There is something to list, or nothing any more."""
        self._stopped = False
        self._error: BaseException | None = None
        self._held = 0
        self._parts = self._first_parts(first, token)
        """In the order of keys; ended ones are taken out when nothing of them is left."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tristore-scan")

    def _first_parts(self, first: Page, token: str) -> list[_Part]:
        """The rest, cut behind the beginnings of the last key: behind all keys that begin with its
        first character, with its first two, and so on."""
        last = first[-1].key
        known = len(self._source.prefix)
        same = max(common_length(first[0].key, last), known)
        places = list(range(known + 1, min(same + 1, len(last)) + 1))
        if len(places) > FIRST_CUTS:
            # The beginnings of names in folders are long; where the others differ is unknown.
            step = len(places) / FIRST_CUTS
            places = [places[int(number * step)] for number in range(FIRST_CUTS)]
        parts = [_Part(last, "", token)]
        parts[0].is_new = False
        for place in reversed(places):
            cut = self._source.cut_at(last[:place] + LAST)
            if _can_be_sent(cut) and order_of(parts[-1].after) < order_of(cut):
                parts[-1].until = cut
                parts.append(_Part(cut, ""))
        return parts

    # -- what the one who asked takes ------------------------------------------------------

    def pages(self) -> Iterator[Came]:
        """The pages as they come, or in the order of keys. Raises what a thread raised."""
        for _ in range(THREADS):
            self._threads.submit(self._run).add_done_callback(self._has_ended)
        while True:
            with self._came:
                while (came := self._take()) is None:
                    if self._error is not None:
                        raise self._error
                    if not self._parts:
                        return
                    self._came.wait()
            yield came

    def stop(self) -> None:
        """Ask for nothing more."""
        with self._came:
            self._stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        self._stopped = True
        for each in (self._came, self._work):
            each.notify_all()

    def _take(self) -> Came | None:
        for part in list(self._parts):
            if part.pages:
                if self._held >= self._most:
                    self._work.notify_all()
                self._held -= 1
                return part.pages.popleft()
            if part.is_ended:
                self._parts.remove(part)
                self._work.notify()
            elif self._ordered:
                return None
        return None

    # -- what the threads do ---------------------------------------------------------------

    def _has_ended(self, thread: Future[None]) -> None:
        error = None if thread.cancelled() else thread.exception()
        if error is not None:
            with self._came:
                self._error = self._error or error
                self._stop()

    def _run(self) -> None:
        while (part := self._next_part()) is not None:
            page = self._source.ask(part)
            with self._came:
                part.is_asked = False
                self._pace.note()
                self._take_in(part, page)
                self._came.notify()
                self._work.notify(max(1, self._pace.allowed - self._asked()))

    def _asked(self) -> int:
        return sum(each.is_asked for each in self._parts)

    def _next_part(self) -> _Part | None:
        """The part whose next page is to be asked for; None at the end."""
        with self._work:
            while not self._stopped:
                under_way = [each for each in self._parts if not each.is_ended]
                if not under_way:
                    self._work.notify_all()
                    return None
                part = self._choose(under_way)
                if part is not None:
                    part.is_asked, part.is_new = True, False
                    return part
                self._work.wait()
            return None

    def _choose(self, under_way: list[_Part]) -> _Part | None:
        if sum(each.is_asked for each in under_way) >= self._pace.allowed:
            return None
        free = [each for each in under_way if not each.is_asked]
        if self._ordered:
            return self._choose_next()
        if self._held >= self._most:
            return None
        # One that goes on costs the server less than one that begins.
        for part in free:
            if not part.is_new:
                return part
        new = [each for each in free if each.is_new]
        probed = sum(each.is_asked and not each.listed for each in under_way)
        if new and probed < PROBES:
            return new[0]
        # Where keys are known to be left, before where there may be none.
        return self._cut(max(under_way, key=lambda each: each.left)) or next(iter(new), None)

    def _choose_next(self) -> _Part | None:
        """The first part in key order that is not asked for; what is longer than a share is cut
        behind the first one of it."""
        if self._held >= self._most:
            first = self._parts[0]
            return None if first.is_asked or first.is_ended or first.pages else first
        for at in range(2 * len(self._parts)):
            if at >= len(self._parts):
                break
            part = self._parts[at]
            if part.left > 2 * SHARE:
                self._cut(part, SHARE / part.left)
            if not part.is_asked and not part.is_ended:
                return part
        return None

    def _take_in(self, part: _Part, page: Page) -> None:
        """Keep of a page what is in its part."""
        ended, is_cut = part.token is None, False
        if page and order_of(page[0].key) <= order_of(part.after):
            # The server does not know StartAfter.
            behind = order_of(part.after)
            page = tuple(each for each in page if order_of(each.key) > behind)
        while page and part.until and order_of(page[-1].key) > order_of(part.until):
            if not self._absorb_next(part):
                limit = order_of(part.until)
                page = tuple(each for each in page if order_of(each.key) <= limit)
                ended = is_cut = True
                break
        if page:
            self._alphabets.see((page[0].key, page[len(page) // 2].key, page[-1].key))
            part.after = page[-1].key
            part.listed += len(page)
            part.pages.append(Came(page, part.token, is_cut))
            self._held += 1
        if part.token is None:
            # Nothing follows at all.
            while self._absorb_next(part):
                pass
        part.is_ended = ended
        part.left = 0.0 if ended else self._estimate(part)

    def _absorb_next(self, part: _Part) -> bool:
        """Make the next part a part of this one, if nothing of it was asked for."""
        at = self._parts.index(part) + 1
        if at == len(self._parts) or not self._parts[at].is_new:
            return False
        part.until = self._parts.pop(at).until
        return True

    def _estimate(self, part: _Part) -> float:
        """How many keys are left in a part, if they lie as densely as those that came."""
        return part.listed * self._alphabets.rest(part.begin, part.after, self._end_of(part))

    def _end_of(self, part: _Part) -> str:
        return part.until or self._source.prefix + LAST

    def _cut(self, part: _Part, share: float = 0.5) -> _Part | None:
        """What is left of a part behind a share of it, the second half for instance; None if it is
        too little."""
        if part.left < WORTH_CUTTING:
            return None
        middle = self._alphabets.middle(part.after, self._end_of(part), share)
        cut = middle and self._source.cut_at(middle)
        if not cut or not _can_be_sent(cut) or order_of(cut) <= order_of(part.after):
            part.left = 0.0
            return None
        half = _Part(cut, part.until)
        part.until = cut
        if self._ordered:
            half.left = part.left * (1 - share)
        part.left *= share
        self._parts.insert(self._parts.index(part) + 1, half)
        return half


def _can_be_sent(text: str) -> bool:
    return len(order_of(text)) <= MAX_KEY_BYTES and not any("\ud800" <= c <= "\udfff" for c in text)


def _is_in_order(page: Page) -> bool:
    keys = [order_of(each.key) for each in page]
    return all(a < b for a, b in pairwise(keys))
