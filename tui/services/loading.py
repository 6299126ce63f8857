"""Modules that are loaded when they are wanted, and not at the start."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence

from tui.services.giving_way import give_way


async def loaded(module: str) -> None:
    """Load a module on a thread, so that the function that imports it next does not hold up the
    event loop. Waits for whoever is loading it already."""
    await asyncio.to_thread(importlib.import_module, module)


async def load_all(modules: Sequence[str]) -> None:
    """Load modules one after the other, behind whatever else there is to do."""
    for module in modules:
        await asyncio.to_thread(give_way)
        await loaded(module)
