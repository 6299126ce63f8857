"""One file on its way: up, down, or copied on the server's side."""
