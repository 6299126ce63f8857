"""Printed values are ordered as the server orders them."""

from __future__ import annotations

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.sql.typed_values import ordering

VALUES = {
    "numeric": "'NaN', '-1', '9007199254740993', '9007199254740992', '0.1', 'Infinity', '-Infinity'"
    ", '-0.00000000000000000000000001', '10', '9'",
    "double precision": "'NaN', '1e300', '-Infinity', '0.1', '9', '10', '-1e-300'",
    "date": "'infinity', '-infinity', '0044-03-15 BC', '0001-01-01', '12345-01-01', '2024-02-29', "
    "'2024-03-01', '0045-01-01 BC'",
    "timestamp with time zone": "'2024-10-27 00:30:00Z', '2024-10-27 01:10:00Z', 'infinity', "
    "'1850-01-01 00:00:00Z', '0044-03-15 12:00:00Z BC', '2024-10-27 01:10:00.5Z', '-infinity'",
    "interval": "'1 mon', '29 days', '31 days', '30 days 00:00:01', '-1 day', '1 year', "
    "'-00:00:00.5', '23:59:59', '1 year -1 days'",
    "money": "'9', '10', '-1,000.50', '1,000.50', '0', '-0.01', '92233720368547758.07'",
    "text": "'a', 'B', '', 'ä', 'Z', '10', '9', '🙂'",
    "boolean": "'t', 'f'",
    "bytea": "'\\x00', '\\xff', '\\x', '\\x0001'",
    "uuid": "'f0000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-00000000000a'",
}


@pytest.mark.parametrize("kind", VALUES)
async def test_the_order_is_the_servers(run: RunSql, kind: str) -> None:
    await run("set timezone = 'Europe/Berlin'")
    values = ", ".join(f"({value})" for value in VALUES[kind].split(", "))
    collate = 'collate "C"' if kind == "text" else ""
    result = await run(
        f"select v::{kind} from (values {values}) as t (v) order by (v::{kind}) {collate}"
    )
    printed = [value for (value,) in result.rows if value is not None]
    turned = printed[::-1]
    assert sorted(turned, key=ordering(kind)) == printed


@pytest.mark.parametrize("kind", ["numeric", "date", "interval", "timestamp with time zone"])
def test_what_is_printed_otherwise_is_ordered_as_text(kind: str) -> None:
    assert sorted(["29/02/2024", "", "x", "01/01/2024"], key=ordering(kind)) == [
        "",
        "01/01/2024",
        "29/02/2024",
        "x",
    ]
