"""Lines under construction."""

from __future__ import annotations

from tui.services.sql.formatting.parts import Comment, Leaf


class TokenWriter:
    """Takes tokens, puts blanks between them, and breaks lines where it is told or must."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._column = 0
        self._at_line_start = True
        self._must_break = False
        """Whether the line ends in a comment that would swallow what follows."""
        self._told: set[int] = set()
        """The tokens whose comments behind the token before are written already."""

    @property
    def column(self) -> int:
        """How long the line is."""
        return self._column

    def put(self, leaf: Leaf, indent: int) -> None:
        """Write a token with the comments in front of it; `indent` is that of a line which one of
        them begins."""
        told = id(leaf) in self._told
        for comment in leaf.comments:
            if not (told and comment.is_trailing):
                self._comment(comment, indent)
        if self._must_break:
            self.newline(indent)
        if not self._at_line_start and (leaf.is_apart or leaf.comments):
            self._write(" ")
        self._write(leaf.text)

    def newline(self, indent: int, following: Leaf | None = None) -> None:
        """Begin a line. A comment that stands behind the last token of this one stays there, though
        it belongs to the token that follows."""
        if following is not None and not self._at_line_start:
            for comment in following.comments:
                if comment.is_trailing:
                    self._told.add(id(following))
                    self._comment(comment, indent)
        if not self._at_line_start:
            self._parts.append("\n")
        elif self._parts and self._parts[-1].isspace() and self._parts[-1] != "\n":
            self._parts.pop()
        self._parts.append(" " * indent)
        self._column, self._at_line_start, self._must_break = indent, True, False

    def text(self) -> str:
        """All lines."""
        return "".join(self._parts)

    def _comment(self, comment: Comment, indent: int) -> None:
        if self._must_break or not comment.is_trailing:
            self.newline(indent)
        if not self._at_line_start:
            self._write(" ")
        self._write(comment.text)
        # One on a line of its own stays there.
        self._must_break = comment.ends_line or not comment.is_trailing

    def _write(self, text: str) -> None:
        self._parts.append(text)
        _, line_break, last = text.rpartition("\n")
        self._column = len(last) if line_break else self._column + len(text)
        self._at_line_start = False
