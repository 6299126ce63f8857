"""What goes where, shown before anything is sent or written."""
