"""Which refusal the words of libpq and of the server are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    from_endpoint,
)
from tui.services.sql.connecting.problems import connect_problem
from tui.services.sql.session.opening import open_connection

AT = 'connection to server at "10.0.0.7", port 5432 failed: '
FATAL = f"{AT}FATAL:  "

SAID = [
    (
        'could not translate host name "db.nowhere" to address: Name or service not known',
        Refusal.NO_SUCH_HOST,
    ),
    (f"{AT}timeout expired", Refusal.NO_ANSWER),
    (f"{AT}Connection timed out\n\tIs the server running on that host?", Refusal.NO_ANSWER),
    (f"{AT}No route to host", Refusal.NO_ANSWER),
    (f"{AT}Connection refused\n\tIs the server running on that host?", Refusal.PORT_CLOSED),
    (
        'connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory\n'
        "\tIs the server running locally and accepting connections on that socket?",
        Refusal.PORT_CLOSED,
    ),
    # Two addresses of one name: the one that answered counts.
    (f"{AT}Connection refused\n{AT}timeout expired", Refusal.NO_ANSWER),
    (
        f'{FATAL}no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
        Refusal.TLS_REQUIRED,
    ),
    (
        f'{FATAL}no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption',
        Refusal.NO_HBA_ENTRY,
    ),
    # sslmode=prefer tries both.
    (
        f'{FATAL}no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption\n'
        f'{FATAL}no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
        Refusal.NO_HBA_ENTRY,
    ),
    (
        f'{FATAL}password authentication failed for user "u"\n'
        f'{FATAL}no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
        Refusal.WRONG_PASSWORD,
    ),
    (f"{AT}server does not support SSL, but SSL was required", Refusal.TLS_REFUSED),
    (f"{AT}SSL error: certificate verify failed", Refusal.CERTIFICATE_NOT_VERIFIED),
    (
        f'{AT}root certificate file "/x/root.crt" does not exist\nEither provide the file, …',
        Refusal.NO_ROOT_CERTIFICATE,
    ),
    (
        f'{AT}server certificate for "db.example" does not match host name "db"',
        Refusal.HOST_NAME_MISMATCH,
    ),
    (f"{FATAL}connection requires a valid client certificate", Refusal.CLIENT_CERTIFICATE),
    (f'{FATAL}certificate authentication failed for user "u"', Refusal.CLIENT_CERTIFICATE),
    (f"{AT}SSL error: tlsv1 alert unknown ca", Refusal.CLIENT_CERTIFICATE),
    (f'{AT}could not load private key file "k.pem": bad decrypt', Refusal.CLIENT_KEY_LOCKED),
    (
        f'{AT}private key file "k.pem" has group or world access; file must have …',
        Refusal.CLIENT_CERTIFICATE,
    ),
    ("fe_sendauth: no password supplied", Refusal.NO_PASSWORD),
    (f'{FATAL}password authentication failed for user "u"', Refusal.WRONG_PASSWORD),
    (f'{FATAL}PAM authentication failed for user "u"', Refusal.WRONG_PASSWORD),
    (f'{FATAL}database "nope" does not exist', Refusal.NO_SUCH_DATABASE),
    (f'{FATAL}role "nobody" does not exist', Refusal.NO_SUCH_ROLE),
    (f'{FATAL}role "reader" is not permitted to log in', Refusal.NOT_PERMITTED),
    (f'{FATAL}permission denied for database "d"\nDETAIL:  …', Refusal.NOT_PERMITTED),
    (f"{FATAL}sorry, too many clients already", Refusal.TOO_MANY_CONNECTIONS),
    (
        f"{FATAL}remaining connection slots are reserved for roles with the SUPERUSER attribute",
        Refusal.TOO_MANY_CONNECTIONS,
    ),
    (f'{FATAL}too many connections for role "u"', Refusal.TOO_MANY_CONNECTIONS),
    (f"{FATAL}the database system is starting up", Refusal.NOT_ACCEPTING),
    (f"{FATAL}the database system is shutting down", Refusal.NOT_ACCEPTING),
    (f"{AT}something that nobody has heard of", Refusal.OTHER),
    ("", Refusal.OTHER),
]


@pytest.mark.parametrize(("said", "refusal"), SAID, ids=[each[1].name for each in SAID])
def test_each_answer_is_known_for_what_it_is(said: str, refusal: Refusal) -> None:
    target = from_endpoint("db.example", 5432, "d", "u")
    problem = connect_problem(RuntimeError(said), target)
    assert problem.refusal is refusal
    assert target.label in problem.message
    wants_password = refusal in {Refusal.NO_PASSWORD, Refusal.WRONG_PASSWORD}
    assert isinstance(problem, PasswordNeededError) is wants_password
    if refusal not in {Refusal.OTHER, Refusal.NO_PASSWORD, Refusal.WRONG_PASSWORD}:
        assert problem.hint
        assert problem.cause == said


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("ENCRYPTED PRIVATE KEY", Refusal.CLIENT_KEY_LOCKED),
        ("PRIVATE KEY", Refusal.CLIENT_CERTIFICATE),
    ],
)
def test_what_a_wrong_passphrase_makes_of_a_key_may_look_like_another_kind_of_key(
    tmp_path: Path, kind: str, refusal: Refusal
) -> None:
    key = tmp_path / "k.pem"
    key.write_text(f"-----BEGIN {kind}-----\n")
    said = f'{AT}could not load private key file "{key}": unsupported'
    problem = connect_problem(RuntimeError(said), from_endpoint("db.example", 5432, "d", "u"))
    assert problem.refusal is refusal


def test_only_what_the_network_does_is_called_the_networks() -> None:
    target = from_endpoint("db.example", 5432, "d", "u")
    kinds = {
        problem.refusal: problem.kind
        for problem in (connect_problem(RuntimeError(said), target) for said, _ in SAID)
    }
    network = {refusal for refusal, kind in kinds.items() if kind is ErrorKind.NETWORK}
    assert network == {
        Refusal.NO_ANSWER,
        Refusal.PORT_CLOSED,
        Refusal.TOO_MANY_CONNECTIONS,
        Refusal.NOT_ACCEPTING,
        Refusal.OTHER,
    }


def test_a_token_that_is_not_taken_says_what_iam_needs() -> None:
    target = from_endpoint("db.example", 5432, "d", "ada", auth=Auth.IAM)
    problem = connect_problem(RuntimeError(f'{FATAL}PAM authentication failed for "ada"'), target)
    assert problem.refusal is Refusal.IAM_NOT_GRANTED
    assert not isinstance(problem, PasswordNeededError)
    assert "'ada' must be granted rds_iam" in problem.hint


@pytest.mark.parametrize(
    ("parameters", "password"),
    [
        ({"service": "nul\0"}, "hunter2"),
        ({"host": "127.0.0.1", "port": "1", "dbname": "\udcff"}, "hunter2"),
        ({"host": "127.0.0.1", "port": "1"}, "hunter2\0"),
    ],
)
def test_what_libpq_cannot_be_told_is_said_and_not_repeated(
    parameters: dict[str, str], password: str
) -> None:
    target, secrets = DatabaseTarget("x", parameters), Secrets({"password": password})
    with pytest.raises(ServiceError, match="no server can be told") as raised:
        open_connection(target, secrets, read_only=False)
    assert raised.value.__context__ is None
    assert "hunter2" not in str(raised.value)
