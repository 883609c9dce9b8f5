"""What the demo shows: a few tables over the published marts, for the eye."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dagster_project.simulate.findings import Finding, Verdict
from dagster_project.simulate.judge import Query
from dagster_project.simulate.truth import Truth

AGENTS_SQL = """
    select
        agent_metrics.agent_id, agent_metrics.scored_run_count, agent_metrics.success_rate,
        agent_metrics.success_rate_low, agent_metrics.success_rate_high, ranks.percentile_rank,
        agent_metrics.latency_p95_ms, agent_metrics.cost_per_success_usd
    from agent_metrics
    left join agent_percentile_ranks as ranks
        on
            agent_metrics.organization_id = ranks.organization_id
            and agent_metrics.agent_id = ranks.agent_id
            and agent_metrics.window_name = ranks.window_name
            and ranks.metric = 'success_rate'
    where agent_metrics.window_name = 'all'
    order by agent_metrics.success_rate_low desc nulls last, agent_metrics.agent_id
    limit 6
"""
FAILURES_SQL = """
    select failure_patterns.code, failure_modes.title, sum(failure_patterns.error_count) as errors,
        count(distinct failure_patterns.agent_id) as agents
    from failure_patterns
    left join failure_modes on failure_patterns.code = failure_modes.code
    group by 1, 2
    order by errors desc, 1
    limit 6
"""
SUITE_SQL = """
    select summaries.suite_id, summaries.variant_id, summaries.task_count, summaries.run_count, summaries.success_rate,
        summaries.success_rate_low, summaries.success_rate_high, pass_k.k, pass_k.pass_hat_k
    from benchmark_summaries as summaries
    inner join benchmark_pass_k as pass_k
        on
            summaries.organization_id = pass_k.organization_id
            and summaries.suite_id = pass_k.suite_id
            and summaries.suite_version = pass_k.suite_version
            and summaries.variant_id = pass_k.variant_id
    order by summaries.suite_id, summaries.variant_id, pass_k.k
"""
COMPARISONS_SQL = """
    select suite_id, variant_a, variant_b, difference, difference_low, difference_high, q_value, verdict, is_ablation
    from variant_comparisons
    where metric = 'success_rate'
    order by suite_id, is_ablation desc, variant_a, variant_b
"""


def found_tables(truth: Truth, query: Query) -> list[RenderableType]:
    """Agents, failures, and of each suite its variants and their comparisons, each a titled table."""
    return [
        _agents(truth, query(AGENTS_SQL)),
        _failures(query(FAILURES_SQL)),
        *(_suite(suite, rows) for suite, rows in _by_suite(query(SUITE_SQL))),
        *(_comparisons(truth, suite, rows) for suite, rows in _by_suite(query(COMPARISONS_SQL))),
    ]


def _by_suite(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """The rows, whose first column is the suite and which are ordered by it, suite by suite without that column."""
    for suite, own in groupby(rows, key=itemgetter(0)):
        yield suite, [row[1:] for row in own]


def _table(title: str, *headings: str) -> Table:
    """Narrow enough for 80 columns. A heading that starts with > is of numbers: they stand right and are never cut."""
    table = Table(
        title=Text(title, style="bold"), title_justify="left", box=box.SIMPLE_HEAD, padding=0, show_edge=False
    )
    for heading in headings:
        if heading.startswith(">"):
            table.add_column(heading.removeprefix(">"), justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold")
    return table


def _agents(truth: Truth, rows: Sequence[Sequence[Any]]) -> Table:
    planted = {agent.agent_id: agent.expected_score for agent in truth.planted_agents}
    table = _table(
        "The most reliable agents (95 % intervals, by their lower ends)",
        "agent", ">runs", ">success", ">interval", ">planted", ">percentile", ">p95", ">$/success",
    )  # fmt: skip
    for agent_id, runs, rate, low, high, rank, p95, cost in rows:
        table.add_row(
            agent_id, f"{runs:,}", percent(rate), interval(low, high), percent(planted.get(agent_id)),
            f"{rank:.0f}" if rank is not None else "–", f"{p95 / 1000:.1f} s" if p95 is not None else "",
            f"{cost:.4f}" if cost is not None else "",
        )  # fmt: skip
    return table


def _failures(rows: Sequence[Sequence[Any]]) -> Table:
    table = _table("What failed most", "code", "title", ">errors", ">agents")
    for code, title, errors, agents in rows:
        table.add_row(code, title, f"{errors:,}", str(agents))
    return table


def _suite(suite: str, rows: Sequence[Sequence[Any]]) -> Table:
    tries = max((row[6] for row in rows), default=0)
    table = _table(
        f"Benchmark {suite}: pass^k is the share of tasks solved k times out of k",
        "variant", ">runs", ">success", ">interval", *(f">pass^{k}" for k in range(1, tries + 1)),
    )  # fmt: skip
    for variant in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == variant]
        _, _, runs, rate, low, high, _, _ = own[0]
        by_k = [f"{row[7]:.3f}" for row in own]
        table.add_row(_variant(variant), str(runs), percent(rate), interval(low, high), *by_k)
    return table


def _comparisons(truth: Truth, suite: str, rows: Sequence[Sequence[Any]]) -> Table:
    planted = {variant.variant_label: variant.success_probability for variant in truth.suite.planted}
    table = _table(
        f"Variants of {suite} (abl.: exactly one thing changed; other pairs prove nothing)",
        "a", "b", ">a − b", ">interval", ">true", ">q", ">verdict on a", ">abl.",
    )  # fmt: skip
    for a, b, difference, low, high, q, verdict, is_ablation in rows:
        true = planted[a] - planted[b] if a in planted and b in planted else None
        table.add_row(
            _variant(a), _variant(b), points(difference), interval(low, high), points(true),
            f"{q:.3f}" if q is not None else "", verdict, "yes" if is_ablation else "no",
        )  # fmt: skip
    return table


def agreement(verdict: Verdict, findings: Iterable[Finding]) -> RenderableType:
    """How far the marts agree with what was planted, and what does not."""
    lines = [
        f"{verdict.exact_agreeing:,} of {verdict.exact_count:,} exact counts and rates are equal.",
        f"{verdict.interval_agreeing} of {verdict.interval_count} planted probabilities, medians and effects lie "
        f"within the 95 % interval of their estimate (up to {verdict.misses_allowed} misses are to be expected).",
    ]
    wrong = [finding for finding in findings if not finding.agrees and (finding.kind == "exact" or not verdict.holds)]
    lines += [f"  {one.subject}: {one.quantity} is {one.found}, planted {one.planted}" for one in wrong[:20]]
    return Group(Text("Agreement with the planted truth", style="bold"), *(Text(line) for line in lines))


def percent(value: float | None) -> str:
    """A share as a percentage of one decimal."""
    return "" if value is None else f"{value * 100:.1f} %"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, signed."""
    return "" if value is None else f"{value * 100:+.1f}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval of shares, in percent."""
    return "" if low is None or high is None else f"{low * 100:.1f} – {high * 100:.1f}"


def _variant(label: str) -> str:
    """The part of a variant label that tells variants of one agent apart."""
    return label.rpartition("/")[2]
