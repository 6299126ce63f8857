"""One folder for each pane and the widgets private to it."""
