"""A change whose answer was lost: the service may have carried it out or not.

The SDK sends a request again when the connection breaks. The second try may then be refused only
because the first one succeeded ("already exists", "condition not met"), and when every answer is
lost the SDK raises an error though the change was made. Both are marked here, below every service;
`settled` looks at the store before anything is said.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tui.services.aws import codes
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks


T = TypeVar("T")

_MARK = "tristore_answer_lost"
"""The entry of a call's context that names what happened to the answer of an earlier try."""

_UNSURE_STATUS = {500, 502, 504}
"""Answers with which a service does not say that it did nothing.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

_DECIDING = {ErrorKind.INVALID, ErrorKind.DENIED, ErrorKind.READ_ONLY}
"""A later try that is refused like this shows that the earlier ones were refused as well."""

_INVISIBLE = {"AbortMultipartUpload", "CreateMultipartUpload", "UploadPart"}
"""Steps of an upload that change nothing which can be seen: whether one was carried out does not
matter, because the upload ends without them."""

_EARLIER_LOST = "EarlierAnswerLost"
"""The entry of an answer's metadata that says so of a try before it."""

_earlier = threading.local()


@dataclass
class LostAnswer:
    """What is known of a call that changes something and whose answer was lost."""

    settle: Callable[[str], None]
    """Writes into the audit log how it ended."""
    not_done: bool = False
    """Whether a look at the store showed that it was not carried out."""
    how_to_look: str = ""
    """How the user can find out, where no look could."""


@dataclass(frozen=True)
class Done(Generic[T]):
    """A look shows that the change was carried out; `value` is what its answer would have given."""

    value: T


class Look(Enum):
    """What a look shows when it does not show that the change was carried out."""

    NOT_DONE = "not done"
    UNCLEAR = "unclear"


Looker = Callable[[Mapping[str, Any]], Done[T] | Look]
"""Looks at the store. It is given the answer with which the last try was refused, empty if there
was none."""


def settled(send: Callable[[], T], look: Looker[T], *, how_to_look: str) -> T:
    """Send a change; if an answer was lost, look at the store before saying how it ended.

    `send` makes one call of the SDK. `look` compares what is stored with what was asked for; an
    error of its own means that it cannot be known. `how_to_look` tells the user where to look in
    that case. Raises what `send` raises; `translating` makes an UNKNOWN of it where nothing is
    known. Blocking.
    """
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.parsers import ResponseParserError

    # What the SDK raises, also while it looks.
    raised = (ClientError, BotoCoreError, HTTPClientError, ResponseParserError)
    try:
        return send()
    except raised as error:
        lost = lost_answer_of(error)
        if lost is None:
            raise
        lost.how_to_look = how_to_look
        try:
            seen = look(getattr(error, "response", None) or {})
        except (*raised, ServiceError):
            seen = Look.UNCLEAR
        if isinstance(seen, Done):
            lost.settle("ok")
            return seen.value
        if seen is Look.NOT_DONE:
            lost.not_done = True
            lost.settle("not done")
        raise


def came_after_lost_answer(answer: Mapping[str, Any]) -> bool:
    """Whether the answer to an earlier try of the same call was lost: what the call does may have
    been done more than once."""
    return _EARLIER_LOST in answer.get("ResponseMetadata", {})


def lost_answer_of(error: Exception) -> LostAnswer | None:
    """What is known of the lost answer behind an exception of the SDK; None if none was lost."""
    response = getattr(error, "response", None)
    if isinstance(response, Mapping) and "ResponseMetadata" in response:
        found = response["ResponseMetadata"].get("LostAnswer")
    else:
        found = getattr(error, _MARK, None)
    return found if isinstance(found, LostAnswer) else None


@contextmanager
def earlier_try_lost() -> Iterator[None]:
    """Calls of this thread repeat a request that went another way and whose answer was lost."""
    _earlier.lost = True
    try:
        yield
    finally:
        _earlier.lost = False


# -- the SDK's hooks -----------------------------------------------------------------------


def install(events: BaseEventHooks) -> None:
    """Note in a call's context whether the answer to one of its tries was lost."""

    def before_call(context: dict[str, Any], **_: object) -> None:
        if getattr(_earlier, "lost", False):
            context[_MARK] = True

    def after_try(
        response: Any, caught_exception: BaseException | None, request_dict: Any, **_: object
    ) -> None:
        status = None if response is None else response[0].status_code
        if status in _UNSURE_STATUS or may_have_arrived(caught_exception):
            request_dict["context"][_MARK] = True

    def after_call(parsed: dict[str, Any], context: Mapping[str, Any], **_: object) -> None:
        if context.get(_MARK):
            parsed.setdefault("ResponseMetadata", {})[_EARLIER_LOST] = True

    events.register("before-call", before_call)
    events.register_first("needs-retry", after_try)
    events.register("after-call", after_call)


def may_have_arrived(error: BaseException | None) -> bool:
    """Whether the request may have reached the service before this error broke it off."""
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    if isinstance(error, sdk.SSLError):
        said = str(error).upper()
        return not any(word in said for word in ("CERTIFICATE", "HANDSHAKE", "WRONG_VERSION"))
    if isinstance(
        error, sdk.EndpointConnectionError | sdk.ConnectTimeoutError | sdk.ProxyConnectionError
    ):
        return False
    return isinstance(error, sdk.HTTPClientError | ResponseParserError)


def mark_answer(
    parsed: dict[str, Any],
    context: Mapping[str, Any],
    operation: str,
    settle: Callable[[str], None],
) -> bool:
    """Mark a refusal that came after a lost answer; whether it is one."""
    code = str(parsed.get("Error", {}).get("Code", ""))
    if not context.get(_MARK) or codes.kind_of(code) in _DECIDING:
        return False
    if operation not in _INVISIBLE:
        parsed.setdefault("ResponseMetadata", {})["LostAnswer"] = LostAnswer(settle)
    return True


def mark_error(
    error: BaseException,
    context: Mapping[str, Any],
    operation: str,
    settle: Callable[[str], None],
) -> bool:
    """Mark an error of the SDK if an answer was lost before it or with it; whether it was."""
    if not context.get(_MARK) and not may_have_arrived(error):
        return False
    if operation not in _INVISIBLE:
        setattr(error, _MARK, LostAnswer(settle))
    return True
