"""Great Expectations judges in a process that has Spark loaded and whose main module is no file."""

import importlib.util
import subprocess
import sys

import pytest

JUDGE = """
import pyspark.sql
from dagster_project.checks.expectations import _great_expectations
print(_great_expectations().__name__, pyspark.sql.SparkSession.__name__)
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="needs Spark: make setup-spark")
def test_it_loads_beside_spark_and_leaves_spark_as_it_was() -> None:
    ran = subprocess.run([sys.executable, "-c", JUDGE], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["great_expectations", "SparkSession"], ran.stderr
