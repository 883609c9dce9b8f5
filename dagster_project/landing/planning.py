"""What to do with each file: land it, land what was added, settle its tail, keep its texts, look again, or nothing."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from dagster_project.errors import UsageError
from dagster_project.formats.base import FileFacts, Format, Head, unit_name
from dagster_project.landing.decoding.loaded_formats import formats_by_name
from dagster_project.landing.ledger import Ledger, Row, depends_on_path, identity_of
from dagster_project.landing.plans import Action, Plan
from dagster_project.landing.reading.compression import Stream, compression_of
from dagster_project.landing.reading.file_states import FileState, goes_on_with_a_new_line, is_there, read_state
from dagster_project.landing.reading.heads import further_heads, read_head
from dagster_project.landing.reading.parquet_rows import refusal as parquet_refusal
from dagster_project.landing.reading.sources import Skipped, Source
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings


def state_of(source: Source, *, ledger: Ledger) -> FileState | Skipped:
    """Size and hashes of the file; hashing releases the interpreter lock, so threads may do many at once."""
    known = ledger.of_path(source.display)
    try:
        return read_state(source.path, prefix_bytes=None if known is None else known["file_bytes"])
    except OSError as error:
        return Skipped(source.display, f"it cannot be read: {error.strerror}", is_named=True)


class Planner:
    """Plans files one after the other, in the order they will land.

    An unfinished tail that is still as an earlier landing saw it is given up. `settled_number` is the last snapshot
    of earlier landings: when this one carries on one that was killed, what that one committed is no second look.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        ledger: Ledger,
        source: str | None,
        map_files: tuple[Path, ...],
        consent: Consent,
        settled_number: int,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._consent = consent
        self._formats = formats_by_name(settings, map_files)
        self._forced = self._format_named(source) if source is not None else None
        self._seen: dict[str, str] = {}  # batches of this landing, by content or identity → identity
        self._moved: dict[str, str] = {}  # batch, by identity → the one path that it may have been moved to
        self._settled_number = settled_number

    def _format_named(self, name: str) -> Format:
        if name not in self._formats:
            known = ", ".join(self._formats)
            raise UsageError(f"There is no format {name!r}.", remedy=f"Give --source one of: {known}.")
        return self._formats[name]

    def plan(self, source: Source, state: FileState) -> Plan | Skipped:
        """What to do with the file; Skipped when no format takes it."""
        plan = self._plan(source, state)
        if isinstance(plan, Plan):
            plan.modified_ns = state.modified_ns
        return plan

    def _plan(self, source: Source, state: FileState) -> Plan | Skipped:
        if state.sha256 in self._seen:
            return self._repeat(source, state, self._seen[state.sha256])
        known = self._ledger.of_content(state.sha256)
        if known is not None and (known["format"] not in self._formats or not depends_on_path(known)):
            self._seen[state.sha256] = identity_of(known)
            return self._repeat(source, state, identity_of(known))
        detected = self.detect(source, state)
        if isinstance(detected, Skipped):
            return detected
        format, identity_sha256 = detected
        if identity_sha256 in self._seen:
            return self._repeat(source, state, identity_sha256)
        self._seen[identity_sha256] = identity_sha256
        known = self._ledger.of_identity(identity_sha256) or self._moved_from(source, state, format)
        if known is not None:
            return self._repeat(source, state, identity_of(known))
        is_plain = compression_of(state.start) == "none"
        plan = Plan(
            source=source,
            action="new",
            format=format.name,
            file_bytes=state.file_bytes,
            sha256=state.sha256,
            batch_id=identity_sha256[:32],
            is_plain=is_plain,
            identity_sha256=identity_sha256,
        )
        return self._grown(plan, state, format) or plan

    def _moved_from(self, source: Source, state: FileState, format: Format) -> Row | None:
        """The row of the same content where it lay before it was moved or renamed here, which changes no event.

        A map says which parts of a path tell events apart, so its files move only where it says nothing of them.
        """
        if format.map_sha256 is not None:
            return None
        for row in self._ledger.all_of_content(state.sha256):
            if row["format"] != format.name or is_there(row):
                continue
            if self._moved.setdefault(identity_of(row), source.display) == source.display:
                return row
        return None

    def _repeat(self, source: Source, state: FileState, identity_sha256: str) -> Plan:
        """Content that landed before, or that an earlier file of this landing has: `row_of` it is in the ledger."""
        is_plain = compression_of(state.start) == "none"
        return Plan(source, "repeat", "", state.file_bytes, state.sha256, "", is_plain, identity_sha256)

    def row_of(self, plan: Plan) -> Row | None:
        """The ledger row of the planned file's content, once it has landed."""
        return self._ledger.of_identity(plan.identity_sha256)

    def is_of_other_version(self, plan: Plan) -> bool:
        """Whether units of the known file landed by another version of its format or map."""
        row = self._ledger.of_identity(plan.identity_sha256) if plan.action == "repeat" else None
        format = None if row is None else self._formats.get(row["format"])
        if row is None or format is None or not row["landed_count"]:
            return False
        return (row["format_version"], row["map_sha256"]) != (format.version, format.map_sha256)

    def committed(self, rows: Sequence[Row]) -> None:
        """Learn what a commit of this landing wrote to the ledger."""
        for row in rows:
            self._ledger.add(row)

    def later(self, plan: Plan, action: Action) -> Plan | None:
        """What of that kind is left to do with the planned file, now that its content has landed; None: nothing.

        Newly wanted texts, an unfinished tail to give up, or a second look. An earlier landing saw the tail.
        """
        row = self._ledger.of_identity(plan.identity_sha256)
        if row is None or row["format"] not in self._formats:
            return None
        settles_tail = bool(row["pending_count"]) and row["commit_number"] <= self._settled_number
        is_due = {
            "texts": self._wants_texts(row),
            "tail": settles_tail,
            "again": self._deserves_second_look(row),
        }
        if not is_due[action]:
            return None
        is_resumed = action == "tail" and self._formats[row["format"]].framing == "lines"
        return msgspec.structs.replace(
            plan,
            action=action,
            format=row["format"],
            batch_id=row["batch_id"],
            previous=row,
            settles_tail=settles_tail and action != "again",
            resume_offset=row["resume_offset"] if is_resumed else 0,
            units_before=row["unit_count"] - row["pending_count"] if is_resumed else 0,
        )

    def _deserves_second_look(self, row: Row) -> bool:
        """Whether another map or version quarantined units of it that this one may read. What landed stands."""
        format = self._formats[row["format"]]
        is_as_it_was = (row["format_version"], row["map_sha256"]) == (format.version, format.map_sha256)
        return bool(row["quarantined_count"]) and not is_as_it_was and row["unit"] == unit_name(format.framing)

    def _wants_texts(self, row: Row) -> bool:
        """Whether the consent of now may keep texts that the one of then did not."""
        if row["payloads_kept"] or row["landed_count"] + row["duplicate_count"] == 0:
            return False
        return self._consent.is_possible and row["consent_sha256"] != self._consent.sha256

    def _grown(self, new: Plan, state: FileState, format: Format) -> Plan | None:
        """The plan for a file of lines whose beginning has landed from this very path, else None."""
        source = new.source
        row = self._ledger.of_path(source.display)
        if row is None or format.framing != "lines" or row["format"] != format.name:
            return None
        if state.prefix_sha256 != row["source_file_sha256"] or row["format_version"] != format.version:
            return None
        stream = Stream(source.path, file_bytes=state.file_bytes, settings=self._settings)
        if not row["pending_count"] and not goes_on_with_a_new_line(stream, row["resume_offset"]):
            return None
        return msgspec.structs.replace(
            new,
            action="grown",
            batch_id=row["batch_id"],
            previous=row,
            resume_offset=row["resume_offset"],
            units_before=row["unit_count"] - row["pending_count"],
        )

    def detect(self, source: Source, state: FileState) -> tuple[Format, str] | Skipped:
        """The file's format and the hash that tells its content from equal content at a path of another meaning."""
        try:
            head = read_head(source.path, display=source.display, file_bytes=state.file_bytes, settings=self._settings)
        except OSError as error:
            return Skipped(source.display, f"it cannot be read: {error.strerror}", is_named=True)
        if compression_of(state.start) == "parquet" and (why := parquet_refusal(source.path)) is not None:
            return Skipped(source.display, why, is_named=source.is_named)
        if self._forced is not None:
            return self._forced, _identity(state, self._forced.facts(head))
        refusals = []
        is_zip = compression_of(state.start) == "zip"
        for format in self._formats.values():
            refusal = "it is a zip archive" if is_zip and format.framing != "archive" else format.refusal(head)
            if refusal is None:
                return format, _identity(state, format.facts(head))
            refusals.append(f"{format.name}: {refusal}")
        if (format := self._known_by_more(source, state, head)) is not None:
            return format, _identity(state, format.facts(head))
        return Skipped(source.display, "no format takes it; " + "; ".join(refusals), is_named=source.is_named)

    def _known_by_more(self, source: Source, state: FileState, head: Head) -> Format | None:
        """A format of lines that takes the file by more than its head, which is all of very long lines."""
        try:
            for further in further_heads(source.path, head, file_bytes=state.file_bytes, settings=self._settings):
                # What holds nothing is an empty file of ours; the end of a foreign one is not.
                for format in self._formats.values() if further.start.strip() else ():
                    if format.framing == "lines" and format.refusal(further) is None:
                        return format
        except OSError:
            return None  # readable a moment ago: the next landing will say so
        return None


def _identity(state: FileState, facts: FileFacts) -> str:
    """The content's hash; with what the path adds to identity, the hash of both."""
    if not facts.identity:
        return state.sha256
    return hashlib.sha256(msgspec.json.encode((state.sha256, facts.identity))).hexdigest()
