"""What else is exported from the published snapshot: labels, hiring signals, reliability cards, the ranker.

Belongs here: tables and documents that hold figures, codes and ids, no conversation. Does not: datasets to train on.
"""

from dagster_project.training.artifacts.writing import ARTIFACTS, ArtifactSummary, export_artifact, export_artifacts

__all__ = ["ARTIFACTS", "ArtifactSummary", "export_artifact", "export_artifacts"]
