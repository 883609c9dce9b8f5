"""The stable identity of an error: equal for two occurrences of one problem, whatever code it is given later."""

import hashlib

FINGERPRINT_VERSION = "3"
"""Part of every fingerprint: a change of masks makes new fingerprints instead of silently shifting old ones."""


def length_prefixed(*fields: str | None) -> str:
    """Fields as one text that no other fields give: UTF-8 length, colon, value; a tilde for None."""
    return "".join("~" if field is None else f"{len(field.encode())}:{field}" for field in fields)


def fingerprint(
    masked: str,
    *,
    source: str | None,
    phase: str | None,
    code_declared: str | None = None,
    http_status: str | None = None,
    top_frame: str | None = None,
) -> str:
    """SHA-256 (hex) of what identifies the error; the *declared* code only, so reclassifying never changes it."""
    fields = length_prefixed(FINGERPRINT_VERSION, source, phase, code_declared, http_status, masked, top_frame)
    return hashlib.sha256(fields.encode()).hexdigest()


def group_id(template: str, *, code: str) -> str:
    """SHA-256 (hex) of (version, code, template of `grouping`): never equal across codes."""
    return hashlib.sha256(length_prefixed(FINGERPRINT_VERSION, code, template).encode()).hexdigest()
