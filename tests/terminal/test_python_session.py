"""A result in Python: it gets the terminal, and the application comes back as it was."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.terminal.conftest import Opened
from tui.sandbox import SandboxInfo

QUERY = "select n, nullif(n, 2) as m from generate_series(1, 1200) n"


def test_a_result_is_df_in_ipython_and_the_application_comes_back(
    on_sandbox: Opened, sandbox: SandboxInfo
) -> None:
    place = urlsplit(sandbox.postgres)
    password = place.password or ""
    url = sandbox.postgres.replace(f":{password}@", "@")
    with on_sandbox(url, PGPASSWORD=password) as terminal:
        terminal.wait_for("id bigint")
        terminal.press(f"\x1bOR{QUERY}")  # F3
        terminal.wait_for("generate_series(1, 1200)")
        terminal.press("\x1b[15~")  # F5
        terminal.wait_for("500+ rows")
        terminal.press("\x1bp")  # Alt+P
        terminal.wait_for("This result in Python")
        terminal.press("p")
        terminal.wait_for("df: 1,200 rows x 2 columns", "In [1]:")
        arguments = [" ".join(each.cmdline()) for each in terminal.family()]
        assert any("IPython" in each for each in arguments)
        assert not any(password in each for each in arguments)
        assert "generate_series" not in " ".join(arguments)
        # Ctrl+C is for Python, and the application stays.
        terminal.press("\x03")
        terminal.press("df.n.sum(), df.m[1] is pd.NA\r")
        terminal.wait_for("720600", "True")
        terminal.press("exit()\r")
        terminal.wait_for("Back from IPython.", "generate_series(1, 1200)", "500+ rows")
        assert all("IPython" not in " ".join(each.cmdline()) for each in terminal.family())
        terminal.press("\x11")
        terminal.wait_for_exit()
        assert terminal.left_behind() == []
