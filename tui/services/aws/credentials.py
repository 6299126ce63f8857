"""Credentials: what is known of them, and what looking for them must not do under a screen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from botocore.session import Session


@dataclass(frozen=True)
class StaticCredentials:
    """Credentials that were made for a sandbox; real ones stay inside the SDK."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class CredentialsLife:
    """How long the credentials are good for."""

    expires: datetime | None
    """Aware; None if they do not end, or do not say when."""
    temporary: bool
    """Whether they end at all."""


_MFA_HINT = (
    "Get temporary credentials in a shell (`aws sts get-session-token`, `aws sts assume-role` with "
    "--token-code), put them into a profile or the environment, then press Ctrl+R."
)


def ask_nothing(session: Session) -> None:
    """Keep a botocore session from asking the terminal, which belongs to the screen.

    A role that wants an MFA code would read it there, and so may the program of a
    `credential_process`: both would fight the interface for every key.
    """
    chain = session.get_component("credential_provider")
    # Nothing public leads to these; an SDK without them must not go unnoticed.
    role = chain.get_provider("assume-role")
    program = chain.get_provider("custom-process")
    assert hasattr(role, "_prompter")
    assert hasattr(program, "_popen")
    role._prompter = _refuse_mfa  # noqa: SLF001
    # Without a controlling terminal, /dev/tty does not open.
    program._popen = partial(  # noqa: SLF001
        subprocess.Popen, stdin=subprocess.DEVNULL, start_new_session=True
    )
    retrieve = program._retrieve_credentials_using  # noqa: SLF001
    program._retrieve_credentials_using = partial(_explained, retrieve)  # noqa: SLF001


def _explained(retrieve: Callable[[str], Any], command: str) -> Any:
    """The SDK lets through what happens when the program is missing or answers no JSON."""
    from botocore.exceptions import CredentialRetrievalError

    try:
        return retrieve(command)
    except OSError as error:
        said = f"{error.strerror}: {error.filename}"
    except (ValueError, AttributeError):
        said = "its answer is not the JSON of a credential_process"
    raise CredentialRetrievalError(provider="credential_process", error_msg=said)


def _refuse_mfa(prompt: str) -> str:
    raise ServiceError(
        "The role of this profile wants an MFA code, which cannot be given here.",
        cause=prompt.strip().rstrip(":"),
        hint=_MFA_HINT,
        kind=ErrorKind.CREDENTIALS,
    )


_ORIGINS = {
    "env": "credentials from the environment",
    "iam-role": "credentials of the instance role",
    "container-role": "credentials of the container role",
    "boto-config": "credentials from a boto file",
}
"""What the SDK calls the sources of credentials that belong to no profile."""

_PROFILE_KINDS = {"sso": "SSO", "assume-role": "role", "custom-process": "credential_process"}
"""What is worth saying of a profile: how it comes to its credentials."""


def origin_text(method: str, profile: str) -> str:
    """Where credentials come from, by the SDK's word for it and the profile that is in use."""
    if method in _ORIGINS:
        return _ORIGINS[method]
    if method == "assume-role-with-web-identity" and profile == "default":
        return "credentials by web identity"
    kind = _PROFILE_KINDS.get(method)
    return f"profile {profile} ({kind})" if kind else f"profile {profile}"
