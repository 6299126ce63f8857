"""A loopback DynamoDB that answers what it is told: for what the emulator never says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.local_server import Answer, HangUpError, Request, serving
from tui.services.aws import Account, StaticCredentials, Target

LOST = None
"""In place of an answer: the request is taken, then the connection ends."""


@dataclass
class Script:
    """Answers in order, and the requests that came: (operation, body)."""

    answers: list[Answer | None]
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> Answer:
        operation = request.headers["X-Amz-Target"].partition(".")[2]
        self.requests.append((operation, json.loads(request.body)))
        answer = self.answers.pop(0)
        if answer is None:
            raise HangUpError
        return answer

    def account(self) -> Account:
        return Account(
            Target(region="us-east-1", endpoint_url=self.url),
            credentials=StaticCredentials("testing", "testing"),
        )

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.requests]


def answer(body: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(body), {"Content-Type": "application/x-amz-json-1.0"})


def refusal(code: str, message: str = "", **more: Any) -> Answer:
    return answer({"__type": f"com.amazonaws.dynamodb#{code}", "message": message, **more}, 400)


@contextmanager
def scripted(*answers: Answer | None) -> Iterator[Script]:
    script = Script(list(answers))
    with serving(script.answer) as script.url:
        yield script
