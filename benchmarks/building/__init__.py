"""Builds against hand-written SQL, against fewer days of history and against nothing new."""
