"""Run blocking SDK calls on a bounded, named pool per service.

A slow SQL query occupies a thread of the SQL pool and can never starve S3.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from tui.services.event_loop import is_behind_keys
from tui.services.giving_way import give_way_to_keys

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class _Done:
    """What a finished iterator answers: StopIteration cannot pass through a future."""


SPARE = 3
"""Threads, as a multiple of the pool's size, for calls that nobody awaits any more but that still
sit in a time-out. Without them a few overtaken calls to a dead network would hold up every later
one, also those that go elsewhere."""


class BlockingPool:
    """A bounded pool of threads, named after the service that owns it.

    `size` calls are awaited at a time. A pool of one also keeps their order: the next call begins
    when the one before has ended, awaited or not.
    """

    def __init__(self, name: str, size: int = 8) -> None:
        self.name = name
        threads = size if size == 1 else size * (1 + SPARE)
        self._slots = asyncio.Semaphore(size)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"tristore-{name}")

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Await `function(*args, **kwargs)` on this pool.

        Cancelling the awaiting task gives up the answer at once; the call itself runs on unless
        the caller also stops it at its source.
        """
        async with self._slots:
            return await self.begin(function, *args, **kwargs)

    def begin(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[T]:
        """As `run`, but it is on its way to a thread when this returns, whatever becomes of the
        event loop, and waits for nobody's answer."""
        waits_for_keys = is_behind_keys()

        def call() -> T:
            if waits_for_keys:
                give_way_to_keys()
            return function(*args, **kwargs)

        return asyncio.get_running_loop().run_in_executor(self._executor, call)

    def submit(self, function: Callable[[], None]) -> None:
        """Run `function`, which raises nothing, without awaiting it; from any thread. After
        `close` it is dropped."""
        with suppress(RuntimeError):
            self._executor.submit(function)

    async def iterate(self, iterator: Iterator[T]) -> AsyncGenerator[T, None]:
        """Yield from a blocking iterator, one step at a time on this pool.

        A generator is closed, also on the pool, when the consumer stops or is cancelled.
        """
        try:
            while True:
                item = await self.run(_advance, iterator)
                if isinstance(item, _Done):
                    return
                yield item
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                self._executor.submit(_close_when_idle, close)

    def close(self) -> None:
        """Refuse new calls and drop queued ones; never waits for one under way."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close_after(self, last: Callable[[], None]) -> None:
        """As `close`, but what is queued is done, and `last` after it; never waits."""
        self._executor.submit(last)
        self._executor.shutdown(wait=False)


@contextmanager
def while_awaited(items: Iterable[T]) -> Iterator[Iterator[T]]:
    """`items` for a call on a pool that takes long because there are many: they break off when the
    block is left, so that a call that nobody awaits any more ends.
    """
    left = False

    def given() -> Iterator[T]:
        for item in items:
            if left:
                raise _NotAwaitedError
            yield item

    try:
        yield given()
    finally:
        left = True


class _NotAwaitedError(Exception):
    """Ends a call whose answer nobody awaits; nobody sees it."""


TOGETHER = 16
"""Small calls that go to a thread together, at most."""

FEW_THREADS = 2
"""Threads for small calls that do not take long."""

SLOW = 0.003
"""Seconds after which a small call waits for none of these threads any more."""

EVERY = 0.005
"""Seconds between two ways to a thread: where answers come one by one, each would wake one."""


class SmallCalls:
    """Calls on a pool that each take less than the way to a thread and back: those that are asked
    for together, or while others are under way, go there together.

    Few threads at a time: many take the interpreter's lock from each other, and from the event
    loop. More where calls take long, so that a slow disk does not hold up many.
    """

    def __init__(self, pool: BlockingPool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Callable[[], object], asyncio.Future[Any]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0
        """When the next ones may go."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Await `function(*args, **kwargs)` on the pool; cancelling is as with the pool."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda: function(*args, **kwargs), answer))
        if len(self._waiting) == 1:
            self._send_later()
        return await answer

    def _send_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        is_free = len(self._under_way) < FEW_THREADS
        self._timer = loop.call_at(self._next if is_free else loop.time() + SLOW, self._send)

    def _send(self) -> None:
        self._timer = None
        self._next = asyncio.get_running_loop().time() + EVERY
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), TOGETHER):
            task = asyncio.ensure_future(self._run(waiting[start : start + TOGETHER]))
            self._under_way.add(task)
            task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._waiting:
            self._send_later()

    async def _run(self, calls: list[tuple[Callable[[], object], asyncio.Future[Any]]]) -> None:
        waits_for_keys = is_behind_keys()

        def call_all() -> list[_Ended]:
            ended = []
            for call, _ in calls:
                if waits_for_keys:
                    give_way_to_keys()
                ended.append(_Ended.of(call))
            return ended

        try:
            ended = await self._pool.run(call_all)
        except BaseException as broken:  # noqa: BLE001 - it goes to whoever awaits the calls
            # The pool is closed, or the loop ends; nobody awaits this task.
            ended = [_Ended(error=broken)] * len(calls)
        for each, (_, answer) in zip(ended, calls, strict=True):
            if answer.done():
                continue
            if each.error is None:
                answer.set_result(each.value)
            else:
                answer.set_exception(each.error)


@dataclass(frozen=True)
class _Ended:
    """How a call has ended."""

    value: object = None
    error: BaseException | None = None

    @classmethod
    def of(cls, call: Callable[[], object]) -> _Ended:
        try:
            return cls(call())
        except BaseException as error:  # noqa: BLE001 - it goes to whoever awaits the call
            return cls(error=error)


def _advance(iterator: Iterator[T]) -> T | _Done:
    for item in iterator:
        return item
    return _Done()


def _close_when_idle(close: Callable[[], None]) -> None:
    try:
        close()
    except ValueError:
        # The generator is still inside a call that was given up; it is closed when collected.
        return


# -- methods of a service that run one of its blocking functions on its pool ---------------------


class OnPool(Protocol[C_co]):
    """A service: its pool, and what its blocking functions take first."""

    @property
    def pool(self) -> BlockingPool: ...

    @property
    def calls(self) -> C_co: ...


class Awaited(Generic[C, P, T]):
    """A blocking function as an async method of a service, which gives it its `calls`:

    head = Awaited(objects.head)  # await service.head("bucket", "key")
    """

    def __init__(self, function: Callable[Concatenate[C, P], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(
        self, service: OnPool[C], owner: type | None = None
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        async def run(*args: P.args, **kwargs: P.kwargs) -> T:
            return await service.pool.run(lambda: self._function(service.calls, *args, **kwargs))

        return run


class Iterated(Generic[C, P, T]):
    """A blocking generator as a method of a service that gives an async iterator; see `Awaited`.

    Closing the iterator ends the generator after the step under way.
    """

    def __init__(self, function: Callable[Concatenate[C, P], Iterator[T]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(
        self, service: OnPool[C], owner: type | None = None
    ) -> Callable[P, AsyncGenerator[T, None]]:
        async def run(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T, None]:
            steps = self._function(service.calls, *args, **kwargs)
            async with aclosing(service.pool.iterate(steps)) as found:
                async for each in found:
                    yield each

        return run
