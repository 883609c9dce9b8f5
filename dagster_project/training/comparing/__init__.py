"""The passes over all rows together: duplicates, near-duplicates, and what a benchmark protects."""
