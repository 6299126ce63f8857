"""IAM tokens that were made elsewhere, and have ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui.services.errors import ErrorKind
from tui.services.sql import PasswordNeededError, Refusal, Secrets, SqlService, from_url
from tui.services.sql.connecting.problems import ConnectError
from tui.services.sql.connecting.tokens import token_ended

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TOKEN = (
    "db.example:5432/?Action=connect&DBUser=me&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Date={date}&X-Amz-SignedHeaders=host&X-Amz-Expires={seconds}&X-Amz-Signature=abc"
)


@pytest.mark.parametrize(
    ("password", "ended"),
    [
        (TOKEN.format(date="20260115T114459Z", seconds="900"), NOW - timedelta(seconds=1)),
        (TOKEN.format(date="20260115T114501Z", seconds="900"), None),
        (TOKEN.format(date="yesterday", seconds="900"), None),
        (TOKEN.format(date="20260115T114459Z", seconds="9" * 40), None),
        ("Action=connect&X-Amz-Expires=1", None),
        ("//[/?Action=connect&X-Amz-Expires=1", None),
        ("hunter2", None),
    ],
)
def test_a_token_is_known_by_its_end(password: str, ended: datetime | None) -> None:
    assert token_ended(password, NOW) == ended


async def test_a_token_that_has_ended_is_not_called_a_wrong_password(
    service: SqlService, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = from_url(database)
    token = TOKEN.format(date="20200115T114459Z", seconds="900")
    with pytest.raises(ConnectError) as caught:
        await service.connect(target, Secrets().with_password(token))
    assert caught.value.refusal is Refusal.IAM_TOKEN_EXPIRED
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert not isinstance(caught.value, PasswordNeededError)
    assert "2020-01-15 11:59:59 UTC" in caught.value.message
    assert "Signature" not in str(caught.value)
    monkeypatch.setenv("PGPASSWORD", token)
    with pytest.raises(ConnectError) as caught:
        await service.connect(target)
    assert caught.value.refusal is Refusal.IAM_TOKEN_EXPIRED
