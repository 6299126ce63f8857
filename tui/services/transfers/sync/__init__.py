"""A folder and a prefix side by side."""
