"""How long an answer is waited for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tui.services.s3.data import native_answers
from tui.services.s3.data.native_answers import Answers

NEVER = threading.Event()


async def test_the_time_of_a_request_that_waits_for_its_turn_counts_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(native_answers, "LOOK_SECONDS", 0.001)
    answers: Answers[str] = Answers(asyncio.get_running_loop())
    waits = answers.expect(NEVER, 0.003, has_begun=False)
    sent = answers.expect(NEVER, 0.003)
    with pytest.raises(TimeoutError):
        await sent
    answers.forget(sent)
    assert not waits.done()
    answers.begin(waits)
    with pytest.raises(TimeoutError):
        await waits
    answers.forget(waits)
