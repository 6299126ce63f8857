"""What is set of a bucket: its creation, public access, settings."""
