"""The ways into a server: where to, with which secret, over which certificate, and why not."""
