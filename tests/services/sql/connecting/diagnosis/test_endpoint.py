"""Which server it was, and what its name leads to."""

from __future__ import annotations

import psycopg2
import pytest

from tests.listeners import HOST, closed_port
from tui.services.sql.connecting.diagnosis.endpoint import Endpoint, endpoint_of
from tui.services.sql.connecting.diagnosis.resolving import is_private, resolve
from tui.services.sql.connecting.targets import DatabaseTarget


def said_by_libpq(host: str, port: int | str) -> str:
    with pytest.raises(psycopg2.OperationalError) as refused:
        psycopg2.connect(host=host, port=str(port), connect_timeout="2")
    return str(refused.value)


def test_libpq_says_which_server_it_tried_whatever_the_target_says() -> None:
    port = closed_port()
    target = DatabaseTarget("service shop")
    assert endpoint_of(target, said_by_libpq(host=HOST, port=port), {}) == Endpoint(HOST, port)
    named = said_by_libpq(host="localhost", port=port)
    assert endpoint_of(target, named, {}) == Endpoint("localhost", port)


def test_of_several_hosts_it_is_the_last_that_was_tried() -> None:
    first, second = closed_port(), closed_port()
    said = said_by_libpq(host=f"{HOST},{HOST}", port=f"{first},{second}")
    assert endpoint_of(DatabaseTarget(""), said, {}) == Endpoint(HOST, second)


def test_a_name_that_is_unknown_is_the_one_that_was_looked_for() -> None:
    said = said_by_libpq(host="nowhere.invalid", port=5433)
    target = DatabaseTarget("", {"host": "nowhere.invalid", "port": "5433"})
    assert endpoint_of(target, said, {}) == Endpoint("nowhere.invalid", 5433)


def test_a_local_socket_is_named_by_its_path() -> None:
    said = said_by_libpq(host="/nowhere", port=5433)
    expected = Endpoint("", 5433, "/nowhere/.s.PGSQL.5433")
    assert endpoint_of(DatabaseTarget(""), said, {}) == expected
    assert endpoint_of(DatabaseTarget("", {"host": "/nowhere", "port": "5433"}), "", {}) == expected


@pytest.mark.parametrize(
    ("parameters", "environment", "endpoint"),
    [
        ({"host": "db.example"}, {}, Endpoint("db.example", 5432)),
        ({"host": "db.example", "hostaddr": "192.0.2.7"}, {}, Endpoint("192.0.2.7", 5432)),
        ({}, {"PGHOST": "db.example", "PGPORT": "6543"}, Endpoint("db.example", 6543)),
        ({"host": "a,b", "port": "1,2"}, {}, Endpoint("b", 2)),
        ({"port": "not a port"}, {}, Endpoint("", 5432)),
    ],
)
def test_without_a_word_of_libpq_the_target_and_the_environment_say_it(
    parameters: dict[str, str], environment: dict[str, str], endpoint: Endpoint
) -> None:
    assert endpoint_of(DatabaseTarget("", parameters), "", environment) == endpoint


def test_a_name_that_does_not_exist_is_absent() -> None:
    found = resolve("nowhere.invalid")
    assert not found.addresses
    assert found.problem
    assert resolve("a" * 300).absent
    assert not resolve("\x1b[31m.invalid").addresses


def test_an_address_needs_no_name_service() -> None:
    assert resolve(HOST).addresses == (HOST,)
    assert HOST in resolve("localhost").addresses


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.1.5", True),
        ("172.31.4.4", True),
        ("192.168.0.1", True),
        ("fd00::1", True),
        ("fe80::1%eth0", True),
        ("100.64.0.1", True),
        ("54.12.3.4", False),
        ("2a05:d018::1", False),
        ("127.0.0.1", False),
        ("what", False),
    ],
)
def test_private_addresses_are_those_of_an_inner_network(address: str, private: bool) -> None:
    assert is_private(address) is private
