"""What native lines may write more conveniently, for whole columns: the counterpart of `native_records`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.formats.columnar import RecordColumns, TextColumns, filled, sha256_texts
from dagster_project.formats.native.records import is_json_object
from dagster_project.formats.native.vocabulary import COLUMNS, SPLITS, STATUS


class Rows:
    """The rows of one event type while they are completed: `fields` become the table's columns.

    `kept` says of which rows all is proven so far; `hashes` stand for the texts of the same members; those not
    known yet are made.
    """

    def __init__(self, table: str, columns: dict[str, pa.Array], hashes: dict[str, pa.Array]) -> None:
        self.table = table
        self.given = columns
        self.fields = {name: column for name, column in columns.items() if name in COLUMNS[table]}
        self.occurred_at = columns["occurred_at"]
        self.count = len(columns["event_id"])
        self.kept = np.ones(self.count, dtype=bool)
        self.hashes = hashes
        self.texts: list[TextColumns] = []
        self.record_count = np.ones(self.count, dtype=np.int64)
        self.others: list[RecordColumns] = []

    def keep(self, proven: pa.Array | np.ndarray) -> None:
        """Keep only rows where `proven`; NULL proves nothing."""
        if not isinstance(proven, np.ndarray):
            proven = filled(proven, missing=False).to_numpy(zero_copy_only=False)
        self.kept &= proven

    def default(self, name: str, values: pa.Array | pa.Scalar) -> None:
        """Give the field where it is not given."""
        if name in self.fields:
            self.fields[name] = pc.call_function("coalesce", [self.fields[name], values])
        elif isinstance(values, pa.Scalar):
            self.fields[name] = pa.repeat(values, self.count)
        else:
            self.fields[name] = values

    def hash_text(self, key: str, *, column: str, kind: str) -> None:
        """The text's hash becomes the field; the text itself goes the payload lane's way."""
        if key not in self.given:
            return
        text = self.given[key]
        if key not in self.hashes:
            self.hashes[key] = sha256_texts(text)
        sha256 = self.hashes[key]
        self.fields[column] = (
            pc.call_function("coalesce", [sha256, self.fields[column]]) if column in self.fields else sha256
        )
        there = np.flatnonzero(text.is_valid().to_numpy(zero_copy_only=False))
        self.texts.append(TextColumns(kind, sha256.drop_null(), text.drop_null(), there))

    def whole(self, *, total: str, parts: tuple[str, ...]) -> None:
        """Keep only rows whose inclusive total holds its parts."""
        inside = [self.given[part].fill_null(0) for part in parts if part in self.given]
        if total not in self.given or not inside:
            return
        summed = inside[0]
        for part in inside[1:]:
            summed = pc.call_function("add", [summed, part])  # of parts below 2**62, see `are_counts`
        less = pc.call_function("less", [self.given[total], summed]).fill_null(fill_value=False)
        self.keep(~less.to_numpy(zero_copy_only=False))

    def are_counts(self, *names: str) -> None:
        """Keep only rows with counts from 0 in these members, small enough to be added up."""
        for name in names:
            if name in self.given:
                column = filled(self.given[name], missing=0).to_numpy()
                self.keep((column >= 0) & (column < 1 << 60))

    def records(self) -> list[RecordColumns]:
        """The records of all rows."""
        return [RecordColumns(self.table, self.fields, np.arange(self.count)), *self.others]


def _complete_runs(rows: Rows) -> None:
    given = rows.given
    if "status" in given:
        _complete_status(rows, given["status"])
    if "outcome" in rows.fields:
        by_itself = pc.call_function(
            "if_else", [rows.fields["outcome"].is_valid(), pa.scalar("self"), pa.scalar(None, records.TEXT)]
        )
        rows.default("outcome_source", by_itself)
    if "retries" in given:
        rows.default("retry_count", given["retries"])
    rows.hash_text("message", column="message_sha256", kind="run_message")
    rows.are_counts("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    rows.whole(total="input_tokens", parts=("cache_read_tokens", "cache_write_tokens"))
    rows.whole(total="output_tokens", parts=("reasoning_tokens",))
    if "labels" in given:
        rows.fields["labels"] = _labels(given["labels"])
    if "error" in given:
        _add_run_errors(rows, given["error"])


def _complete_status(rows: Rows, status: pa.Array) -> None:
    encoded = status.dictionary_encode()
    known = [STATUS.get(value, (None, None)) for value in encoded.dictionary.to_pylist()]
    for place, name in enumerate(("termination", "outcome")):
        meant = pa.array([pair[place] for pair in known], records.TEXT).take(encoded.indices)
        rows.keep(pc.call_function("or", [meant.is_valid(), status.is_null()]))
        rows.default(name, meant)


def _labels(given: pa.StructArray) -> pa.Array:
    """The map of each row's labels, by key in order, from a struct of the keys."""
    children = given.flatten()
    there = np.column_stack([child.is_valid().to_numpy(zero_copy_only=False) for child in children])
    # Row by row out of columns that lie one after the other.
    order = np.arange(there.size).reshape(there.shape[::-1]).T[there]
    names = np.repeat(np.arange(len(children)), len(given))[order]
    ends = np.cumsum(there.sum(axis=1))
    is_null = given.is_null().to_numpy(zero_copy_only=False)
    offsets = pa.array(np.append(0, ends).astype(np.int32), mask=np.append(is_null, False))
    return pa.MapArray.from_arrays(
        offsets,
        pa.array([field.name for field in given.type]).take(pa.array(names)),
        pa.concat_arrays(children).take(pa.array(order)),
    )


