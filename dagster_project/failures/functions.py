"""SQL functions of this package that no SQL expression gives, for the connections that dbt opens."""

import pyarrow as pa
from duckdb import DuckDBPyConnection
from duckdb.func import ARROW

from dagster_project.failures.grouping import templates

GROUP_TEMPLATES = "group_templates"


def group_templates(messages: pa.ChunkedArray) -> pa.Array:
    """A column of lists of masked messages → a column of lists of their templates, in the same order."""
    answers = []
    for each in messages.to_pylist():
        template_of = templates(each)
        answers.append([template_of[message] for message in each])
    return pa.array(answers, pa.list_(pa.string()))


def register(connection: DuckDBPyConnection) -> None:
    """Make the functions callable from SQL on this connection; doing so twice is harmless."""
    known = connection.execute("select 1 from duckdb_functions() where function_name = ?", [GROUP_TEMPLATES])
    if not known.fetchone():
        connection.create_function(GROUP_TEMPLATES, group_templates, ["VARCHAR[]"], "VARCHAR[]", type=ARROW)
