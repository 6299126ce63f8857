"""What a shell makes of a command."""

from __future__ import annotations

import subprocess


def words_of(command: str) -> list[str]:
    """The words of `command` as bash hands them to a program. The command itself is not run."""
    script = f"hand_over() {{ printf '%s\\0' \"$@\"; }}; hand_over {command}"
    answer = subprocess.run(["/bin/bash", "-c", script], check=True, capture_output=True)
    return answer.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
