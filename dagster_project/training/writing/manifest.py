"""manifest.json: what a dataset is, what it was made of, and the hash of each of its files. Written last."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from dagster_project.training import statements
from dagster_project.training.choices import Caps
from dagster_project.training.comparing import near_duplicates, sketches
from dagster_project.training.datasets import FLAVOURS, SPLITS, Dataset
from dagster_project.training.texts.scrubbing import scrubbing_version
from dagster_project.training.writing import shards
from dagster_project.training.writing.shards import FileFacts

MANIFEST_NAME = "manifest.json"
FORMAT_VERSION = 5
CONTEXT_SIZES: tuple[int, ...] = (2_048, 4_096, 8_192, 16_384, 32_768)


class PassCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What entered a pass, left it, and fell away, by reason: in = out + sum of the reasons. `unit`: runs or rows."""

    name: str
    unit: str
    count_in: int
    count_out: int
    dropped: dict[str, int]


class Runs(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of the published snapshot: in = used + sum of the reasons."""

    runs_in: int
    used: int
    refused: dict[str, int]


class Yield(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind that were selected, rows that stayed, and the tasks of these."""

    selected: int
    kept: int
    tasks: int


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows were made of."""

    build_id: str
    snapshot_sha256: str
    selection_sha256: str


class Scrubbed(msgspec.Struct, frozen=True, kw_only=True):
    """What was replaced in the rows' texts, by type; `rules` names the rules that found it."""

    rules: str
    rows: int
    counts: dict[str, int]


class TokenFit(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of all rows (estimated: a quarter of the characters), and the rows that fit a context of each size."""

    total: int
    longest: int
    rows_within: dict[str, int]

    @classmethod
    def of(cls, parts: Iterable[np.ndarray]) -> "TokenFit":
        """`parts`: tokens of each row, some rows at a time."""
        total = longest = 0
        within = dict.fromkeys(CONTEXT_SIZES, 0)
        for tokens in parts:
            total += int(tokens.sum())
            longest = max(longest, int(tokens.max(initial=0)))
            for size in CONTEXT_SIZES:
                within[size] += int((tokens <= size).sum())
        return cls(total=total, longest=longest, rows_within={str(size): rows for size, rows in within.items()})


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of manifest.json.

    `kinds`: what each kind of row yields, one that yields none too. `models`: rows by the model whose text is in them;
    pairs count for both. `keeps_reasoning`: whether what models thought was left in what they said.
    """

    dataset: str
    format_version: int
    code_version: str
    settings_sha256: str
    query_sha256: str
    inputs: Inputs
    splits: dict[str, int]
    kinds: dict[str, Yield]
    caps: Caps
    keeps_reasoning: bool
    scrubbed: Scrubbed
    protected_item_count: int
    models: dict[str, int]
    tokens: TokenFit
    passes: list[PassCounts]
    runs: Runs
    files: list[FileFacts]

    @property
    def row_count(self) -> int:
        return sum(self.splits.values())


@cache
def code_version() -> str:
    """Version of the package and hash of the sources that write datasets."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{version('agent-reliability-warehouse')}+{digest.hexdigest()[:12]}"


def settings_sha256(dataset: Dataset) -> str:
    """Hash of every choice that shapes the files."""
    choices = {
        "dataset": dataset.name,
        "schema": {flavour: str(dataset.schema(flavour)) for flavour in FLAVOURS},
        "splits": SPLITS,
        "rows_per_file": shards.ROWS_PER_FILE,
        "rows_per_group": shards.ROWS_PER_GROUP,
        "parquet": shards.PARQUET_OPTIONS,
        "near_duplicates": [near_duplicates.SIMILAR, sketches.GRAM, sketches.PERMUTATIONS, sketches.SEED],
        "scrubbing": scrubbing_version(),
    }
    return hashlib.sha256(msgspec.json.encode(choices, order="sorted")).hexdigest()


def query_sha256() -> str:
    """Hash of the statements that decide which texts a row holds."""
    return hashlib.sha256("\0".join(statements.QUERIES).encode()).hexdigest()


def encode_manifest(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(content: bytes) -> Manifest:
    """Raises msgspec.ValidationError for a document of another shape, msgspec.DecodeError for no JSON."""
    return msgspec.json.decode(content, type=Manifest)
