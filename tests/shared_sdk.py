"""What the SDK finds out about itself for each session is found out once for a process: most tests
make a session of their own, and half of its time goes into the names of the same events and the
signatures of the same functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType, MethodType
from typing import Any

import botocore.hooks
from botocore.hooks import EventAliaser

_names: dict[str, str] = {}
_begin = EventAliaser.__init__
_accepts_kwargs = vars(botocore.hooks)["accepts_kwargs"]


def _begin_with_names(aliaser: Any, event_emitter: Any, event_aliases: Any = None) -> None:
    _begin(aliaser, event_emitter, event_aliases)
    if event_aliases is None:
        # They depend on nothing but the SDK's own table.
        aliaser._alias_name_cache = _names


@cache
def _function_accepts_kwargs(function: Callable[..., Any]) -> Any:
    return _accepts_kwargs(function)


def _accepts_kwargs_once(function: Callable[..., Any]) -> Any:
    # A function that is made at each call, or a method of an object, would be kept for ever.
    inner = function.__func__ if isinstance(function, MethodType) else function
    if isinstance(inner, FunctionType) and inner.__closure__ is None:
        return _function_accepts_kwargs(inner)
    return _accepts_kwargs(function)


def install() -> None:
    """Share it among all sessions of this process."""
    EventAliaser.__init__ = _begin_with_names  # type: ignore[assignment, method-assign]
    vars(botocore.hooks)["accepts_kwargs"] = _accepts_kwargs_once
