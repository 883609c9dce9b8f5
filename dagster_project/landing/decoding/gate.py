"""The gate every record passes, whatever its format: types, ranges, enums and ids as the schema has them.

The checks are derived from `records.TABLES` and `records.ENUMS`, run by one typed conversion per record, and
explained field by field only when that fails.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal

import msgspec
import pyarrow as pa

from dagster_project import records
from dagster_project.formats.base import Event, Rejected
from dagster_project.settings import Settings

_LARGEST = 2**63 - 1
_FINITE = 1.7976931348623157e308
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
SHARES = frozenset({"outcome_value", "confidence"})
"""Real numbers from 0 to 1."""
_COUNT = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
_SHARE = Annotated[float, msgspec.Meta(ge=0, le=1)]
_MONEY = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]
_REAL = Annotated[float, msgspec.Meta(ge=-_FINITE, le=_FINITE)]
_EXACT = 2**53
"""Up to here every integer is a double."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "runs": ("run_id", "agent_id"),
    "steps": ("run_id", "step_id"),
    "llm_calls": ("run_id",),
    "tool_calls": ("run_id", "tool_name"),
    "messages": ("run_id", "role"),
    "scores": ("name",),
    "events": ("event_type",),
    "unmapped_fields": ("field_name",),
}
"""Fields a record cannot do without, beside its event's organization_id and event_id."""


def _field_type(table: str, field: pa.Field, *, id_bytes: int) -> Any:
    """The Python type that admits exactly the column's values."""
    if field.type == records.TEXT:
        if (table, field.name) in records.ENUMS:
            return _one_of(records.ENUMS[table, field.name])
        if (table, field.name) == ("events", "event_type"):
            return _one_of(records.EVENT_TYPES)
        return Annotated[str, msgspec.Meta(min_length=1, max_length=id_bytes)] if _is_id(field) else str
    if field.type == records.REAL:
        return _MONEY if field.name.endswith("_usd") else _SHARE if field.name in SHARES else _REAL
    plain = {
        records.COUNT: _COUNT,
        records.FLAG: bool,
        records.DAY: dt.date,
        records.INSTANT: dt.datetime,
        records.LABELS: dict[str, str],
        records.TEXTS: list[str],
    }
    return plain[field.type]


def _one_of(values: frozenset[str]) -> Any:
    return Literal.__getitem__(tuple(sorted(values)))


def _is_id(field: pa.Field) -> bool:
    return field.type == records.TEXT and field.name.endswith("_id")


class Gate:
    """Judges events under one set of limits. Stateless; one per process."""

    def __init__(self, settings: Settings) -> None:
        self._id_bytes = settings.max_id_bytes
        self._message_bytes = settings.max_error_message_bytes
        self._types: dict[str, dict[str, Any]] = {}
        self._shapes: dict[str, type] = {}
        self._ids: dict[str, tuple[str, ...]] = {}
        self._reals: dict[str, tuple[str, ...]] = {}
        skipped = {*records.EVENT, *records.PROVENANCE} - {"occurred_at"}
        for table, schema in records.TABLES.items():
            fields = [field for field in schema if field.name not in skipped]
            types = {field.name: _field_type(table, field, id_bytes=self._id_bytes) for field in fields}
            self._types[table] = types
            self._ids[table] = tuple(field.name for field in fields if _is_id(field))
            self._reals[table] = tuple(name for name, kind in types.items() if kind is _REAL)
            self._shapes[table] = _shape(table, types)

    def check(self, event: Event) -> None:
        """Pass the event or raise Rejected; error messages are cut to what a fact may hold."""
        for name, value in (("organization_id", event.organization_id), ("event_id", event.event_id)):
            if not (
                type(value) is str and value.isascii() and value.isprintable() and 0 < len(value) <= self._id_bytes
            ):
                self._check_id(name, value)
        for table, fields in event.records:
            if table == "errors" and type(fields.get("message")) is str:
                fields["message"] = cut_text(fields["message"], max_bytes=self._message_bytes)
            try:
                msgspec.convert(fields, self._shapes[table])
            except (msgspec.ValidationError, KeyError, OverflowError):
                raise self._explanation(table, fields) from None
            for name in self._reals[table]:
                value = fields.get(name)
                if type(value) is int:
                    fields[name] = _double(value, name)
            for name in self._ids[table]:
                value = fields.get(name)
                if value is not None and not (value.isascii() and value.isprintable()):
                    self._check_id(name, value)

    def _check_id(self, name: str, value: object) -> None:
        if value is None or value == "":
            raise Rejected("missing_required", f"{name} is missing or empty")
        if type(value) is not str:
            raise Rejected("bad_type", f"{name} must be a string, not {type(value).__name__}")
        if value.isascii() and value.isprintable() and len(value) <= self._id_bytes:
            return
        if len(value.encode()) > self._id_bytes:
            raise Rejected("bad_id", f"{name} is longer than {self._id_bytes} bytes")
        if _CONTROL.search(value):
            raise Rejected("bad_id", f"{name} holds a control character")

    def _explanation(self, table: str, fields: dict[str, Any]) -> Rejected:
        """Which field of the record the schema refuses, and why."""
        types = self._types.get(table)
        if types is None:
            return Rejected("format_error", f"no table is named {table!r}")
        for name in REQUIRED.get(table, ()):
            if fields.get(name) is None or fields[name] == "":
                return Rejected("missing_required", f"{name} is missing or empty")
        for name, value in fields.items():
            if name not in types:
                return Rejected("format_error", f"{table} has no column {name!r}")
            if value is None:
                continue
            try:
                msgspec.convert(value, types[name])
            except (msgspec.ValidationError, OverflowError) as error:
                return Rejected(_reason(types[name], value, name), f"{name}: {error}")
        return Rejected("format_error", f"a record of {table} does not fit its schema")


def _shape(table: str, types: dict[str, Any]) -> type:
    required = REQUIRED.get(table, ())
    fields: list[Any] = [(name, types[name]) for name in required]
    fields += [(name, kind | None, None) for name, kind in types.items() if name not in required]
    return msgspec.defstruct(f"{table}_record", fields, forbid_unknown_fields=True, gc=False)


def _reason(kind: Any, value: object, name: str) -> str:
    """The quarantine reason for a value its field's type does not admit."""
    if kind in (_COUNT, _SHARE, _MONEY, _REAL):
        return "bad_number" if type(value) in (int, float) else "bad_type"
    if type(value) is str:
        return "bad_id" if name.endswith("_id") else "bad_enum"
    return "bad_type"


def _double(value: int, name: str) -> float:
    """The integer as the double that it is. Raises Rejected: bad_number when none is."""
    if not -_EXACT <= value <= _EXACT and int(float(value)) != value:
        raise Rejected("bad_number", f"{name} is {value}, which no double holds")
    return float(value)


def cut_text(text: str, *, max_bytes: int) -> str:
    """The longest start of `text` that is at most `max_bytes` of UTF-8."""
    if len(text) * 4 <= max_bytes:
        return text
    encoded = text.encode()
    return text if len(encoded) <= max_bytes else encoded[:max_bytes].decode("utf-8", "ignore")
