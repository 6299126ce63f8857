"""Long texts in the SQL pane: each key is answered at once, all of it is kept, all of it is run."""

from __future__ import annotations

from pathlib import Path

from tests.panes.sql.conftest import OpenPane
from tests.watchdog import watchdog

LINES = "".join(f"select {n}, 'some text' from t where a = {n};\n" for n in range(190_000))


async def test_a_kept_text_of_nine_megabytes_is_edited_and_kept(
    open_pane: OpenPane, tmp_path: Path
) -> None:
    kept = tmp_path / "state" / "editor.sql"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(LINES)
    with watchdog(0.5):
        async with open_pane() as driver:
            editor = driver.pane.editor
            await driver.until(lambda: len(editor.text) == len(LINES), "the kept text")
            with watchdog():
                await driver.press("ctrl+end", "x", "enter", "y", "left", "ctrl+home", "z")
                await driver.pilot.pause()
            changed = editor.text
    assert changed == "z" + LINES + "x\ny"
    assert kept.read_text() == changed


async def test_a_long_statement_runs_without_holding_up_the_loop(open_pane: OpenPane) -> None:
    numbers = ",".join(str(number) for number in range(100_000))
    async with open_pane() as driver:
        await driver.write(
            f"select 1;\nselect n from generate_series(7, 9) n where n in ({numbers})"
        )
        with watchdog():
            await driver.press("f5")
            await driver.idle()
        await driver.sees("SELECT 3 · 3 rows")
