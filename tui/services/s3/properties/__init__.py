"""Everything that S3 says of one object beside its bytes, and changes of it."""
