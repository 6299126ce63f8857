"""What changes objects: delete and undo, copy and move, new folders."""
