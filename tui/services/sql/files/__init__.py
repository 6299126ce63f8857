"""Files of this machine: SQL files, the editor's tabs, and COPY from and to files."""
