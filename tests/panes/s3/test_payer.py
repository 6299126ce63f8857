"""Agreeing by keys to pay for the requests to a bucket."""

from __future__ import annotations

from tests.panes.s3.browsing import at
from tests.panes.s3.conftest import Browse
from tests.panes.s3.scripted import ScriptedS3
from tui.panes.s3.details import fact_content
from tui.panes.s3.view import state_of
from tui.services.s3 import S3Location


async def test_the_state_says_that_the_user_pays() -> None:
    view = await at(S3Location("b"), ["k"])
    assert "you pay" not in state_of(view.browser)
    assert isinstance(view.browser.s3, ScriptedS3)
    view.browser.s3.paid.add("b")
    assert state_of(view.browser).startswith("you pay · ")


async def test_paying_is_asked_for_once_and_shown(browse: Browse, bucket: str) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await person.press("dollar_sign")
        await person.sees("Pay for the requests", "AWS bills")
        await person.press("enter")  # on Cancel
        await person.misses("Pay for the requests")
        assert not person.browser.s3.pays(bucket)
        await person.press("dollar_sign")
        await person.sees("AWS bills")
        await person.press("tab", "enter")
        await person.sees("you pay")
        await person.press("dollar_sign")
        await person.misses("you pay · ")  # (The message about it stays for a while.)
        assert not person.browser.s3.pays(bucket)


def test_info_draws_the_blanks_at_the_ends_of_a_key() -> None:
    assert fact_content("Key", " a ", 60).plain == "␠a␠"
    assert fact_content("URI", "s3://b/ a\n", 60).plain == "s3://b/ a␊"
    assert fact_content("Metadata x", "a\nb", 60).plain == f"a\n{' ' * 23}b"
