"""Asking for one's own address: a server that answers, one that lies, none at all."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest

from tests.local_server import Answer, serving
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import RdsService
from tui.services.rds.address import ask_public_address


def answering(body: bytes, status: int = 200) -> AbstractContextManager[str]:
    """A server that answers everything with `body`."""
    return serving(lambda request: Answer(status, body))


@pytest.mark.parametrize(
    ("body", "address"),
    [(b"203.0.113.7\n", "203.0.113.7"), (b"2001:DB8:0::7", "2001:db8::7")],
)
def test_the_address_is_taken_from_the_answer(body: bytes, address: str) -> None:
    with answering(body) as url:
        assert ask_public_address(url, timeout=5) == address


@pytest.mark.parametrize("body", [b"", b"<html>", b"203.0.113.7/24", b"\xff\x00", b"x" * 100_000])
def test_an_answer_that_is_no_address_is_not_believed(body: bytes) -> None:
    with answering(body) as url, pytest.raises(ServiceError, match="Type the address") as caught:
        ask_public_address(url, timeout=5)
    assert "not an address" in caught.value.cause


def test_a_refusal_is_told() -> None:
    with answering(b"no", status=503) as url, pytest.raises(ServiceError) as caught:
        ask_public_address(url, timeout=5)
    assert caught.value.kind is ErrorKind.NETWORK


def test_nobody_there_is_told() -> None:
    with answering(b"") as url:
        gone = url
    with pytest.raises(ServiceError) as caught:
        ask_public_address(gone, timeout=5)
    assert caught.value.kind is ErrorKind.NETWORK
    assert caught.value.hint


@pytest.mark.parametrize(
    "account",
    [
        Account(Target(region="us-east-1"), credentials=StaticCredentials("a", "b")),
        Account(Target(region="us-east-1", endpoint_url="http://localhost:4566")),
    ],
)
async def test_the_sandbox_never_asks_the_world(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> str:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("tui.services.rds.address.ask_public_address", asked)
    with pytest.raises(ServiceError, match="never leaves this machine"):
        await RdsService(account).my_address()
