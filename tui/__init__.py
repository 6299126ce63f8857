"""Tristore: S3 objects, PostgreSQL tables and DynamoDB items in one terminal."""

__version__ = "0.1.0"
