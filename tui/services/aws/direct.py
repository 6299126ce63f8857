"""Requests that only read, sent without most of the SDK: it computes for 2 ms for each one, which
is as long as reading a page of a listing takes.

The first request of a kind is the SDK's own. Those that follow are made after its pattern: the same
address, headers, connections and credentials, another query, and a signature of our own. A pattern
is used only if our signature of the SDK's request is the one that the SDK made.

It is only ever a faster way to the same answer. What is not a plain answer (a refusal, another
region, a connection that breaks, a server that asks for fewer requests) is left to the SDK, which
asks once more, and says what is wrong. What goes through a proxy is left to it from the beginning.
The SDK's hooks before a call are kept: the read-only guard is one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from tui.services.aws.direct_request import Reply, RequestPattern, pattern_of
from tui.services.aws.guard import is_read

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.hooks import BaseEventHooks

TRIES = 3
"""Requests in a row that the SDK had to send once more, and then with success, after which a client
sends no more in this way."""

Answer = dict[str, Any]
"""What the SDK gives for an operation."""

Reader = Callable[[bytes], Answer | None]
"""Reads the body of an answer; None if that is left to the SDK."""


@dataclass
class _Sent:
    """What the SDK sends while it is watched."""

    parameters: Mapping[str, Any] | None = None
    """As the hooks left them."""
    request: AWSPreparedRequest | None = None
    """The last one, if it had to send several."""


_watched: ContextVar[_Sent | None] = ContextVar("watched", default=None)

_BUSY = {429, 500, 502, 503, 504}
"""Answers that say nothing against this way."""


def install(events: BaseEventHooks) -> None:
    """Register on a botocore session's event emitter."""

    def note_parameters(params: Mapping[str, Any], **_: object) -> None:
        if (sent := _watched.get()) is not None:
            sent.parameters = dict(params)

    def note_request(request: AWSPreparedRequest, **_: object) -> None:
        if (sent := _watched.get()) is not None:
            sent.request = request

    events.register_last("before-parameter-build", note_parameters)
    events.register_last("before-send", note_request)


_made: WeakKeyDictionary[Any, dict[str, DirectReads]] = WeakKeyDictionary()
_making = threading.Lock()


def direct_reads(client: Any, operation: str) -> DirectReads:
    """How an SDK client's operation is sent directly."""
    with _making:
        of_client = _made.setdefault(client, {})
        if operation not in of_client:
            of_client[operation] = DirectReads(client, operation)
        return of_client[operation]


class DirectReads:
    """Requests of one operation of an SDK client. Blocking; shared by threads."""

    def __init__(self, client: Any, operation: str) -> None:
        model = client.meta.service_model
        assert is_read(model.service_name, operation)
        self._model = model.operation_model(operation)
        # Not the client, of which this is kept for as long as that one is: nothing would end both.
        self._events = client.meta.events
        self._name = f"{model.service_id.hyphenize()}.{operation}"
        # The SDK keeps these to itself. Without one of them, all is left to it.
        self._parser: Any = getattr(client, "_response_parser", None)
        self._session = getattr(getattr(client, "_endpoint", None), "http_session", None)
        self._credentials: Any = getattr(client, "_get_credentials", lambda: None)()
        self._queries = {
            name: shape.serialization["name"]
            for name, shape in self._model.input_shape.members.items()
            if shape.serialization.get("location") == "querystring"
        }
        self._patterns: dict[object, RequestPattern] = {}
        self._failures = 0
        self._failed = False

    def answer(self, parameters: Mapping[str, Any], read: Reader) -> Answer | None:
        """The answer to a request; None if the SDK is to be asked for it.

        Raises what the SDK raises when credentials cannot be had, and UnicodeEncodeError.
        """
        if not self._patterns:
            return None
        asked = self._asked(parameters)
        pattern = asked and self._patterns.get(asked.kind)
        if not asked or not pattern or self._is_stopped():
            return None
        reply = pattern.reply(asked.query, self._credentials.get_frozen_credentials())
        answer = self._read(reply, read) if reply.status == 200 else None
        if answer is None:
            self._patterns.pop(asked.kind, None)
            self._failed = reply.status not in _BUSY
            return None
        self._failures, self._failed = 0, False
        answer["ResponseMetadata"] = {
            "HTTPStatusCode": reply.status,
            "HTTPHeaders": reply.headers,
            "RetryAttempts": 0,
        }
        return answer

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Learn from the SDK's request in the block, if it is answered, how the next is sent."""
        sent = _Sent()
        before = _watched.set(sent)
        try:
            yield
        finally:
            _watched.reset(before)
        if self._failed:
            self._failed = False
            self._failures += 1
        if sent.request is None or sent.parameters is None or self._failures >= TRIES:
            return
        asked = self._sorted_out(sent.parameters)
        if asked is None or asked.kind in self._patterns:
            return
        varying = set(self._queries.values())
        pattern = pattern_of(sent.request, self._session, self._credentials, varying)
        if pattern is not None and self._parser is not None:
            self._patterns[asked.kind] = pattern

    def _asked(self, parameters: Mapping[str, Any]) -> _Asked | None:
        """What is asked for, as the SDK's hooks leave it: one adds who pays, if the user has agreed
        to that. None if this way does not know how to say it."""
        asked = dict(parameters)
        given: dict[str, Any] = {"model": self._model, "context": {}}
        provided = f"provide-client-params.{self._name}"
        _, changed = self._events.emit_until_response(provided, params=asked, **given)
        asked = asked if changed is None else changed
        self._events.emit(f"before-parameter-build.{self._name}", params=asked, **given)
        return self._sorted_out(asked)

    def _sorted_out(self, parameters: Mapping[str, Any]) -> _Asked | None:
        query: dict[str, str] = {}
        rest: list[tuple[str, object]] = []
        for name, value in parameters.items():
            if name not in self._queries:
                rest.append((name, tuple(value) if isinstance(value, list) else value))
            elif isinstance(value, str) or type(value) is int:
                query[self._queries[name]] = str(value)
            else:
                return None
        return _Asked(tuple(sorted(rest)), query)

    def _is_stopped(self) -> bool:
        """Whether a hook answers in the server's place. The read-only guard raises."""
        _, answer = self._events.emit_until_response(
            f"before-call.{self._name}",
            model=self._model,
            params={"headers": {}},
            request_signer=None,
            context={},
        )
        return answer is not None

    def _read(self, reply: Reply, read: Reader) -> Answer | None:
        answer = read(reply.body)
        if answer is not None:
            return answer
        said: dict[str, Any] = {
            "headers": reply.headers,
            "status_code": reply.status,
            "body": reply.body,
            "context": {"operation_name": self._model.name},
        }
        made: Answer = {}
        self._events.emit(
            f"before-parse.{self._name}",
            operation_model=self._model,
            response_dict=said,
            customized_response_dict=made,
        )
        # S3 may answer with an error though the status says that all is well.
        if said["status_code"] != reply.status:
            return None
        answer = self._parser.parse(said, self._model.output_shape)
        return {**answer, **made}


class _Asked(NamedTuple):
    kind: object
    """What is not said in the query. What differs in it is sent after another pattern."""
    query: Mapping[str, str]
