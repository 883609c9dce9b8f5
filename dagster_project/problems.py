"""Errors as documents: Problem Details (RFC 9457) with our extension, which every reader and writer shares.

`type` is `urn:ipai:failure:<CODE>`, a code of the failure taxonomy; the extension member `ipai` repeats the code and
says whether a repetition may help, where it happened, and which run it belongs to.
"""

import errno
import re
from pathlib import Path
from typing import Annotated

import msgspec

from dagster_project.errors import CheckFailed, ReliabilityError

MEDIA_TYPE = "application/problem+json"
SCHEMA_FILE = Path(__file__).parent / "problem_details.schema.json"
"""The JSON Schema (2020-12) of the document, as shipped."""

CODE_PATTERN = r"[A-Z]+(?:\.[A-Z0-9_]+)+"
TYPE_PREFIX = "urn:ipai:failure:"

OWN_PROBLEMS: dict[str, tuple[str, bool]] = {
    "DATA.QUALITY_FAILED": ("Data-quality check failed", False),
    "ENV.DISK_FULL": ("Disk full", False),
    "ENV.FILE_NOT_FOUND": ("File/path missing", False),
    "ENV.PERMISSION_DENIED": ("OS permission denied", False),
    "UNKNOWN.UNCLASSIFIED": ("Unclassified", False),
    "USER.INPUT_INVALID": ("Bad user input", False),
    "CONTEXT.REQUEST_TOO_LARGE": ("Request payload too large", False),
    "SCHEMA.REQUEST_INVALID": ("Invalid request to API", False),
    "TIMEOUT.REQUEST": ("HTTP/LLM request timed out", True),
    "NET.UPSTREAM_5XX": ("Upstream 5xx", True),
}
"""Title and retryability of the codes that our own errors have, as the shipped taxonomy declares them."""

_OF_ERRNO = {
    errno.ENOSPC: "ENV.DISK_FULL",
    errno.EDQUOT: "ENV.DISK_FULL",
    errno.ENOENT: "ENV.FILE_NOT_FOUND",
    errno.EACCES: "ENV.PERMISSION_DENIED",
    errno.EPERM: "ENV.PERMISSION_DENIED",
    errno.EROFS: "ENV.PERMISSION_DENIED",
}
_OF_STATUS = {408: "TIMEOUT.REQUEST", 413: "CONTEXT.REQUEST_TOO_LARGE"}


class Extension(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The extension member `ipai`."""

    code: Annotated[str, msgspec.Meta(pattern=f"^{CODE_PATTERN}$")]
    retryable: bool
    where: str
    correlation_id: str | None = None
    run_id: str | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Problem Details document; further members are allowed, and left alone."""

    type: Annotated[str, msgspec.Meta(pattern=f"^{TYPE_PREFIX}{CODE_PATTERN}$")]
    title: str
    status: Annotated[int, msgspec.Meta(ge=100, le=599)]
    detail: str
    ipai: Extension
    instance: str | None = None


def own_problem(code: str, *, status: int, detail: str, where: str) -> Problem:
    """A problem of ours: `code` is one of OWN_PROBLEMS."""
    title, retryable = OWN_PROBLEMS[code]
    extension = Extension(code=code, retryable=retryable, where=where)
    return Problem(type=TYPE_PREFIX + code, title=title, status=status, detail=detail, ipai=extension)


def problem_of(error: Exception, *, where: str) -> Problem:
    """What went wrong in a command: a check, the usage, or a disk."""
    if isinstance(error, CheckFailed):
        return own_problem("DATA.QUALITY_FAILED", status=422, detail=str(error), where=where)
    if isinstance(error, ReliabilityError):
        return own_problem("USER.INPUT_INVALID", status=400, detail=str(error), where=where)
    code = _OF_ERRNO.get(getattr(error, "errno", None) or 0, "UNKNOWN.UNCLASSIFIED")
    return own_problem(code, status=500, detail=str(error), where=where)


def problem_of_status(status: int, detail: str, *, where: str) -> Problem:
    """Why an HTTP request was refused."""
    code = _OF_STATUS.get(status, "SCHEMA.REQUEST_INVALID" if status < 500 else "NET.UPSTREAM_5XX")
    return own_problem(code, status=status, detail=detail, where=where)


def read_problem(body: bytes) -> Problem:
    """A document of anybody's that keeps to the schema. Raises msgspec.ValidationError or DecodeError."""
    problem = msgspec.json.decode(body, type=Problem)
    if problem.type != TYPE_PREFIX + problem.ipai.code:
        raise msgspec.ValidationError(f"type names another code than ipai.code: {problem.type}")
    return problem


def declared_code(text: str) -> str | None:
    """The code that a text declares by holding such a `type`, as SQL reads it from messages too."""
    found = re.search(f"{TYPE_PREFIX}({CODE_PATTERN})", text)
    return found.group(1) if found else None


def problem_schema() -> dict[str, object]:
    """JSON Schema of the document, derived from its type; SCHEMA_FILE holds the same."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Problem)}
