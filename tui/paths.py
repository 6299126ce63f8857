"""Where files of ours live: the XDG places, or their counterparts on other systems."""

from __future__ import annotations

from pathlib import Path

import platformdirs

APPLICATION = "tristore"


def config_file() -> Path:
    """The settings file; it need not exist."""
    return Path(platformdirs.user_config_dir(APPLICATION)) / "config.toml"


def connections_file() -> Path:
    """The connections to databases that were saved by name, without passwords."""
    return config_file().with_name("connections.json")


def state_dir() -> Path:
    """Audit log, editor buffers and journals; created on first write, private to the user."""
    return Path(platformdirs.user_state_dir(APPLICATION))


def audit_file() -> Path:
    """One JSON object a line for every call that changed something."""
    return state_dir() / "audit.jsonl"


def theme_file() -> Path:
    """The name of the theme that was chosen last."""
    return state_dir() / "theme"


def log_file() -> Path:
    """Unexpected errors, without values and without secrets."""
    return state_dir() / "tristore.log"
