"""Objects copied and moved on the server's side."""
