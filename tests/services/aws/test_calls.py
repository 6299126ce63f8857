"""One call and all pages: errors, repetition while throttled, and where a listing ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from tui.services.aws import MARKER, NEXT_TOKEN, Backoff, Paging, call, calls, pages
from tui.services.aws.lost_answer import LostAnswer
from tui.services.errors import ErrorKind, ServiceError


def refused(code: str, **metadata: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": metadata}
    return ClientError(answer, "Operation")


class Service:
    """Answers in the order of its script; an exception is raised."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []

    def operation(self, **parameters: Any) -> Mapping[str, Any]:
        self.asked.append(parameters)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return answer


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none takes time."""
    pauses: list[float] = []
    monkeypatch.setattr("tui.services.aws.calls.time.sleep", pauses.append)
    return pauses


def test_a_call_gives_the_answer() -> None:
    service = Service({"Answer": 1})
    assert call("ask", service.operation, Name="x") == {"Answer": 1}
    assert service.asked == [{"Name": "x"}]


def test_an_error_names_the_action() -> None:
    with pytest.raises(ServiceError) as caught:
        call("list the tables", Service(refused("AccessDenied")).operation)
    assert caught.value.kind is ErrorKind.DENIED
    assert caught.value.message == "Could not list the tables."


@pytest.mark.parametrize(
    "code",
    [
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "ServiceUnavailable",
        "503",
    ],
)
def test_what_is_throttled_is_asked_again_after_a_pause(code: str, waited: list[float]) -> None:
    service = Service(refused(code), {"Answer": 1})
    assert call("ask", service.operation) == {"Answer": 1}
    assert len(waited) == 1


def test_what_is_refused_for_another_reason_is_not_asked_again(waited: list[float]) -> None:
    service = Service(refused("NoSuchBucket"))
    with pytest.raises(ServiceError):
        call("ask", service.operation)
    assert len(service.asked) == 1
    assert waited == []


def test_what_stays_throttled_ends_as_throttled(waited: list[float]) -> None:
    service = Service(refused("SlowDown"))
    with pytest.raises(ServiceError) as caught:
        call("ask", service.operation)
    assert caught.value.kind is ErrorKind.THROTTLED
    assert len(service.asked) == calls.ATTEMPTS
    assert len(waited) == calls.ATTEMPTS - 1


def test_a_change_whose_answer_was_lost_is_not_sent_again_when_it_is_then_throttled() -> None:
    lost = refused("SlowDown", LostAnswer=LostAnswer(settle=lambda outcome: None))
    service = Service(lost, {"Answer": 1})
    with pytest.raises(ServiceError) as caught:
        call("change it", service.operation)
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert len(service.asked) == 1


def test_a_network_error_is_not_asked_again_beyond_the_sdks_own_tries() -> None:
    service = Service(ConnectTimeoutError(endpoint_url="http://nowhere"))
    with pytest.raises(ServiceError) as caught:
        call("ask", service.operation)
    assert caught.value.kind is ErrorKind.NETWORK
    assert len(service.asked) == 1


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    backoff = Backoff(first=1.0, longest=5.0)
    for attempt, span in enumerate([1.0, 2.0, 4.0, 5.0, 5.0]):
        pauses = {backoff.pause(attempt) for _ in range(50)}
        assert span / 2 <= min(pauses) <= max(pauses) <= span
        assert len(pauses) > 1


def test_a_pause_of_a_very_late_attempt_is_still_the_longest() -> None:
    assert Backoff(longest=5.0).pause(1000) <= 5.0


def test_a_stop_during_the_pause_ends_the_repetition() -> None:
    service = Service(refused("SlowDown"))
    with pytest.raises(ServiceError):
        calls.repeated(
            Backoff(attempts=9, wait=lambda seconds: True), "ask", lambda: service.operation()
        )
    assert len(service.asked) == 1


def test_every_page_is_asked_for_with_the_token_before() -> None:
    service = Service({"Items": [1], "NextToken": "a"}, {"Items": [2], "NextToken": "b"}, {})
    found = list(pages("list", service.operation, NEXT_TOKEN, Limit=5))
    assert [page.get("Items") for page in found] == [[1], [2], None]
    assert service.asked == [
        {"Limit": 5},
        {"Limit": 5, "NextToken": "a"},
        {"Limit": 5, "NextToken": "b"},
    ]


def test_a_page_is_asked_for_only_when_it_is_wanted() -> None:
    service = Service({"Marker": "a"}, {"Marker": "b"}, {})
    listing: Iterator[Mapping[str, Any]] = pages("list", service.operation, MARKER)
    next(listing)
    assert len(service.asked) == 1


def test_a_token_that_repeats_ends_the_listing() -> None:
    service = Service({"Marker": "same"})
    assert len(list(pages("list", service.operation, MARKER))) == 2


def test_a_listing_that_says_that_it_is_whole_ends_whatever_token_it_carries() -> None:
    service = Service({"IsTruncated": False, "Marker": "a"})
    assert len(list(pages("list", service.operation, MARKER))) == 1


def test_several_tokens_go_together_and_are_decoded() -> None:
    paging: Paging[Any] = Paging(
        {"NextKey": "Key", "NextVersion": "Version"},
        decode=lambda answer: answer | {"NextKey": answer.get("NextKey", "").replace("+", " ")},
    )
    service = Service({"NextKey": "a+b", "NextVersion": "1"}, {})
    assert len(list(pages("list", service.operation, paging))) == 2
    assert service.asked[1] == {"Key": "a b", "Version": "1"}


def test_an_error_behind_the_first_page_is_an_error() -> None:
    service = Service({"Marker": "a"}, refused("AccessDenied"))
    with pytest.raises(ServiceError):
        list(pages("list", service.operation, MARKER))
