"""The full screens: workspace, cleanup, transfers, help."""
