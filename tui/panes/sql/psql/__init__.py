"""The backslash commands of psql, typed in the editor and run like statements."""
