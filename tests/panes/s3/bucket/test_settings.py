"""The settings of a bucket by keys: shown, refused when wrong, asked for when they open it."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError
from textual.widgets import TextArea

from tests.panes.s3.conftest import Browse
from tui.panes.s3.bucket.commands_settings import (
    OPENS_ON_CONDITION,
    SUSPENDS,
    _warning,
    setting_state,
)
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Unknown
from tui.services.s3.bucket.setting_rules import Setting


async def test_a_policy_that_opens_the_bucket_is_asked_for(
    browse: Browse, bucket: str, account: Account
) -> None:
    client = account.connection.client("s3")

    def stored() -> str:
        try:
            return str(client.get_bucket_policy(Bucket=bucket)["Policy"])
        except ClientError:
            return ""

    async with browse() as person:
        await person.until(lambda: bucket in person.text or person.browser.shown, "buckets")
        names = [each.name for each in person.browser.shown]  # type: ignore[union-attr]
        person.pane.grid.move_cursor(names.index(bucket))
        await person.press("e")
        await person.sees(f"Settings of {bucket}", "not set")
        await person.press("p")
        await person.sees("Not set now", "Statement")
        area = person.app.screen.query_one(TextArea)
        area.text = '{"Statement": ['
        await person.sees("Line 1, column")
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                }
            ],
        }
        area.text = json.dumps(policy)
        await person.misses("Line 1, column")
        await person.press("ctrl+s")
        await person.sees("to anybody")
        await person.press("escape")
        await person.misses("to anybody")
        assert not stored()
        await person.press("ctrl+s")
        await person.sees("to anybody")
        await person.press("ctrl+s")
        await person.until(stored, "the policy")
        await person.sees(f"Settings of {bucket}")
        await person.press("escape")
        await person.idle()
    assert json.loads(stored()) == policy


def test_what_makes_the_bucket_less_safe_is_asked_for() -> None:
    assert _warning(Setting.VERSIONING, '{"Status": "Suspended"}') == SUSPENDS
    assert not _warning(Setting.VERSIONING, '{"Status": "Enabled"}')
    statement = {"Effect": "Allow", "Principal": "*", "Condition": {"Bool": {"a": "true"}}}
    assert _warning(Setting.POLICY, json.dumps({"Statement": statement})) == OPENS_ON_CONDITION


def test_a_setting_that_is_not_known_is_said_to_be_so_once() -> None:
    denied = ServiceError("No.", hint="These credentials need …", kind=ErrorKind.DENIED)
    assert setting_state(Unknown(denied)) == "unknown: access denied"
    assert setting_state(Unknown(ServiceError("It failed.", cause="Broken."))) == "unknown: Broken."
    assert setting_state(None) == "not set"
    assert setting_state("[" + "1," * 40) == "[" + "1," * 21 + "…"
