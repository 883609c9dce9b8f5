"""Rows of Langfuse's blob storage export, spelled as its API spells them.

The export writes keys with underscores, times without a zone (UTC), what is not set as an empty text, and objects as
the texts of them.
"""

import re
from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.langfuse.observation import opened

_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)", re.ASCII)
_OBJECTS = ("modelParameters", "usageDetails", "costDetails")
_TIMES = ("startTime", "endTime", "completionStartTime", "timestamp")
NAMES = {
    name: name[0] + re.sub("_(.)", lambda letter: letter[1].upper(), name[1:])
    for name in (
        "trace_id", "project_id", "parent_observation_id", "start_time", "end_time", "status_message",
        "model_parameters", "usage_details", "cost_details", "completion_start_time", "total_cost", "model_id",
        "time_to_first_token", "created_at", "updated_at", "input_price", "output_price", "total_price", "user_id",
        "session_id", "trace_name", "observation_id", "string_value", "data_type",
    )
} | {"provided_model_name": "model", "providedModelName": "model"}  # fmt: skip
"""Name in the export → name in the API."""
# Seconds in some exports and milliseconds in others, and both are differences of times that are there.
_DERIVED = ("latency", "timeToFirstToken")


def as_the_api_names(content: dict[str, Any]) -> dict[str, Any]:
    """The row with the API's names and times, without what is not set. Raises Rejected: duplicate_key."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = NAMES.get(key, key)
        value = opened(value) if name in _OBJECTS else value
        if value is None or value == "" or name in _DERIVED:
            continue
        if name in found and found[name] != value:
            raise Rejected("duplicate_key", f"{name} is written twice, as {key} too")
        found[name] = _with_zone(value) if name in _TIMES else value
    metadata = found.get("metadata")
    if isinstance(metadata, dict) and "attributes" in metadata:
        found["metadata"] = metadata | {"attributes": opened(metadata["attributes"])}
    return found


def _with_zone(value: Any) -> Any:
    written = _TIME.fullmatch(value) if isinstance(value, str) else None
    return value if written is None else f"{written[1]}T{written[2]}Z"
