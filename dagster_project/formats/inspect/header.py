"""The header of an Inspect log: what all samples of an evaluation share."""

import functools
import hashlib
import json
from typing import Any

import msgspec

from dagster_project.formats.base import Rejected
from dagster_project.formats.shapes import shaped
from dagster_project.formats.text_lane import json_text

_SHOWN_CHARACTERS = 300


class Revision(msgspec.Struct):
    commit: str | None = None


class EvalSpec(msgspec.Struct):
    """The keys of `eval` that are taken."""

    task: str
    model: str
    created: str
    run_id: str = ""
    task_id: str = ""
    eval_id: str | None = None
    eval_set_id: str | None = None
    task_version: int | str | None = None
    solver: str | None = None
    tags: list[str] | None = None
    revision: Revision | None = None
    packages: dict[str, str] | None = None
    task_args: Any = None
    solver_args: Any = None
    model_args: Any = None
    model_generate_config: Any = None
    config: Any = None


class Header(msgspec.Struct):
    """The keys of a log that are taken; one that was cut short has no status."""

    eval: EvalSpec
    status: str | None = None
    invalidated: bool = False

    @property
    def config_hash(self) -> str:
        """sha256 of all that was set for task, solver, model and evaluation."""
        spec = self.eval
        settings = [spec.task_args, spec.solver, spec.solver_args, spec.model_args, spec.model_generate_config]
        return hashlib.sha256(msgspec.json.encode([*settings, spec.config], order="sorted")).hexdigest()

    @property
    def labels(self) -> dict[str, str]:
        """What tells evaluations apart beyond task and model."""
        spec = self.eval
        said = {
            "eval_run_id": spec.run_id, "eval_task_id": spec.task_id, "eval_id": spec.eval_id,
            "eval_set_id": spec.eval_set_id, "eval_status": self.status,
            "inspect_version": (spec.packages or {}).get("inspect_ai"),
            "tags": json_text(spec.tags) if spec.tags else None, "invalidated": "true" if self.invalidated else None,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}


@functools.lru_cache(maxsize=8)
def read_header(raw: bytes) -> Header:
    """The header in these bytes. Metrics may be NaN, as Inspect writes them: they are not taken.

    Raises Rejected when there is none, or when it lacks what every evaluation has.
    """
    if not raw:
        raise Rejected("missing_required", "the log has no header that can be read: nobody knows whose the sample is")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Rejected("bad_json", f"the log's header: {error}") from None
    return shaped(content, Header)


def told_of_no_sample(raw: bytes) -> str:
    """What the header of a log without samples says of it: how it ended, and the error it ended in."""
    told = "it holds no sample"
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return told
    if type(content) is not dict:
        return told
    if type(content.get("status")) is str:
        told += f"; status {content['status'][:64]}"
    error = content.get("error")
    if type(error) is dict and type(error.get("message")) is str:
        told += f": {error['message'][:_SHOWN_CHARACTERS]}"
    return " ".join(told.split())
