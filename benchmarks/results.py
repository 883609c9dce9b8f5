"""What a run of the benchmark leaves: JSON for machines, a Markdown table and a plot for people."""

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from benchmarks.row import Row

_PACKAGES = (
    "agent-reliability-warehouse",
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "msgspec",
    "numpy",
    "pyarrow",
)


class Results(msgspec.Struct, frozen=True):
    """The rows, the machine they were measured on, and the versions that were measured."""

    rows: list[Row]
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    scale: float
    rounds: int


def results(rows: Sequence[Row], *, scale: float, rounds: int) -> Results:
    """The rows with this machine and these versions."""
    return Results(rows=list(rows), machine=_machine(), versions=_versions(), scale=scale, rounds=rounds)


def write_results(found: Results, folder: Path) -> list[Path]:
    """Write bench.json, bench.md and bench.png; the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, as_markdown, as_plot = (folder / f"bench.{kind}" for kind in ("json", "md", "png"))
    as_json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    as_markdown.write_text(markdown(found), encoding="utf-8")
    _plot(found.rows, as_plot)
    return [as_json, as_markdown, as_plot]


def markdown(found: Results) -> str:
    """The table as Markdown, one line per row, and below it where it was measured."""
    lines = [
        "| row | what | against | ratio | target | holds | median | min–max |",
        "|---|---|---|---:|---:|---|---:|---:|",
    ]
    for row in found.rows:
        ratio = f"{row.ratio:.2f}" if row.comparator else "–"
        target = f"{'≥' if row.bound == 'at least' else '≤'} {row.target:g}" + (
            "" if row.comparator else f" {row.unit}"
        )
        against = row.comparator or "a bound of its own"
        what = row.what + (f" ({row.note})" if row.note else "")
        spread = f"{row.min:,.4g}–{row.max:,.4g}"
        cells = (row.name, what, against, ratio, target, "yes" if row.holds else "**no**")
        lines.append(f"| {' | '.join(cells)} | {row.median:,.4g} {row.unit} | {spread} |")
    machine = ", ".join(f"{key} {value}" for key, value in found.machine.items())
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    smaller = "" if found.scale >= 1 else f" Sizes were {found.scale:g} of the full ones: only a try-out."
    return "\n".join([*lines, "", f"Measured on {machine}; {found.rounds} rounds.{smaller} {versions}.", ""])


def _machine() -> dict[str, str | int | float]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _plot(rows: Sequence[Row], path: Path) -> None:
    """How far each row is on the good side of its target (1 = at the target), with the spread of its ratios."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 0.5 * len(rows) + 1.5), layout="constrained")
    for place, row in enumerate(reversed(rows)):
        reached = [_reached(row, ratio) for ratio in (row.ratio_min, row.ratio, row.ratio_max)]
        axes.plot([min(reached), max(reached)], [place, place], color="0.6", linewidth=3, solid_capstyle="round")
        axes.plot(reached[1], place, "o", color="tab:green" if row.holds else "tab:red")
    axes.axvline(1, color="0.2", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [row.name for row in reversed(rows)])
    axes.set_xlabel("times the target reached (right of the line: the target holds)")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _reached(row: Row, ratio: float) -> float:
    return ratio / row.target if row.bound == "at least" else row.target / ratio
