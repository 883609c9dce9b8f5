"""Peers on the same events, each in an environment of its own that the benchmark makes."""
