"""Errors that nothing recognises, the most widespread first."""

import msgspec

from dagster_project.errors import UsageError
from dagster_project.reporting.documents import Document, Reader

SCHEMA = "reliability.triage/1"


class UnknownError(msgspec.Struct, frozen=True, kw_only=True):
    """One row of triage_queue."""

    organization_id: str
    fingerprint: str
    source: str | None
    phase: str | None
    message_normalized: str
    nearest_code: str | None
    nearest_distance: float | None
    error_count: int
    run_count: int
    agent_count: int
    age_days: float | None
    sample_error_ids: str | None


class TriageDocument(Document, frozen=True, kw_only=True):
    """The head of the queue, and the share of errors that lie in it."""

    error_count: int
    unknown_count: int
    unknown: list[UnknownError]


def triage_document(reader: Reader, *, limit: int, organization_id: str | None = None) -> TriageDocument:
    """The first `limit` rows of the queue."""
    of_organization = [organization_id, organization_id]
    [counts] = reader.rows(
        "select cast(coalesce(sum(error_count), 0) as bigint) as error_count, "
        "cast(coalesce(sum(error_count) filter (where code = 'UNKNOWN.UNCLASSIFIED'), 0) as bigint) as unknown_count "
        "from agent_errors where (?::varchar is null or organization_id = ?::varchar)",
        of_organization,
    )
    unknown = reader.select(
        UnknownError,
        "from triage_queue where (?::varchar is null or organization_id = ?::varchar) "
        "order by triage_rank, organization_id limit ?",
        [*of_organization, limit],
    )
    return TriageDocument(schema=SCHEMA, **reader.header(organization_id), **counts, unknown=unknown)


def unknown_message(reader: Reader, fingerprint: str) -> str:
    """The masked message of the one queued fingerprint that begins so. Raises UsageError for none or several."""
    found = reader.rows(
        "select distinct fingerprint, message_normalized from triage_queue where starts_with(fingerprint, ?)",
        [fingerprint],
    )
    if len(found) != 1:
        said = "several unknown errors begin" if found else "no unknown error begins"
        raise UsageError(
            f"{said} with {fingerprint!r}.".capitalize(), remedy="Take one from `reliability triage list`."
        )
    return str(found[0]["message_normalized"])


def approved_aliases(reader: Reader, *, organization_id: str | None = None) -> dict[str, dict[str, str]]:
    """Tool → name that came → name expected, of the proposals that somebody approved and nobody has applied."""
    rows = reader.rows(
        "select tool_name, from_field, to_field from schema_proposals where state = 'approved' "
        "and (?::varchar is null or organization_id = ?::varchar) order by all",
        [organization_id, organization_id],
    )
    aliases: dict[str, dict[str, str]] = {}
    for row in rows:
        aliases.setdefault(row["tool_name"], {})[row["from_field"]] = row["to_field"]
    return aliases
