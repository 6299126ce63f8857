"""The parts into which a scan cuts the range of keys, what has come of them, and which of them is
asked for next.

Where nothing is known of the keys, it is cut behind the beginnings of the first ones, and then in
the middle of the largest part under way, as soon as there is room for a request. A part begins with
`StartAfter`, so that no request is lost if there is something in it.

Sends nothing and locks nothing: the scan does both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tui.services.s3.listing.key_range import LAST, Alphabets, common_length, order_of
from tui.services.s3.location import MAX_KEY_BYTES
from tui.services.s3.models import S3Object

Page = tuple[S3Object, ...]

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


class Came(NamedTuple):
    """A page, and how its listing goes on."""

    page: Page
    token: str | None
    """What asks for all that follows it; None if nothing does."""
    is_cut: bool = False
    """Whether the page ends where another part begins: its token would leave something out."""


class ScanPart:
    """A part of the range of keys: what lies behind `after`, up to and with `until`."""

    def __init__(self, after: str, until: str, token: str | None = None) -> None:
        self.begin = after
        self.after = after
        """The last key that was listed, or where the part begins."""
        self.until = until
        """Empty: up to the end."""
        self.token = token
        self.server = ""
        """What the server calls itself, once it has answered."""
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

    @property
    def is_free(self) -> bool:
        """Whether its next page can be asked for."""
        return not self.is_asked and not self.is_ended


class ScanParts:
    """The parts of a listing behind its first page, in the order of keys; those that have ended are
    taken out when nothing of them is left.

    Parts begin where `cut_at` says: at a text or before it. With `ordered` their pages are taken in
    the order of keys.
    """

    def __init__(
        self, first: Page, token: str, prefix: str, cut_at: Callable[[str], str], *, ordered: bool
    ) -> None:
        self._prefix = prefix
        self._cut_at = cut_at
        self._ordered = ordered
        self._most = AHEAD if ordered else HELD
        self._held = 0
        self._alphabets = Alphabets()
        self._alphabets.see(each.key for each in first[:: max(1, len(first) // 40)])
        self._parts = self._first_parts(first, token)

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def asked(self) -> int:
        """Requests that are under way."""
        return sum(each.is_asked for each in self._parts)

    @property
    def is_full(self) -> bool:
        """Whether so many pages wait that no more are asked for."""
        return self._held >= self._most

    @property
    def have_ended(self) -> bool:
        """Whether nothing is left to ask for."""
        return all(each.is_ended for each in self._parts)

    def _first_parts(self, first: Page, token: str) -> list[ScanPart]:
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
        parts = [ScanPart(last, "", token)]
        parts[0].is_new = False
        for place in reversed(places):
            cut = self._cut_at(last[:place] + LAST)
            if _can_be_sent(cut) and order_of(parts[-1].after) < order_of(cut):
                parts[-1].until = cut
                parts.append(ScanPart(cut, ""))
        return parts

    def take(self) -> Came | None:
        """The next page that came; None if it did not come yet, or nothing is left."""
        for part in list(self._parts):
            if part.pages:
                self._held -= 1
                return part.pages.popleft()
            if part.is_ended:
                self._parts.remove(part)
            elif self._ordered:
                return None
        return None

    def next_part(self, allowed: int) -> ScanPart | None:
        """The part whose next page is to be asked for now, and is noted as asked for; None if there
        is none, or as many requests are under way as are `allowed`."""
        part = self._choose() if self.asked < allowed else None
        if part is not None:
            part.is_asked, part.is_new = True, False
        return part

    def have_more(self, allowed: int) -> bool:
        """Whether `next_part` gives one; where it gives none after all, because nothing can be cut,
        it has noted that, and this soon says no."""
        if self.asked >= allowed:
            return False
        if self.is_full:
            return self._ordered and self._parts[0].is_free and not self._parts[0].pages
        worth = max(2 * SHARE, WORTH_CUTTING) if self._ordered else WORTH_CUTTING
        return any(
            each.is_free or (not each.is_ended and each.left >= worth) for each in self._parts
        )

    def _choose(self) -> ScanPart | None:
        if self._ordered:
            return self._choose_first()
        if self.is_full:
            return None
        under_way = [each for each in self._parts if not each.is_ended]
        free = [each for each in under_way if not each.is_asked]
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

    def _choose_first(self) -> ScanPart | None:
        """The first part in key order that is not asked for; what is longer than a share is cut
        behind the first one of it."""
        if self.is_full:
            first = self._parts[0]
            return first if first.is_free and not first.pages else None
        # What is cut off comes right behind its part: it is the next one here.
        for part in self._parts:
            if part.left >= 2 * SHARE:
                self._cut(part, SHARE / part.left)
            if part.is_free:
                return part
        return None

    def take_in(self, part: ScanPart, page: Page) -> None:
        """Keep of a page, which came of a part, what is in that part."""
        part.is_asked = False
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

    def _absorb_next(self, part: ScanPart) -> bool:
        """Make the next part a part of this one, if nothing of it was asked for."""
        at = self._parts.index(part) + 1
        if at == len(self._parts) or not self._parts[at].is_new:
            return False
        part.until = self._parts.pop(at).until
        return True

    def _estimate(self, part: ScanPart) -> float:
        """How many keys are left in a part, if they lie as densely as those that came."""
        return part.listed * self._alphabets.rest(part.begin, part.after, self._end_of(part))

    def _end_of(self, part: ScanPart) -> str:
        return part.until or self._prefix + LAST

    def _cut(self, part: ScanPart, share: float = 0.5) -> ScanPart | None:
        """What is left of a part behind a share of it, the second half for instance; None if it is
        too little."""
        if part.left < WORTH_CUTTING:
            return None
        middle = self._alphabets.middle(part.after, self._end_of(part), share)
        cut = middle and self._cut_at(middle)
        if not cut or not _can_be_sent(cut) or order_of(cut) <= order_of(part.after):
            part.left = 0.0
            return None
        half = ScanPart(cut, part.until)
        part.until = cut
        if self._ordered:
            half.left = part.left * (1 - share)
        part.left *= share
        self._parts.insert(self._parts.index(part) + 1, half)
        return half


def _can_be_sent(text: str) -> bool:
    return len(order_of(text)) <= MAX_KEY_BYTES and not any("\ud800" <= c <= "\udfff" for c in text)
