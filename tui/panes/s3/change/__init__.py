"""What changes objects: delete and undo, copy and move, versions, new folders."""
