"""What is between this machine and a server, looked at step by step, without a driver: the name,
the port, what answers there, its certificate. Nothing here logs in."""
