"""XML laid out: nothing but blanks between tags is another one."""

from __future__ import annotations

import pytest

from tui.services.formats.xml_layout import laid_out


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<a><b>1</b><c/></a>", ["<a>", "  <b>1</b>", "  <c/>", "</a>"]),
        (
            '<?xml version="1.0"?>\n<a x="<1>"><!-- no --></a>',
            None,  # `<` in a value is no XML
        ),
        (
            '<?xml version="1.0"?>\n<a x=">1"><!-- no\n --><b> </b></a>',
            ['<?xml version="1.0"?>', '<a x=">1">', "  <!-- no", " -->", "  <b> </b>", "</a>"],
        ),
        # Text beside elements, CDATA and preserved blanks stay as they are written.
        (
            "<a><p>one <b>two</b>\n three</p> <q><![CDATA[<x>]]></q></a>",
            ["<a>", "  <p>one <b>two</b>", " three</p>", "  <q><![CDATA[<x>]]></q>", "</a>"],
        ),
        (
            '<a><b xml:space="preserve"> <c/> </b></a>',
            ["<a>", '  <b xml:space="preserve"> <c/> </b>', "</a>"],
        ),
        ("<a><b/></a><c><d/></c>", ["<a>", "  <b/>", "</a>", "<c>", "  <d/>", "</c>"]),
        ("<n:a><é/></n:a>", ["<n:a>", "  <é/>", "</n:a>"]),
        ("<a>only text</a>", None),
        ("<a><b></a></b>", None),
        ("<a><b/>", None),
        ("text <a><b/></a>", None),
        ("<a><b/></a> text", None),
        ("<a <b/></a>", None),
        ("< 5 and > 3", None),
        ("", None),
    ],
)
def test_only_blanks_between_tags_change(text: str, lines: list[str] | None) -> None:
    assert (laid_out(text) or "").splitlines() == (lines or [])


def test_a_nesting_without_end_is_laid_out() -> None:
    deep = laid_out("<a>" * 2_000 + "</a>" * 2_000)
    assert deep is not None
    assert deep.count("\n") == 3_998
