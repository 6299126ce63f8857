"""SQL as a text: its tokens and statements, what they do, and what is not sent."""
