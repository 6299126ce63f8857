"""The history of statements in the SQL pane: a list, its dialog, its command."""
