"""A reliability card for each agent, as JSON and as Markdown: figures with intervals and n, no text of any run.

<organization>/<agent>.json and .md. Ids that are no safe file name get one made of their safe letters and a hash.
"""

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Any

import msgspec

from dagster_project.training.artifacts.published import Published, write_json

SCHEMA = "reliability-card/1"
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_UNSAFE = re.compile(r"[^a-z0-9._-]+")
_RESERVED = frozenset({"schema"})


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One window of agent_metrics."""

    window_name: str
    run_count: int
    scored_run_count: int
    success_count: int
    success_rate: float | None
    success_rate_low: float | None
    success_rate_high: float | None
    hallucination_rate: float | None
    hallucination_judged_count: int
    dispute_rate: float | None
    retry_rate: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p95_low_ms: float | None
    latency_p95_high_ms: float | None
    latency_known_count: int
    avg_cost_usd: float | None
    cost_per_success_usd: float | None
    unpriced_run_count: int
    infra_run_count: int
    unscored_run_count: int
    cancelled_run_count: int


class Rank(msgspec.Struct, frozen=True, kw_only=True):
    """A percentile rank among the agents of one capability; null where the gate says why there is none."""

    capability: str
    window_name: str
    metric: str
    value: float | None
    percentile_rank: float | None
    percentile_rank_low: float | None
    percentile_rank_high: float | None
    cohort_size: int | None
    gate: str
    gate_reason: str | None


class FailureShare(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the agent's runs failed with a code."""

    code: str
    title: str | None
    severity: str | None
    run_count: int
    share: float


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The document of one agent."""

    schema: str
    organization_id: str
    agent_id: str
    as_of: dt.date | None
    build_id: str
    snapshot_sha256: str
    metrics: list[Window]
    ranks: list[Rank]
    top_failures: list[FailureShare]


_AS_OF = "select organization_id, max(as_of) as as_of from warehouse_build group by all"
_FAILURES = """
    with counted as (
        select organization_id, agent_id, failure_code as code, count(*) as run_count
        from agent_runs
        where failure_code is not null
        group by all
    ),
    totals as (select organization_id, agent_id, count(*) as total from agent_runs group by all)
    select counted.organization_id, counted.agent_id, counted.code, modes.title, modes.severity, counted.run_count,
        counted.run_count / totals.total as share
    from counted
    inner join totals using (organization_id, agent_id)
    left join failure_modes as modes on counted.code = modes.code
    qualify row_number() over (
        partition by counted.organization_id, counted.agent_id order by counted.run_count desc, counted.code
    ) <= 10
    order by counted.organization_id, counted.agent_id, counted.run_count desc, counted.code
"""


def write_cards(published: Published, folder: Path) -> dict[str, int]:
    """Write every agent's card and the JSON Schema they follow; how many agents."""
    windows = _by_agent(published.rows(_select(Window, "agent_metrics", order="window_name")))
    ranks = _by_agent(published.rows(_select(Rank, "agent_percentile_ranks", order="capability, window_name, metric")))
    failures = _by_agent(published.rows(_FAILURES))
    days = {row["organization_id"]: row["as_of"] for row in published.rows(_AS_OF)}
    names = file_names(sorted(windows))
    for agent, rows in windows.items():
        card = Card(
            schema=SCHEMA,
            organization_id=agent[0],
            agent_id=agent[1],
            as_of=days.get(agent[0], days.get(None)),
            build_id=published.build_id,
            snapshot_sha256=published.snapshot_sha256,
            metrics=[msgspec.convert(row, Window, strict=False) for row in rows],
            ranks=[msgspec.convert(row, Rank, strict=False) for row in ranks.get(agent, [])],
            top_failures=[msgspec.convert(row, FailureShare, strict=False) for row in failures.get(agent, [])],
        )
        path = folder / names[agent]
        path.parent.mkdir(exist_ok=True)
        write_json(card, path.with_name(path.name + ".json"))
        path.with_name(path.name + ".md").write_text(markdown(card), encoding="utf-8")
    write_json(msgspec.json.schema(Card), folder / "schema.json")
    return {"agents": len(windows)}


