"""JSON as a tree whose branches are filled when they are opened."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.services.s3.formats.json_tree import JsonNode, JsonTree
from tui.widgets.safe_text import visible

AT_ONCE = 200
"""Branches that are added together; the last one of them leads to more."""

LONGEST = 200
"""Characters of a value that are drawn; Enter shows the whole."""

Item = tuple[JsonNode, int]
"""A value, and how many of its children are skipped: those that are shown already."""


class PreviewTree(Tree[Item]):
    """The values of a JSON text."""

    def __init__(self, tree: JsonTree) -> None:
        top = JsonNode("", "[", tree.roots)
        alone = tree.roots[0] if len(tree.roots) == 1 else top
        # A single value has no number: only values that are lines of JSON Lines are counted.
        title = _summary(alone) if alone is not top else Text(f"{len(tree.roots):,} values")
        super().__init__(title, (alone, 0))
        self.guide_depth = 2

    def on_mount(self) -> None:
        self._fill(self.root)
        self.root.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Item]) -> None:
        self._fill(event.node)

    def _fill(self, node: TreeNode[Item]) -> None:
        if node.data is not None and not node.children:
            self._add(node, node.data)

    def _add(self, node: TreeNode[Item], item: Item) -> None:
        value, first = item
        for child in value.children[first : first + AT_ONCE]:
            if child.children:
                node.add(_label(child), (child, 0))
            else:
                node.add_leaf(_label(child), (child, 0))
        left = len(value.children) - first - AT_ONCE
        if left > 0:
            node.add_leaf(Text(f"… {left:,} more: Enter shows them"), (value, first + AT_ONCE))

    def chosen(self, node: TreeNode[Item]) -> JsonNode | None:
        """The value without children that Enter was pressed on; a line that leads to more is
        replaced by them."""
        if node.data is None or node.allow_expand:
            return None
        if node.data[1] and node.parent is not None:
            parent, item = node.parent, node.data
            node.remove()
            self._add(parent, item)
            return None
        return node.data[0]


def _label(node: JsonNode) -> Text:
    label = Text(visible(node.label[:LONGEST]), "bold")
    return label + Text(": " if node.label else "", "") + _summary(node)


def _summary(node: JsonNode) -> Text:
    text = node.summary
    cut = text[:LONGEST] + ("…" if len(text) > LONGEST else "")
    return Text(visible(cut), _style(text))


def _style(text: str) -> str:
    if text[:1] in "{[":
        return "dim"
    if text.startswith('"'):
        return "green"
    return "cyan"
