"""Secrets and structured personal data out of texts: typed placeholders instead, the same for the same value.

Belongs here: what a secret or a personal datum looks like, and replacing it in one conversation. Does not: which
texts are exported. Names of persons and free-form addresses cannot be found by their form: nothing here promises it.
"""

from dagster_project.training.texts.scrubbing.scrubber import ResidueError, Scrubber, residue, scrubbing_version

__all__ = ["ResidueError", "Scrubber", "residue", "scrubbing_version"]