def _select(kind: type[msgspec.Struct], mart: str, *, order: str) -> str:
    columns = ", ".join(
        # Money is a decimal in the marts; a document has plain numbers.
        f"cast({name} as double) as {name}" if name.endswith("_usd") else name
        for name in kind.__struct_fields__
    )
    return f"select organization_id, agent_id, {columns} from {mart} order by organization_id, agent_id, {order}"  # noqa: S608


def _by_agent(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row.pop("organization_id"), row.pop("agent_id")), []).append(row)
    return grouped


def file_names(agents: list[tuple[str, str]]) -> dict[tuple[str, str], Path]:
    """A path without suffix for each agent: no two alike on any file system, none that leads elsewhere."""
    return {agent: Path(safe_name(agent[0])) / safe_name(agent[1]) for agent in agents}


def safe_name(identifier: str) -> str:
    """The id itself where it is a safe lower-case name; else its safe letters and the start of its hash."""
    if _SAFE_NAME.fullmatch(identifier) and identifier not in _RESERVED and not identifier.endswith("."):
        return identifier
    letters = _UNSAFE.sub("-", identifier.casefold()).strip(".-")[:60]
    return f"{letters or 'agent'}~{hashlib.sha256(identifier.encode()).hexdigest()[:12]}"


def markdown(card: Card) -> str:
    """The card as a page: the same figures, unknown as a dash."""
    lines = [
        f"# Reliability of {_code(card.agent_id)}",
        "",
        f"Organization {_code(card.organization_id)}, as of {card.as_of or 'an unknown day'}, build "
        f"`{card.build_id}`, snapshot `{card.snapshot_sha256[:16]}`.",
        "",
        "## Success",
        "",
        "| window | runs | scored | success rate | 95 % interval | p95 latency | 95 % interval | cost per success |",
        "|---|---|---|---|---|---|---|---|",
        *(_window_line(window) for window in card.metrics),
        "",
        "## Ranks",
        "",
        "| capability | window | metric | percentile rank | interval | among | gate |",
        "|---|---|---|---|---|---|---|",
        *(_rank_line(rank) for rank in card.ranks),
        "",
        "## Most frequent failures",
        "",
        "| code | what | runs | share |",
        "|---|---|---|---|",
        *(f"| {one.code} | {one.title or '–'} | {one.run_count:,} | {one.share:.1%} |" for one in card.top_failures),
        "",
    ]
    return "\n".join(lines)


def _window_line(window: Window) -> str:
    latency = "–" if window.latency_p95_ms is None else f"{window.latency_p95_ms:,.0f} ms"
    low, high = window.latency_p95_low_ms, window.latency_p95_high_ms
    spread = "–" if low is None or high is None else f"{low:,.0f} to {high:,.0f} ms"
    cost = "–" if window.cost_per_success_usd is None else f"{window.cost_per_success_usd:.4f} USD"
    return (
        f"| {window.window_name} | {window.run_count:,} | {window.scored_run_count:,} | {_share(window.success_rate)} "
        f"| {_share(window.success_rate_low)} to {_share(window.success_rate_high)} | {latency} | {spread} | {cost} |"
    )


def _rank_line(rank: Rank) -> str:
    rank_text = "–" if rank.percentile_rank is None else f"{rank.percentile_rank:.1f}"
    low, high = rank.percentile_rank_low, rank.percentile_rank_high
    interval = "–" if low is None or high is None else f"{low:.1f} to {high:.1f}"
    return (
        f"| {_cell(rank.capability)} | {rank.window_name} | {rank.metric} | {rank_text} | {interval} "
        f"| {rank.cohort_size if rank.cohort_size is not None else '–'} | {rank.gate} |"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _code(identifier: str) -> str:
    """An id of a log, so that no page takes it for markup."""
    return f"`{_cell(identifier).replace('`', chr(39))}`"


def _cell(text: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain.replace("|", "¦").replace("<", "‹").replace(">", "›")
