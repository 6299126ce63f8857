"""The bytes of objects on their way: put, read, checked, in one request or in parts."""
