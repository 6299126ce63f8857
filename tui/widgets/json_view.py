"""JSON as a tree whose branches are filled when they are opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.services.formats.json_tree import JsonNode, JsonTree, Path
from tui.widgets.text.safe_text import visible

AT_ONCE = 200
"""Branches that are added together; a line beside them leads to more."""

DEEPEST = 100
"""Levels that a search opens: Textual draws a tree by recursion."""

LONGEST = 200
"""Characters of a value that are drawn; Enter shows the whole."""


@dataclass(frozen=True)
class Gap:
    """Children of a value that are not shown yet: from `first` up to, and not with, `last`."""

    children: Sequence[JsonNode]
    first: int
    last: int


Item = JsonNode | Gap


class JsonView(Tree[Item]):
    """The values of a JSON text."""

    def __init__(self, tree: JsonTree) -> None:
        top = JsonNode("", "[", tree.roots)
        alone = tree.roots[0] if len(tree.roots) == 1 else top
        # A single value has no number: only values that are lines of JSON Lines are counted.
        title = _summary(alone) if alone is not top else Text(f"{len(tree.roots):,} values")
        super().__init__(title, alone)
        self.json = tree
        self.guide_depth = 2

    def on_mount(self) -> None:
        self._fill(self.root)
        self.root.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Item]) -> None:
        self._fill(event.node)
        self._say(event.node, opened=True)

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[Item]) -> None:
        self._say(event.node, opened=False)

    def _say(self, node: TreeNode[Item], *, opened: bool) -> None:
        """What a value holds stands beside it while it is closed."""
        if node is not self.root and isinstance(node.data, JsonNode):
            node.set_label(_label(node.data, opened=opened))

    def _fill(self, node: TreeNode[Item]) -> None:
        if isinstance(node.data, JsonNode) and not node.children:
            children = node.data.children
            self._add(node, Gap(children, 0, len(children)), None)

    def _add(self, node: TreeNode[Item], gap: Gap, at: TreeNode[Item] | None) -> None:
        """Show the first children of a gap in the place of its line `at`."""
        end = min(gap.first + AT_ONCE, gap.last)
        for child in gap.children[gap.first : end]:
            node.add(_label(child), child, before=at, allow_expand=bool(child.children))
        self._add_gap(node, Gap(gap.children, end, gap.last), at)
        if at is not None:
            at.remove()

    def _add_gap(self, node: TreeNode[Item], gap: Gap, at: TreeNode[Item] | None) -> None:
        left = gap.last - gap.first
        if left > 0:
            node.add_leaf(Text(f"… {left:,} more: Enter shows them"), gap, before=at)

    def chosen(self, node: TreeNode[Item]) -> JsonNode | None:
        """The value without children that Enter was pressed on; a line that leads to more is
        replaced by them."""
        if isinstance(node.data, Gap) and node.parent is not None:
            self._add(node.parent, node.data, node)
            return None
        return node.data if isinstance(node.data, JsonNode) and not node.allow_expand else None

    # -- search ----------------------------------------------------------------------------

    @property
    def path(self) -> Path | None:
        """Where the cursor is; None on a line that is no value."""
        node, path = self.cursor_node, list[int]()
        while node is not None and node.parent is not None:
            above, value = node.parent.data, node.data
            if not isinstance(above, JsonNode) or not isinstance(value, JsonNode):
                return None
            # By identity: equal values may stand beside each other.
            number = next(at for at, each in enumerate(above.children) if each is value)
            path.insert(0, number)
            node = node.parent
        return (0, *path) if len(self.json.roots) == 1 else tuple(path) or None

    def show_value(self, path: Path) -> None:
        """Open the branches that lead to a value, and put the cursor on it."""
        node: TreeNode[Item] = self.root
        for number in (path if len(self.json.roots) != 1 else path[1:])[:DEEPEST]:
            self._fill(node)
            node.expand()
            node = self._child(node, number)
        # The lines are counted anew when the new ones are drawn.
        self.call_after_refresh(self.move_cursor, node)

    def _child(self, node: TreeNode[Item], number: int) -> TreeNode[Item]:
        """The line of a child; what stands around it is shown if it is in a gap."""
        above = node.data
        assert isinstance(above, JsonNode)
        wanted = above.children[number]
        for line in node.children:
            gap = line.data
            if gap is wanted:
                return line
            if isinstance(gap, Gap) and gap.first <= number < gap.last:
                begin = max(gap.first, number - number % AT_ONCE)
                self._add_gap(node, Gap(gap.children, gap.first, begin), line)
                self._add(node, Gap(gap.children, begin, gap.last), line)
                break
        return next(line for line in node.children if line.data is wanted)


def _label(node: JsonNode, *, opened: bool = False) -> Text:
    label = Text(visible(node.label[:LONGEST]), "bold")
    label = label + Text(": " if node.label else "", "") + _summary(node)
    inside = "" if opened else node.inside
    return label + Text(f" {visible(inside)}", "dim") if inside else label


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
