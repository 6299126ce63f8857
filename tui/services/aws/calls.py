"""How AWS is called: one call, or every page of a listing.

Both are synchronous and belong on a thread of a `BlockingPool`. They take the bound method of an
SDK client with its parameters, so that the type stubs check the parameters and give the answer its
type:

    table = call("describe the table x", dynamodb.describe_table, TableName="x")["Table"]
    for page in pages("list the tables", dynamodb.list_tables, TABLE_NAMES, Limit=100): …

The read-only guard, the audit and the marks of lost answers lie below, on the SDK's own hooks.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

from tui.services.aws import codes
from tui.services.aws.lost_answer import Looker, settled
from tui.services.aws.translate import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.giving_way import computing, waiting

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A", bound=Mapping[str, object])

ATTEMPTS = 3
"""Calls to a service that asks for fewer requests, each with the SDK's own tries."""

FIRST_PAUSE = 0.5
"""Seconds before the second call, at most; doubles with each."""

LONGEST_PAUSE = 20.0
"""Seconds that no pause is longer than."""


def sleep(seconds: float) -> None:
    """Wait in this thread."""
    waiting()
    time.sleep(seconds)
    computing()


@dataclass(frozen=True)
class Pauses:
    """The pauses, in seconds, between looks at something that changes by itself: a first one that
    grows by a factor up to a longest."""

    first: float = 2.0
    factor: float = 1.5
    longest: float = 15.0

    def after(self, looks: int) -> float:
        """The pause after so many looks that found no change."""
        # The exponent is capped so that a day of looks does not overflow a float.
        return min(self.longest, self.first * self.factor ** min(looks, 64))


@dataclass(frozen=True)
class Backoff:
    """How a call is repeated while the service asks for fewer requests.

    A pause lies between a half and the whole of its span, so that callers who were refused
    together do not come back together.
    """

    attempts: int | None = None
    """None is `ATTEMPTS`; 1 is no repetition."""
    first: float = FIRST_PAUSE
    longest: float = LONGEST_PAUSE
    wait: Callable[[float], object] = sleep
    """Waits for so many seconds. If what it gives is true ("stopped", as `threading.Event.wait`
    says it), the call is not repeated."""

    @property
    def tries(self) -> int:
        """How many calls there are at most."""
        return ATTEMPTS if self.attempts is None else self.attempts

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the attempt of that number; the first is 0."""
        span = min(self.first * 2.0**attempt, self.longest)
        return span * random.uniform(0.5, 1.0)  # noqa: S311

    def stops(self, attempt: int) -> bool:
        """Wait after an attempt; whether it was the last one, or the user stopped the wait."""
        return attempt + 1 >= self.tries or bool(self.wait(self.pause(attempt)))


@dataclass(frozen=True)
class Paging(Generic[A]):
    """How a listing goes on."""

    tokens: Mapping[str, str]
    """Field of the answer -> parameter of the next call."""
    decode: Callable[[A], A] | None = None
    """Applied to each answer before its tokens are read: for `EncodingType=url`."""

    def following(self, answer: A) -> dict[str, object]:
        """The parameters that ask for the next page; empty behind the last one."""
        if answer.get("IsTruncated") is False:
            return {}
        return {to: answer[name] for name, to in self.tokens.items() if answer.get(name)}


NEXT_TOKEN: Paging[Any] = Paging({"NextToken": "NextToken"})
"""EC2, CloudWatch, Application Auto Scaling."""

MARKER: Paging[Any] = Paging({"Marker": "Marker"})
"""RDS."""

TABLE_NAMES: Paging[Any] = Paging({"LastEvaluatedTableName": "ExclusiveStartTableName"})
"""DynamoDB's ListTables."""


def call(action: str, method: Callable[P, T], /, *args: P.args, **parameters: P.kwargs) -> T:
    """The answer of one SDK call. `action` completes "Could not …": "list the buckets".

    Repeated, with pauses, while the service asks for fewer requests. Raises ServiceError.
    """
    return repeated(Backoff(), action, lambda: method(*args, **parameters))


def change(action: str, send: Callable[[], T], look: Looker[T], *, how_to_look: str) -> T:
    """The answer of one SDK call that changes something, sent by `send`; if the answer was lost,
    what `look` finds out, as in `settled`.

    Repeated, with pauses, while the service asks for fewer requests. Raises ServiceError; UNKNOWN,
    with `how_to_look`, if it cannot be found out whether the change was made.
    """
    return repeated(Backoff(), action, lambda: settled(send, look, how_to_look=how_to_look))


def repeated(backoff: Backoff, action: str, send: Callable[[], T]) -> T:
    """The answer of `send`, one SDK call, repeated as `backoff` says. Raises ServiceError."""
    attempt = 0
    while True:
        try:
            with translating(action):
                return send()
        except ServiceError as error:
            if not asks_for_fewer(error) or backoff.stops(attempt):
                raise
        attempt += 1


def asks_for_fewer(error: ServiceError) -> bool:
    """Whether the service did nothing because there are too many requests."""
    if error.kind is ErrorKind.UNKNOWN:
        # An earlier try may have been carried out; it must not be sent anew.
        return False
    return error.kind is ErrorKind.THROTTLED or error.code in codes.SLOWER


def pages(
    action: str,
    method: Callable[P, A],
    paging: Paging[A],
    /,
    *args: P.args,
    **parameters: P.kwargs,
) -> Iterator[A]:
    """Every page of a listing, as it is asked for. Raises ServiceError.

    Ends when an answer gives no token, or the one that was sent (some compatible servers repeat
    themselves for ever).
    """

    def page(**sent: Any) -> A:
        send: Callable[..., A] = method
        return call(action, send, *args, **sent)

    return every_page(page, paging, parameters)


def every_page(
    page: Callable[..., A], paging: Paging[A], parameters: Mapping[str, object]
) -> Iterator[A]:
    """Every page that `page` gives; the loop of `pages`, for calls that are made in another way."""
    sent: dict[str, object] = {}
    while True:
        answer = page(**{**parameters, **sent})
        if paging.decode is not None:
            answer = paging.decode(answer)
        yield answer
        following = paging.following(answer)
        if not following or following == sent:
            return
        sent = following