def _add_run_errors(rows: Rows, error: pa.Array) -> None:
    has_error = error.is_valid()
    there = np.flatnonzero(has_error.to_numpy(zero_copy_only=False))
    taken = error.filter(has_error)
    columns: dict[str, pa.Array] = {}
    for field, column in zip(error.type, taken.flatten(), strict=True):
        if column.null_count < len(column):
            columns["code_declared" if field.name == "code" else field.name] = column
    columns["error_id"] = rows.given["event_id"].filter(has_error)
    if "run_id" in rows.fields:
        columns["run_id"] = rows.fields["run_id"].filter(has_error)
    columns["seq"] = pa.repeat(pa.scalar(0, records.COUNT), len(there))
    if "error_type" in columns:
        placed = np.full(rows.count, -1)
        placed[there] = np.arange(len(there))
        rows.default("error_type", columns["error_type"].take(pa.array(placed, mask=placed < 0)))
    rows.record_count[there] += 1
    rows.others.append(RecordColumns("errors", columns, there))


def _complete_messages(rows: Rows) -> None:
    rows.hash_text("content", column="content_sha256", kind="message")
    if "content" in rows.given:
        length = pc.cast(pc.call_function("binary_length", [rows.given["content"]]), records.COUNT)
        before = rows.fields.get("content_bytes")
        rows.fields["content_bytes"] = length if before is None else pc.call_function("coalesce", [length, before])


def _complete_tool_calls(rows: Rows) -> None:
    rows.default("tool_call_id", rows.given["event_id"])
    if "arguments" in rows.given:
        texts = rows.given["arguments"].to_pylist()
        are_valid = [None if text is None else is_json_object(text) for text in texts]
        rows.default("arguments_valid", pa.array(are_valid, records.FLAG))
    rows.hash_text("arguments", column="arguments_sha256", kind="tool_arguments")
    rows.hash_text("result", column="result_sha256", kind="tool_result")


def _complete_llm_calls(rows: Rows) -> None:
    rows.default("llm_call_id", rows.given["event_id"])
    cached, thought = ("cache_read_tokens", "cache_write_tokens"), ("reasoning_tokens",)
    conveniences = ("input_tokens", "output_tokens", *cached, *thought)
    if not any(name in rows.given for name in conveniences):
        return
    rows.are_counts(*conveniences)
    rows.whole(total="input_tokens", parts=cached)
    rows.whole(total="output_tokens", parts=thought)
    given = [rows.given[name].is_valid() for name in conveniences if name in rows.given]
    any_given = given[0]
    for one in given[1:]:
        any_given = pc.call_function("or", [any_given, one])
    rows.default(
        "usage_convention",
        pc.call_function("if_else", [any_given, pa.scalar("inclusive"), pa.scalar(None, records.TEXT)]),
    )
    for total, rest, parts in SPLITS:
        _split_tokens(rows, total, rest=rest, parts=parts)


def _split_tokens(rows: Rows, total: str, *, rest: str, parts: dict[str, str]) -> None:
    """An inclusive total into its disjoint parts; see SPLITS."""
    unknown = pa.nulls(rows.count, records.COUNT)
    left: Any = rows.given.get(total, unknown)
    is_told = left.is_valid()
    for part, column in parts.items():
        value = rows.given.get(part, unknown)
        none_of_it = pc.call_function("if_else", [is_told, pa.scalar(0, records.COUNT), unknown])
        known = pc.call_function("coalesce", [value, none_of_it])
        rows.default(column, known)
        left = pc.call_function("subtract", [left, known])
    rows.default(rest, left)


def _complete_scores(rows: Rows) -> None:
    rows.default("score_id", rows.given["event_id"])
    rows.default("scored_at", rows.occurred_at)
    rows.default("target_type", pa.scalar("run"))
    of_run = pc.call_function("equal", [rows.fields["target_type"], pa.scalar("run")])
    nothing = pa.nulls(rows.count, records.TEXT)
    target, run = rows.fields.get("target_id", nothing), rows.fields.get("run_id", nothing)
    either = pc.call_function("coalesce", [target, run])
    rows.fields["target_id"] = pc.call_function("if_else", [of_run, either, target])
    rows.fields["run_id"] = pc.call_function("if_else", [of_run, pc.call_function("coalesce", [run, either]), run])


def _complete_errors(rows: Rows) -> None:
    rows.default("error_id", rows.given["event_id"])
    if "code" in rows.given:
        rows.default("code_declared", rows.given["code"])


def _complete_nothing(rows: Rows) -> None:
    """Steps write every column as it is."""


COMPLETE_COLUMNS: dict[str, Callable[[Rows], None]] = {
    "runs": _complete_runs,
    "steps": _complete_nothing,
    "messages": _complete_messages,
    "tool_calls": _complete_tool_calls,
    "llm_calls": _complete_llm_calls,
    "scores": _complete_scores,
    "errors": _complete_errors,
}
"""By table; `events` keep whatever they hold, which no column can."""
