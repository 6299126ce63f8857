"""Reading the login of a database from Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.services.aws import Account, Connection, call
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.secretsmanager.models import DatabaseLogin, to_login

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


class SecretsManagerService:
    """Secrets of the account. They are read when they are needed and kept nowhere."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("secretsmanager", size=2)

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()

    async def login(self, secret: str, *, at: Connection | None = None) -> DatabaseLogin:
        """The login that a secret (its ARN or name) holds now.

        ServiceErrors: NOT_FOUND, DENIED (also for its KMS key), CONFLICT for one that is being
        deleted, INVALID for one that holds no login.
        """
        return await self._pool.run(self.read_login, secret, at=at)

    def read_login(self, secret: str, *, at: Connection | None = None) -> DatabaseLogin:
        """As `login`, for a thread of one's own. Blocking."""
        return _read(self._client(secret, at), secret)

    def reader(self, secret: str) -> Callable[[], DatabaseLogin]:
        """What reads a secret in the account and region of now, also after the user has gone to
        others. Blocking, as what it gives."""
        client = self._client(secret, None)
        return lambda: _read(client, secret)

    def _client(self, secret: str, at: Connection | None) -> SecretsManagerClient:
        # A secret is read where it is: an ARN says so, whatever region is on the screen.
        parts = secret.split(":")
        region = parts[3] if len(parts) > 6 and parts[0] == "arn" else None
        connection = at or self._account.connection
        return connection.client("secretsmanager", region=region or None)


def _read(client: SecretsManagerClient, secret: str) -> DatabaseLogin:
    try:
        answer = call(f"read the secret {secret}", client.get_secret_value, SecretId=secret)
    except ServiceError as error:
        raise _explained(error, secret) from None
    return to_login(answer)


def _explained(error: ServiceError, secret: str) -> ServiceError:
    message, hint, kind = error.message, error.hint, error.kind
    if error.kind is ErrorKind.NOT_FOUND:
        message = f"There is no secret {secret}, or it has no value yet."
        hint = "Check the ARN, the account and the region; or type the password."
    elif "marked for deletion" in error.cause or "marked deleted" in error.cause:
        message, kind = f"The secret {secret} is being deleted.", ErrorKind.CONFLICT
        hint = (
            f"`aws secretsmanager restore-secret --secret-id {secret}` brings it back until its "
            "last day; or type the password."
        )
    elif error.code == "DecryptionFailure":
        kind = ErrorKind.DENIED
        hint = "These credentials need the permission kms:Decrypt for the key of the secret."
    return ServiceError(message, cause=error.cause, hint=hint, code=error.code, kind=kind)
