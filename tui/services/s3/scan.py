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
from itertools import pairwise
from typing import Any

from tui.services.aws import Connection
from tui.services.s3.calls import S3Calls
from tui.services.s3.key_range import LAST, Alphabets, common_length, order_of
from tui.services.s3.list_answer import list_objects, objects_of
from tui.services.s3.location import MAX_KEY_BYTES
from tui.services.s3.models import S3Object
from tui.services.s3.names import is_directory_bucket
from tui.services.s3.pace import Pace

Page = tuple[S3Object, ...]

THREADS = 16
"""Requests at a time."""

HELD = 64
"""Pages that wait to be taken, before no more are asked for; in key order also those of later
parts. A page takes about 0.4 MB."""

FIRST_CUTS = 12
"""Parts that are begun when nothing is known but the first page."""

PROBES = 2
"""Parts of which nothing is known that are asked for at a time, while others can be cut."""

WORTH_CUTTING = 3000
"""Keys that have to be left in a part before it is cut in two."""


def scan(
    s3: S3Calls, bucket: str, prefix: str, *, ordered: bool = False, at: Connection | None = None
) -> Iterator[Page]:
    """Every object whose key begins with `prefix`, page by page, no key twice.

    With `ordered` in the server's order of keys, else as the pages come. Keys that are added or
    deleted meanwhile may be in it or not. Closing the iterator ends the scan: no more is asked for.
    """
    calls = s3.on(at)
    part = _Part("", "")
    pace = Pace(THREADS, is_elastic=calls.connection.endpoint is None)
    page = _ask(calls, bucket, prefix, part)
    pace.note()
    if page:
        yield page
    token = part.token
    if token is None:
        return
    if not page or is_directory_bucket(bucket) or not _is_in_order(page):
        while part.token is not None:
            page = _ask(calls, bucket, prefix, part)
            if page:
                yield page
        return
    work = _Scan(calls, bucket, prefix, page, token, pace, ordered=ordered)
    try:
        yield from work.pages()
    finally:
        work.stop()


class _Part:
    """A part of the range of keys: what lies behind `after`, up to and with `until`."""

    def __init__(self, after: str, until: str) -> None:
        self.begin = after
        self.after = after
        """The last key that was listed, or where the part begins."""
        self.until = until
        """Empty: up to the end."""
        self.token: str | None = None
        self.is_new = True
        """Whether nothing of it was asked for yet."""
        self.is_asked = False
        """Whether its next page is under way."""
        self.is_ended = False
        self.pages: deque[Page] = deque()
        """What has come and was not taken."""
        self.listed = 0
        """Keys that came."""
        self.left = 0.0
        """Keys that may be left; 0 also while nothing is known."""


def _ask(calls: S3Calls, bucket: str, prefix: str, part: _Part) -> Page:
    """The next page of a part; notes the token that asks for the one behind it."""
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "EncodingType": "url"}
    if part.token is not None:
        request["ContinuationToken"] = part.token
    elif part.after:
        request["StartAfter"] = part.after
    answer = calls.call(f"list s3://{bucket}/{prefix}", list_objects, **request)
    token = answer.get("NextContinuationToken") if answer.get("IsTruncated") else None
    # Some servers give the same token for ever.
    part.token = token if token and token != part.token else None
    return objects_of(answer)


class _Scan:
    """Parts that are listed at the same time by threads of its own."""

    def __init__(
        self,
        calls: S3Calls,
        bucket: str,
        prefix: str,
        first: Page,
        token: str,
        pace: Pace,
        *,
        ordered: bool,
    ) -> None:
        self._pace = pace
        self._calls, self._bucket, self._prefix = calls, bucket, prefix
        self._ordered = ordered
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
        known = len(self._prefix)
        same = max(common_length(first[0].key, last), known)
        places = list(range(known + 1, min(same + 1, len(last)) + 1))
        if len(places) > FIRST_CUTS:
            # The beginnings of names in folders are long; where the others differ is unknown.
            step = len(places) / FIRST_CUTS
            places = [places[int(number * step)] for number in range(FIRST_CUTS)]
        parts = [_Part(last, "")]
        parts[0].token, parts[0].is_new = token, False
        for place in reversed(places):
            cut = last[:place] + LAST
            if _can_be_sent(cut) and order_of(parts[-1].after) < order_of(cut):
                parts[-1].until = cut
                parts.append(_Part(cut, ""))
        return parts

    # -- what the one who asked takes ------------------------------------------------------

    def pages(self) -> Iterator[Page]:
        """The pages as they come, or in the order of keys. Raises what a thread raised."""
        for _ in range(THREADS):
            self._threads.submit(self._run).add_done_callback(self._has_ended)
        while True:
            with self._came:
                while (page := self._take()) is None:
                    if self._error is not None:
                        raise self._error
                    if not self._parts:
                        return
                    self._came.wait()
            yield page

    def stop(self) -> None:
        """Ask for nothing more."""
        with self._came:
            self._stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        self._stopped = True
        for each in (self._came, self._work):
            each.notify_all()

    def _take(self) -> Page | None:
        for part in list(self._parts):
            if part.pages:
                if self._held >= HELD:
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
            page = _ask(self._calls, self._bucket, self._prefix, part)
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
        if self._held >= HELD:
            return next((each for each in free if self._ordered and each is self._parts[0]), None)
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

    def _take_in(self, part: _Part, page: Page) -> None:
        """Keep of a page what is in its part."""
        ended = part.token is None
        if page and order_of(page[0].key) <= order_of(part.after):
            # The server does not know StartAfter.
            behind = order_of(part.after)
            page = tuple(each for each in page if order_of(each.key) > behind)
        while page and part.until and order_of(page[-1].key) > order_of(part.until):
            if not self._absorb_next(part):
                limit = order_of(part.until)
                page = tuple(each for each in page if order_of(each.key) <= limit)
                ended = True
                break
        if page:
            self._alphabets.see((page[0].key, page[len(page) // 2].key, page[-1].key))
            part.after = page[-1].key
            part.listed += len(page)
            part.pages.append(page)
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
        return part.until or self._prefix + LAST

    def _cut(self, part: _Part) -> _Part | None:
        """The second half of what is left of a part; None if it is too little."""
        if part.left < WORTH_CUTTING:
            return None
        cut = self._alphabets.middle(part.after, self._end_of(part))
        if cut is None or not _can_be_sent(cut):
            part.left = 0.0
            return None
        half = _Part(cut, part.until)
        part.until = cut
        part.left /= 2
        self._parts.insert(self._parts.index(part) + 1, half)
        return half


def _can_be_sent(text: str) -> bool:
    return len(order_of(text)) <= MAX_KEY_BYTES and not any("\ud800" <= c <= "\udfff" for c in text)


def _is_in_order(page: Page) -> bool:
    keys = [order_of(each.key) for each in page]
    return all(a < b for a, b in pairwise(keys))
