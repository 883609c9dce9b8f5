"""Inspect's logs, `.eval` archives and `.json`: header, samples, turns, scores, usage."""
