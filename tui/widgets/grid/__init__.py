"""The table of every pane: its cells, its lines, its drawing."""
