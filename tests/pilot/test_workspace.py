"""The screen around the panes: arrangement, header, help, palette, target, quitting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual import constants, events

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tui.config import Settings
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Identity, Target
from tui.services.bundle import Services
from tui.widgets.grid.grid import Grid


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


def titles(driver: Driver) -> list[str]:
    """The pane titles that are on the screen, in order, without the tab line."""
    lines = [line for line in driver.text.splitlines() if "╭" in line]
    return [word for word in ("S3", "SQL", "DynamoDB") if any(f"─ {word} " in x for x in lines)]


async def test_a_wide_terminal_shows_three_panes_and_the_account(services: Services) -> None:
    async with running(services, size=WIDE) as driver:
        await driver.sees("SANDBOX", "123456789012", "us-east-1")
        assert titles(driver) == ["S3", "SQL", "DynamoDB"]


async def test_a_narrow_terminal_shows_one_pane_and_the_tab_line(services: Services) -> None:
    async with running(services, size=NARROW) as driver:
        assert titles(driver) == ["S3"]
        await driver.sees("F2 S3", "F3 SQL", "F4 DynamoDB")
        await driver.press("f4")
        assert titles(driver) == ["DynamoDB"]


async def test_a_tiny_terminal_says_so_and_comes_back(services: Services) -> None:
    async with running(services, size=(60, 15)) as driver:
        await driver.sees("too small")
        await driver.pilot.resize_terminal(80, 24)
        await driver.misses("too small")
        assert titles(driver) == ["S3"]


async def test_function_keys_and_tab_walk_the_panes(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("f4")
        assert driver.app.workspace.active == "dynamodb"
        await driver.press("f2", "tab")
        assert driver.app.workspace.active == "sql"
        await driver.press("shift+tab")
        assert driver.app.workspace.active == "s3"
        focused = driver.app.focused
        assert focused is not None
        assert driver.app.workspace.frame("s3") in focused.ancestors


async def test_tab_also_leaves_the_editor(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("f3", "tab")
        assert driver.app.workspace.active == "dynamodb"


async def test_zoom_gives_a_pane_the_screen_and_takes_it_back(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("f4", "z")
        assert titles(driver) == ["DynamoDB"]
        await driver.press("z")
        assert titles(driver) == ["S3", "SQL", "DynamoDB"]
        # In the editor z is a letter.
        await driver.press("f3")
        for shown in (["SQL"], ["S3", "SQL", "DynamoDB"], ["SQL"]):
            # As a terminal sends it: with the letter.
            driver.app.post_message(events.Key("alt+z", "z"))
            await driver.until(lambda shown=shown: titles(driver) == shown)  # type: ignore[misc]  # binds now
        await driver.press("alt+z")
        assert titles(driver) == ["S3", "SQL", "DynamoDB"]
        assert driver.app.workspace.frame("sql").pane.editor.text == ""


async def test_a_narrow_terminal_has_nothing_to_zoom_and_names_the_other_screens(
    services: Services,
) -> None:
    async with running(services, size=NARROW) as driver:
        await driver.sees("? Help F8 Cleanup F9 Transfers q Quit")
        await driver.press("z")
        await driver.misses("back to three panes", "z Zoom")


async def test_help_lists_the_keys_of_every_pane(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("f1")
        await driver.sees("Keys", "Places…", "Upload")
        await driver.type("could stand at")
        await driver.sees("Ctrl+Space", "Complete")
        await driver.press("escape", "escape")
        await driver.misses("Esc Back")


async def test_the_help_opens_with_a_question_mark_and_narrows_as_one_types(
    services: Services,
) -> None:
    async with running(services) as driver:
        await driver.sees("? Help")
        await driver.press("question_mark")
        await driver.sees("Keys", "Upload")
        await driver.type("roll back")
        await driver.sees("Ctrl+B F10")
        await driver.misses("Upload")
        await driver.type("zzz")
        await driver.sees("No key matches")
        await driver.press("escape")
        await driver.sees("Upload")
        await driver.press("escape")
        await driver.misses("type to search")


async def test_in_the_editor_a_question_mark_is_text_and_f1_is_the_help(
    services: Services,
) -> None:
    async with running(services) as driver:
        await driver.press("f3", "question_mark")
        await driver.sees("F1 Help")
        assert driver.app.workspace.frame("sql").pane.editor.text == "?"


@pytest.mark.parametrize("size", [NARROW, (120, 34)])
async def test_the_line_of_keys_names_the_ways_out_in_every_pane(
    services: Services, size: tuple[int, int]
) -> None:
    async with running(services, size=size) as driver:
        for key, quits in (("f4", "q Quit"), ("f3", "Ctrl+Q Quit"), ("f2", "q Quit")):
            await driver.press(key)
            await driver.sees("Help F8 Cleanup F9 Transfers " + quits)


async def test_dates_are_whole_in_a_terminal_of_120_columns(services: Services) -> None:
    async with running(services, size=(120, 34)) as driver:
        await driver.sees("tristore-walkthrough", "Created (UTC)")
        lines = [line for line in driver.text.splitlines() if "tristore-walkthrough" in line]
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", lines[0][:60])


async def test_a_picture_without_a_terminal_has_every_colour(services: Services) -> None:
    async with running(services) as driver:
        assert not driver.app.has_class("-few-colors")


async def test_in_16_colours_the_cursor_is_in_reverse(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    async with running(services) as driver:
        await driver.sees("tristore-walkthrough")
        grid = driver.app.workspace.frame("s3").pane.grid
        cursor = next(iter(grid.render_line(1 + grid.cursor_row)))
        assert cursor.style is not None
        assert cursor.style.reverse
        assert driver.app.get_css_variables()["panel"] == driver.app.get_css_variables()["surface"]


async def test_the_palette_runs_a_command_by_name(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("ctrl+p")
        await driver.type("zoom")
        await driver.sees("Give the whole screen")
        await driver.press("enter")
        await driver.until(lambda: titles(driver) == ["S3"], "the zoomed pane")


async def test_the_region_is_switched_inside_the_application(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("R")
        await driver.sees("Region")
        await driver.press("up", "enter")
        await driver.until(lambda: services.account.target.region != "us-east-1", "another region")
        region = services.account.target.region
        assert region is not None
        await driver.sees(region)


async def test_no_way_leads_to_another_target_under_an_open_dialog(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("n")
        await driver.sees("New bucket")
        await driver.press("ctrl+p")
        await driver.type("the log of every")
        await driver.sees("Audit log")
        await driver.press(*["backspace"] * 20)
        for words in ("another region", "shared aws files", "credentials again"):
            await driver.type(words)
            await driver.sees("No matches found")
            await driver.press(*["backspace"] * 20)
        await driver.press("escape", "ctrl+r")
        for action in ("region", "profile", "reload"):
            assert await driver.app.run_action(action) is False
        await driver.still()
        await driver.sees("New bucket")
        assert services.account.target.region == "us-east-1"


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_messages_cover_no_part_of_a_dialog(
    services: Services, size: tuple[int, int]
) -> None:
    async with running(services, size=size) as driver:
        await driver.press("n")
        await driver.sees("New bucket", "Cancel")
        for number in range(3):
            driver.app.notify(f"said {number}", severity="warning", timeout=60)
        await driver.sees("! said 2")
        lines = driver.text.split("\n")
        assert ["said" in line for line in lines[-4:]] == [True, True, True, False]
        head, foot = (
            next(n for n, line in enumerate(lines) if sign in line and text in line)
            for sign, text in (("╭", "New bucket"), ("Cancel", "Create"))
        )
        assert head < foot < len(lines) - 4
        assert "╰" in lines[foot + 1]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_messages_take_rows_of_their_own(services: Services, size: tuple[int, int]) -> None:
    async with running(services, size=size) as driver:
        await driver.still()
        grid = driver.app.workspace.frames[0].pane.query_one(Grid)
        bottom = next(line for line in reversed(driver.text.splitlines()) if "╰" in line)
        before = grid.cursor_row, grid.scroll_offset, grid.size
        driver.app.notify("one\ntwo\nthree\nfour", severity="error", timeout=60)
        await driver.sees("✗ one · two · three · four")
        lines = driver.text.splitlines()
        assert "four" in lines[-2]
        assert lines[-3] == bottom
        assert (grid.cursor_row, grid.scroll_offset) == before[:2]
        driver.app.clear_notifications()
        await driver.misses("four")
        assert (grid.cursor_row, grid.scroll_offset, grid.size) == before


async def test_the_palette_over_the_panes_leads_to_another_region(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("ctrl+p")
        await driver.type("another region")
        await driver.sees("Choose another region")
        await driver.press("enter")
        await driver.sees("Ctrl+S Choose", "eu-central-1")


async def test_the_sandbox_has_no_profiles_and_says_so(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("P")
        await driver.sees("The sandbox has no profiles")


async def test_read_only_is_said_in_the_header(sandbox: SandboxInfo, tmp_path: Path) -> None:
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with running(services) as driver:
        await driver.sees("READ-ONLY")


async def test_without_credentials_it_starts_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: SandboxInfo
) -> None:
    shared = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(shared))
    audit = AuditLog(tmp_path / "audit.jsonl")
    account = Account(Target(region="us-east-1", endpoint_url=sandbox.endpoint_url), audit=audit)
    services = Services(account, Settings(), audit, state_dir=tmp_path)
    async with running(services) as driver:
        await driver.sees("no valid credentials")
        await driver.sees("AWS_PROFILE")
        shared.write_text("[default]\naws_access_key_id = LATER\naws_secret_access_key = later\n")
        await driver.press("ctrl+r")
        await driver.sees("123456789012")
        await driver.misses("no valid credentials", "AWS_PROFILE")


async def test_without_a_network_it_starts_and_says_so(
    tmp_path: Path, sandbox: SandboxInfo
) -> None:
    services = sandbox_services(sandbox, tmp_path, endpoint_url="http://127.0.0.1:9")
    async with running(services) as driver:
        await driver.sees("no connection")
        await driver.sees("Could not list the buckets")


async def test_reading_the_credentials_again_keeps_the_places_of_the_same_account(
    services: Services,
) -> None:
    async with running(services) as driver:
        await driver.sees("123456789012", "tristore-walkthrough", "ACTIVE")
        await driver.press("enter", "f4", "enter")
        await driver.sees("s3://tristore-walkthrough/", "test.txt", "dynamodb:members", "4 items")
        panes = [frame.pane for frame in driver.app.workspace.frames]
        before = panes[0].browser.listing, panes[2].browser.listed
        await driver.press("ctrl+r")
        await driver.until(
            lambda: (
                panes[0].browser.listing is not before[0]
                and panes[2].browser.listed is not before[1]
            ),
            "what is shown, read again",
        )
        await driver.sees("s3://tristore-walkthrough/", "test.txt", "dynamodb:members", "4 items")


async def test_a_screen_that_is_not_there_yet_is_told_of_no_other_account(
    services: Services,
) -> None:
    from tui.screens.cleanup import CleanupScreen

    async with running(services) as driver:
        await driver.sees("123456789012")
        screen = CleanupScreen(services)
        there = driver.app.push_screen(screen)
        assert driver.app.shown_account is not None
        driver.app.shown_account.changed()
        assert driver.app.check_action("region", ()) is True
        await there
        await driver.sees("Cleanup", "tristore-walkthrough")


async def test_credentials_of_another_account_lead_to_its_lists(services: Services) -> None:
    async with running(services) as driver:
        await driver.sees("123456789012")
        await driver.press("enter")
        await driver.sees("s3://tristore-walkthrough/", "test.txt")
        services.account.connection.identity = Identity("1" * 12, "arn:aws:iam::1:user/x", None)
        await driver.press("ctrl+r")
        await driver.misses("s3://tristore-walkthrough/")
        await driver.sees("tristore-walkthrough")


async def test_a_region_that_nobody_knows_is_told_at_the_start(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path, region="nowhere-9")
    async with running(services) as driver:
        await driver.sees("The SDK knows no region 'nowhere-9'")


async def test_the_audit_log_is_on_a_key(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("A")
        await driver.sees("Nothing has been changed yet")


async def test_an_audit_log_that_cannot_be_read_is_told(services: Services) -> None:
    services.audit.path.mkdir()
    async with running(services) as driver:
        await driver.press("f12")
        await driver.sees("The audit log cannot be read")


async def test_q_quits_at_once_when_nothing_runs(services: Services) -> None:
    async with running(services) as driver:
        await driver.press("q")
        await driver.until(lambda: driver.app.return_value == 0, "the end")


async def test_rebound_keys_work_and_are_shown_in_the_help(services: Services) -> None:
    async with running(services, settings=Settings(keys={"zoom": "f11"})) as driver:
        await driver.press("f11")
        assert titles(driver) == ["S3"]
        await driver.press("z")
        assert titles(driver) == ["S3"]
        await driver.press("f1")
        await driver.press("end")
        await driver.sees("F11")
