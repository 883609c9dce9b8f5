"""Runs a command-line agent on a suite of tasks and records what it did, as native lines."""
