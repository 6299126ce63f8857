"""A page key that comes before the first layout of a list moves nothing, and ends nothing."""

from __future__ import annotations

import pytest
from textual.widgets.option_list import Option

from tui.widgets.dialogs.option_pages import DropdownList, PagedOptions


@pytest.mark.parametrize("kind", [PagedOptions, DropdownList])
def test_a_page_key_before_the_layout_does_no_harm(kind: type[PagedOptions | DropdownList]) -> None:
    options = kind()
    options.add_options([Option("one"), Option("two")])
    options.set_reactive(kind.highlighted, 0)
    options.action_page_down()
    options.action_page_up()
    assert options.highlighted == 0
