"""This machine's side: files and folders, their names, and writes that lose nothing."""
