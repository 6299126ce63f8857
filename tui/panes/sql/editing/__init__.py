"""The editor's tabs, files, and what is done with its text."""
