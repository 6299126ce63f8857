"""What a bucket is: its settings, what protects it, who may read it, and making one."""
