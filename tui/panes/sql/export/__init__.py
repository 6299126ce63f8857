"""A result as a file: asked for, written, and sent to S3."""
