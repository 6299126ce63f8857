"""What may be given to ssh, and where a tunnel leads."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import from_url
from tui.services.sql.tunnels.hosts import SshHost, TunnelEnd, destination, ssh_host
from tui.services.sql.tunnels.ssh import command

DB = TunnelEnd("db.internal", 5432)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("bastion", SshHost("bastion")),
        (" me@bastion\n", SshHost("me@bastion")),
        ("me@10.0.0.1:2222", SshHost("me@10.0.0.1", "2222")),
        ("ssh://me@bastion:22/", SshHost("me@bastion", "22")),
        ("DOMAIN\\me@bastion", SshHost("DOMAIN\\me@bastion")),
        ("me@example.org@bastion", None),
        ("[fe80::1]:2222", SshHost("fe80::1", "2222")),
        ("me@fe80::1%eth0", SshHost("me@fe80::1%eth0")),
    ],
)
def test_an_ssh_host_is_read_as_ssh_reads_it(text: str, host: SshHost | None) -> None:
    if host is None:
        with pytest.raises(ServiceError):
            ssh_host(text)
    else:
        assert ssh_host(text) == host
        assert ssh_host(host.label) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@bastion",
        "me@",
        "-oProxyCommand=touch /tmp/x",
        "me@-oProxyCommand=x",
        "-me@bastion",
        "bastion -v",
        "bas\x1b[2Jtion",
        "bastion;reboot",
        "$(reboot)",
        "`reboot`@bastion",
        "me@bastion|x",
        "me'@bastion",
        "me\\@bastion",
        "bastion:",
        "bastion:0",
        "bastion:65536",
        "bastion:٢٢",
        "bastion:22x",
        "a,b",
    ],
)
def test_what_ssh_could_take_for_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        ssh_host(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "me:hunter2@bastion",
        "ssh://me:hunter2@bastion:22",
        "me:hunter2 '@bastion",
        ":hunter2@bastion",
        "postgresql://me:hunter2@db",
    ],
)
def test_a_password_is_no_part_of_an_ssh_host_and_is_not_repeated(text: str) -> None:
    """It would stand in the saved connections, in labels and in the list of processes."""
    url = f"postgresql://me@db/x?tunnel={quote(text, safe='')}"
    for read in (lambda: ssh_host(text), lambda: from_url(url)):
        with pytest.raises(ServiceError, match="without a password") as caught:
            read()
        assert caught.value.kind is ErrorKind.INVALID
        assert "hunter2" not in str(caught.value)


def test_the_host_ends_the_options() -> None:
    words = command(ssh_host("me@bastion:2222"), DB, 40001)
    assert words[-4:] == ["-p", "2222", "--", "me@bastion"]
    assert words[words.index("-L") + 1] == "127.0.0.1:40001:db.internal:5432"


@pytest.mark.parametrize(
    ("parameters", "environment", "found", "forward"),
    [
        ({"host": "db"}, {}, TunnelEnd("db", 5432), "db:5432"),
        ({"host": "db", "port": "6000"}, {"PGPORT": "1"}, TunnelEnd("db", 6000), "db:6000"),
        ({}, {"PGHOST": "db", "PGPORT": "7000"}, TunnelEnd("db", 7000), "db:7000"),
        ({}, {}, TunnelEnd("localhost", 5432), "localhost:5432"),
        ({"host": "::1"}, {}, TunnelEnd("::1", 5432), "[::1]:5432"),
        (
            {"host": "db", "hostaddr": "10.0.0.7"},
            {},
            TunnelEnd("db", 5432, "10.0.0.7"),
            "10.0.0.7:5432",
        ),
        (
            {"host": "/run/postgresql"},
            {},
            TunnelEnd("/run/postgresql", 5432),
            "/run/postgresql/.s.PGSQL.5432",
        ),
        ({"service": "x", "host": "db"}, {}, TunnelEnd("db", 5432), "db:5432"),
    ],
)
def test_where_a_tunnel_leads_is_what_libpq_would_connect_to(
    parameters: dict[str, str], environment: dict[str, str], found: TunnelEnd, forward: str
) -> None:
    assert destination(parameters, environment) == found
    assert found.forward == forward


@pytest.mark.parametrize(
    "parameters",
    [
        {"host": "a,b"},
        {"host": "a", "port": "1,2"},
        {"host": "a", "port": "0"},
        {"host": "a", "port": "x"},
        {"host": "-a"},
        {"host": "a b"},
        {"host": "a\n"},
        {"host": "[a]"},
        {"host": "a", "hostaddr": "$(x)"},
        {"service": "x"},
    ],
)
def test_what_is_not_one_server_has_no_tunnel(parameters: dict[str, str]) -> None:
    with pytest.raises(ServiceError) as caught:
        destination(parameters, {})
    assert caught.value.kind is ErrorKind.INVALID


@pytest.mark.parametrize(
    ("url", "tunnel", "rest"),
    [
        ("postgresql://me@db/x?tunnel=bastion", "bastion", {}),
        ("postgres://me@db/x?tunnel=a%40b%3A22&sslmode=require", "a@b:22", {"sslmode": "require"}),
        ("postgres://me@db/x?sslmode=require&tunnel=", "", {"sslmode": "require"}),
        ("postgres://me@db/x?sslmode=require", "", {"sslmode": "require"}),
    ],
)
def test_a_url_may_name_the_tunnel(url: str, tunnel: str, rest: dict[str, str]) -> None:
    target, _ = from_url(url)
    assert target.tunnel == tunnel
    assert target.parameters == {"user": "me", "host": "db", "dbname": "x", **rest}
    assert target.label == "postgres://db/x" + (f" via ssh {tunnel}" if tunnel else "")
