"""The lines of a program that connects to where a session is connected. No password is in them."""

from __future__ import annotations

from tui.services.sql.connecting.certificates import verified_if_possible
from tui.services.sql.connecting.keyring_store import SERVICE
from tui.services.sql.connecting.targets import Auth, DatabaseTarget, SecretStore
from tui.services.sql.models import ServerInfo

LOCAL_PORT = 65432
"""Where the program expects the entrance of an ssh tunnel."""


def reaching(target: DatabaseTarget, info: ServerInfo, rds_client: str, secrets_client: str) -> str:
    """Lines that make `connection`. `rds_client` and `secrets_client` are lines that make boto3's
    clients `rds` and `secretsmanager` of the profile of now."""
    wanted = dict(verified_if_possible(target).parameters)
    lines = []
    if target.secret.store is SecretStore.SECRETS_MANAGER:
        # The secret said what the target left open.
        known = {"host": info.host, "port": str(info.port), "user": info.user}
        wanted = {**known, "dbname": info.database, **wanted}
    host, port = wanted.get("host", ""), wanted.get("port") or "5432"
    if not wanted.keys() & {"host", "hostaddr", "service"}:
        lines.append(
            "# What is not named here comes from PGHOST, PGPORT, PGDATABASE, PGUSER, as it did."
        )
    if target.auth is Auth.IAM:
        lines += [
            rds_client.rstrip(),
            "# Lives 15 minutes.",
            "password = rds.generate_db_auth_token(",
            f"    DBHostname={host!r}, Port={port}, DBUsername={target.user!r}",
            ")",
        ]
    elif target.secret.store is SecretStore.SECRETS_MANAGER:
        lines += [
            "import json",
            secrets_client.rstrip(),
            f"secret = secretsmanager.get_secret_value(SecretId={target.secret.name!r})",
            'password = json.loads(secret["SecretString"])["password"]',
        ]
    elif target.secret.store is SecretStore.KEYRING:
        lines += [
            "import keyring",
            f"password = keyring.get_password({SERVICE!r}, {target.secret.name!r})",
        ]
    else:
        lines.append(
            "password = None  # from PGPASSWORD or the password file, else it is asked for"
        )
    if target.tunnel:
        lines += [
            f"# Needs a tunnel, in another terminal: ssh -N -L "
            f"{LOCAL_PORT}:{host or info.host}:{info.port} {target.tunnel}",
        ]
        wanted |= {"host": host or info.host, "hostaddr": "127.0.0.1", "port": str(LOCAL_PORT)}
    lines += [
        "place = {",
        *(f"    {name!r}: {value!r}," for name, value in wanted.items()),
        '    "client_encoding": "UTF8",',
        "}",
        "try:",
        "    connection = psycopg2.connect(**place, password=password)",
        "except psycopg2.OperationalError as error:",
        '    if "password" not in str(error):',
        "        raise",
        '    connection = psycopg2.connect(**place, password=getpass("Password: "))',
        "connection.set_session(readonly=True)",
    ]
    return "\n".join(lines)
