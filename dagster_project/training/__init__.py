"""Training datasets out of the published snapshot: select, join texts, normalise, dedupe, split, write, verify.

Belongs here: the bytes of a dataset, and the verdict on them. Does not: which runs are selected (SQL in the marts).
"""

from dagster_project.training.export import ExportSummary, export_all, export_dataset, export_to_store

__all__ = ["ExportSummary", "export_all", "export_dataset", "export_to_store"]
