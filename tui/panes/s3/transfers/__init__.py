"""What the S3 pane shows before, during and after an upload or a download."""
