"""The rows about peers. Phoenix and MLflow are online stores: they do another job, and the table says so."""

from itertools import islice
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.fresh import fresh
from benchmarks.peers.environments import peer_python
from benchmarks.row import Row, against
from benchmarks.run_lines import write_run_lines

_HERE = Path(__file__).parent
_MILLION = 1_000_000
_ONLINE_STORE = "an online store, which does another job: each span is there to be looked at within seconds"
# A hundred or so a second: more of the same events would only take longer.
_STORED = 2_000
_LOGS, _SAMPLES = 20, 1_000


def phoenix(bench: Bench) -> Row | None:
    """Ingest and one aggregate read back, against a Phoenix server on SQLite."""
    return _against_store(bench, "phoenix", "Arize Phoenix on SQLite, by OTLP")


def mlflow(bench: Bench) -> Row | None:
    """Ingest and one aggregate read back, against MLflow tracing on SQLite."""
    return _against_store(bench, "mlflow", "MLflow tracing on SQLite, synchronous (asynchronous it drops)")


def inspect(bench: Bench) -> Row | None:
    """Samples and messages of .eval logs as tables, against Inspect's own data frames."""
    python = peer_python("inspect")
    if python is None:
        return None
    logs = bench.work / "inspect-logs"
    samples = max(10, int(_SAMPLES * bench.scale))
    if not logs.exists():
        logs.mkdir()
        bench.command([str(python), str(_HERE / "write_inspect_logs.py"), str(logs), str(_LOGS), str(samples)])
    ours, theirs = [], []
    for _ in range(bench.rounds):
        mine = _ours(bench, logs, "tables")
        peer = bench.command([str(python), str(_HERE / "with_inspect.py"), str(logs)]).answer
        if (mine["runs"], mine["messages"]) != (peer["samples"], peer["messages"]):
            raise RuntimeError(f"ours and Inspect's are not the same: {mine} and {peer}")
        ours.append(mine["runs"] / mine["seconds"])
        theirs.append(peer["samples"] / peer["seconds"])
    return against(
        "inspect",
        what=f"samples and messages of {_LOGS * samples:,} samples in .eval logs, landed and read back as tables",
        ours=ours,
        comparator="Inspect's samples_df and messages_df",
        theirs=theirs,
        target=10,
        bound="at least",
        unit="samples/s",
    )


def pandas(bench: Bench) -> Row:
    """From lines to figures per agent and day, against a straightforward pandas script."""
    count = bench.count(_MILLION)
    lines = write_run_lines(bench.work / f"runs-{count}.jsonl", count)
    ours, theirs = [], []
    for _ in range(bench.rounds):
        mine = _ours(bench, lines, "days")
        peer = bench.python("benchmarks.peers.with_pandas", lines).answer
        if mine["days"] != peer["days"]:
            raise RuntimeError(f"ours and the script's are not the same: {mine} and {peer}")
        ours.append(count / mine["seconds"])
        theirs.append(count / peer["seconds"])
    return against(
        "pandas",
        what="1M run lines landed and summarised per agent and day",
        ours=ours,
        comparator="a straightforward pandas script",
        theirs=theirs,
        target=10,
        bound="at least",
        unit="events/s",
    )


def _against_store(bench: Bench, name: str, comparator: str) -> Row | None:
    python = peer_python(name)
    if python is None:
        return None
    count = bench.count(_MILLION)
    lines = write_run_lines(bench.work / f"runs-{count}.jsonl", count)
    few = _first(lines, min(count, _STORED))
    ours, theirs = [], []
    for _ in range(bench.rounds):
        folder = fresh(bench.work / name)
        folder.mkdir()
        peer = bench.command([str(python), str(_HERE / f"with_{name}.py"), str(few), str(folder)]).answer
        same = _ours(bench, few, "days")
        if (same["landed"], same["days"]) != (peer["stored"], peer["rows"]):
            raise RuntimeError(f"ours and {name}'s are not the same: {same} and {peer}")
        theirs.append(peer["stored"] / peer["seconds"])
        ours.append(count / _ours(bench, lines, "days")["seconds"])
    return against(
        name,
        what="run events ingested, and one aggregate per agent and day read back",
        ours=ours,
        comparator=comparator,
        theirs=theirs,
        target=500,
        bound="at least",
        unit="events/s",
        note=f"{_ONLINE_STORE}; it had the first {_STORED:,} of our {count:,} events",
    )


def _first(lines: Path, count: int) -> Path:
    path = lines.with_name(f"first-{count}.jsonl")
    with lines.open("rb") as source:
        path.write_bytes(b"".join(islice(source, count)))
    return path


def _ours(bench: Bench, path: Path, job: str) -> dict:
    return bench.python("benchmarks.peers.ours", path, job, home=fresh(bench.work / "peer-home")).answer
