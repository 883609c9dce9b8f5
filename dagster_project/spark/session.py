"""The Spark session of one build: what its results rest on is fixed here, what its size is may be set outside.

Anything that is not fixed comes from Spark's own `spark-defaults.conf` (`SPARK_CONF_DIR`).
"""

import os
import sys
from typing import TYPE_CHECKING

from dagster_project.publishing.engine import spark_tables
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEANING = {
    # DuckDB's rules: an overflow or a text that is no number is an error, not a NULL.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # Landed times carry no zone: they are UTC, as the session is.
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    # An incremental model replaces the dates it computed and no other.
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    "spark.sql.sources.default": "parquet",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
}

LOCAL_SIZE = {
    "spark.driver.memory": "2g",
    # Of the cluster that `compare-engines --cluster` starts; one process has no executors.
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.autoBroadcastJoinThreshold": "10m",
}

QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def session_options(settings: Settings) -> dict[str, str]:
    """Every option of the build's session. On a cluster of others' machines its size is the cluster's own affair."""
    master = settings.spark_master
    options = {
        "spark.app.name": "reliability build",
        "spark.master": master,
        "spark.sql.warehouse.dir": str(spark_tables(settings)),
        **MEANING,
        **QUIET,
    }
    if is_on_this_machine(master):
        options |= LOCAL_SIZE | LOOPBACK
    return options


def is_on_this_machine(master: str) -> bool:
    """Whether the address is this process or a master on loopback."""
    return master.startswith(("local", "spark://127.0.0.1:"))


def open_session(settings: Settings) -> "SparkSession":
    """Start Spark; one session lives from the first input to the last mart."""
    from pyspark.sql import SparkSession

    # Workers on this machine run this very Python, which has our package and its libraries.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if is_on_this_machine(settings.spark_master):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder
    for name, value in session_options(settings).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
