"""Harbor's `result.json` and ATIF trajectories."""
