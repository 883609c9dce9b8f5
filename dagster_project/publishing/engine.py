"""The engine of builds: what Spark needs on this machine, and which engine built last."""

import importlib.util
import os
import shutil
from dataclasses import replace
from pathlib import Path

from dagster_project import durable
from dagster_project.errors import UsageError
from dagster_project.settings import TARGETS, Settings


def spark_lack() -> str | None:
    """What is missing here to build on Spark, with the remedy; None when nothing is."""
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("dbt.adapters.spark") is None:
        return "the extra [spark] is not installed: run `make setup-spark`, or `pip install` the package with it"
    java_home = os.environ.get("JAVA_HOME")
    if not shutil.which("java") and not (java_home and (Path(java_home) / "bin" / "java").exists()):
        return "there is no Java: run `apt-get install default-jre-headless`, or set JAVA_HOME to Java 17 or newer"
    return None


def require_spark() -> None:
    """Raises UsageError when this machine cannot start Spark."""
    if lack := spark_lack():
        what, remedy = lack.split(": ", 1)
        raise UsageError(f"Spark cannot start: {what}.", remedy=f"{remedy[0].upper()}{remedy[1:]}.")


def spark_tables(settings: Settings) -> Path:
    """Where Spark keeps its tables as Parquet: every worker must see it under this path."""
    return settings.warehouse / "tables"


def kept_note(settings: Settings) -> Path:
    """What Spark's process notes of the tables that keep history: a session knows nothing of an earlier one's."""
    return spark_tables(settings) / "kept.json"


def has_kept(settings: Settings) -> bool:
    """Whether the tables of the last build on Spark are there to carry on."""
    return kept_note(settings).exists()


def remember_built(settings: Settings) -> None:
    """Note that this engine's private warehouse is the one a publication takes by default."""
    durable.write_bytes(_note(settings), settings.target.encode())


def built_last(settings: Settings) -> Settings:
    """The settings of the engine that built last; as given when none has."""
    note = _note(settings)
    target = note.read_text(encoding="utf-8") if note.exists() else ""
    return replace(settings, target=target) if target in TARGETS else settings


def _note(settings: Settings) -> Path:
    return settings.home / "warehouse" / "built-last"
