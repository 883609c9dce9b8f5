"""`reliability agent`: everything known of one agent."""

import click

from dagster_project.commands.show import as_json_option, organization_option, schema_option, show_document
from dagster_project.reporting.agents import AgentDocument, agent_document
from dagster_project.reporting.tables import count, interval, number, percent, seconds, text_table, usd


@click.command()
@click.argument("agent_id", metavar="ID")
@organization_option
@as_json_option
@schema_option(AgentDocument)
def command(*, agent_id: str, organization_id: str | None, as_json: bool) -> None:
    """Show one agent: metrics by window, its standing among others, how well it knows itself, how it fails.

    Exit 2 when there is no such agent; a window without runs is left out.
    """
    show_document(
        lambda reader: agent_document(reader, agent_id, organization_id=organization_id), _lines, as_json=as_json
    )


def _lines(document: AgentDocument) -> list[str]:
    lines = [f"{document.agent_id} of {document.organization_id}: {', '.join(document.capabilities)}", ""]
    lines += [_metrics(document), ""]
    if document.standing:
        lines += [_standing(document), ""]
    if document.calibration:
        found = document.calibration
        lines += [
            f"states {percent(found.mean_confidence)} confidence, succeeds in {percent(found.success_rate)} of "
            f"{count(found.run_count)} runs: overconfidence {100 * found.overconfidence:+.1f} points, "
            f"ECE {number(found.ece, 3)}, Brier {number(found.brier, 3)}",
            "",
        ]
    if document.top_failures:
        rows = [[row.code, count(row.error_count), count(row.run_count)] for row in document.top_failures]
        lines += [text_table(["failure code", "errors", "runs"], rows), ""]
    return lines


def _metrics(document: AgentDocument) -> str:
    headers = ["window", "runs", "scored", "success", "95 % interval", "if left-outs counted", "p50", "p95", "$/run",
               "$/success", "halluc.", "retried", "disputed"]  # fmt: skip
    rows = [
        [
            row.window_name, count(row.run_count), count(row.scored_run_count), percent(row.success_rate),
            interval(row.success_rate_low, row.success_rate_high),
            interval(row.success_rate_floor, row.success_rate_ceiling), seconds(row.latency_p50_ms),
            seconds(row.latency_p95_ms), usd(row.avg_cost_usd), usd(row.cost_per_success_usd),
            percent(row.hallucination_rate), percent(row.retry_rate), percent(row.dispute_rate),
        ]
        for row in document.metrics
    ]  # fmt: skip
    return text_table(headers, rows)


def _standing(document: AgentDocument) -> str:
    headers = ["capability", "window", "place", "of", "tied", "score", "95 % interval", "rank", "hiring", "gate"]
    rows = [
        [
            row.capability, row.window_name, count(row.place), count(row.cohort_size), count(row.tied_count),
            number(row.reliability_score, 1), interval(row.reliability_score_low, row.reliability_score_high, scale=1),
            number(row.percentile_rank, 0), number(row.hiring_score, 1), row.gate_reason or row.gate,
        ]
        for row in document.standing
    ]  # fmt: skip
    return text_table(headers, rows, left=2)
