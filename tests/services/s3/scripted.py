"""The S3 service on a server with a script: for the answers that the sandbox cannot give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.local_server import Answer, Request, serving
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.s3 import S3Service


def error(status: int, code: str, extra: str = "", **headers: str) -> Answer:
    """An error as S3 words it."""
    body = f"<Error><Code>{code}</Code><Message>said so</Message>{extra}</Error>"
    return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class Script:
    """Gives the answers in their order, then the last one again; keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answered(answer: Callable[[Request], Answer]) -> Iterator[Account]:
    """An account whose every call is answered so."""
    with serving(answer) as url:
        target = Target(None, "us-east-1", url)
        account = Account(target, credentials=StaticCredentials("key", "secret"))
        try:
            yield account
        finally:
            account.close()


@contextmanager
def s3_answered(answer: Callable[[Request], Answer]) -> Iterator[S3Service]:
    """A service whose every call is answered so."""
    with answered(answer) as account:
        service = S3Service(account)
        try:
            yield service
        finally:
            service.close()


@contextmanager
def scripted(*answers: Answer) -> Iterator[tuple[S3Service, Script]]:
    """A service whose every call goes to a server with this script."""
    script = Script(*answers)
    with s3_answered(script.answer) as service:
        yield service, script
