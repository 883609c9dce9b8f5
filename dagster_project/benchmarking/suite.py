"""A suite of tasks as people write it: YAML, read strictly."""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from dagster_project.declarations.documents import convert, read_yaml
from dagster_project.errors import UsageError

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Command = Annotated[list[Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$")]], msgspec.Meta(min_length=1)]


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One task: what the agent is told and given, and the command whose exit code judges its folder.

    `files` lie in the folder when the agent begins; `verifier_files` are written, over whatever is there, only after
    its end.
    """

    task_id: Name
    prompt: str
    verifier: Command
    files: dict[str, str] = {}
    verifier_files: dict[str, str] = {}
    time_limit_seconds: Seconds | None = None


class Suite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tasks that are run and compared together. Without `suite_version` it is a hash of the tasks."""

    suite_id: Name
    tasks: Annotated[list[Task], msgspec.Meta(min_length=1)]
    suite_version: Name | None = None
    attempts: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    time_limit_seconds: Seconds = 600.0
    verifier_time_limit_seconds: Seconds = 60.0

    @property
    def version(self) -> str:
        """What makes two runs of a task comparable: tasks that change are another version."""
        content = msgspec.json.encode([self.tasks, self.time_limit_seconds], order="deterministic")
        return self.suite_version or hashlib.sha256(content).hexdigest()[:12]


def load_suite(path: Path) -> Suite:
    """The suite in that file. Raises UsageError naming file, key and remedy."""
    suite = convert(read_yaml(path), Suite, path=path)
    seen: set[str] = set()
    for task in suite.tasks:
        if task.task_id in seen:
            raise UsageError(f"{path}: the task {task.task_id!r} occurs twice.", remedy="Give each a name of its own.")
        seen.add(task.task_id)
        for name in [*task.files, *task.verifier_files]:
            if not _stays_inside(name):
                raise UsageError(
                    f"{path}: the file {name!r} of task {task.task_id!r} would lie outside the task's folder.",
                    remedy="Name it by a relative path without '..'.",
                )
    return suite


def seconds_of(suite: Suite, task: Task) -> float:
    """How long the agent may take."""
    return task.time_limit_seconds or suite.time_limit_seconds


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\x00" not in name
