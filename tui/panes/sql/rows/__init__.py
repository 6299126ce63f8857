"""The rows of a result: ordered, filtered, looked at closely, counted, copied."""
