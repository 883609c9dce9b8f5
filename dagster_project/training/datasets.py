"""The datasets that can be exported: their rows' facts and texts, flavours and splits.

Belongs here: what a row is made of. Does not: which runs are selected (that is the marts), writing.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

SPLITS: tuple[str, ...] = ("train", "validation", "test")
FLAVOURS: dict[str, str] = {"canonical": "parquet", "trl": "parquet", "openai": "jsonl"}
"""Flavour → file suffix. The rows of all flavours are the same, in the same order."""

CALL = pa.struct(
    {"id": pa.string(), "type": pa.string(), "function": pa.struct({"name": pa.string(), "arguments": pa.string()})}
)
MESSAGE = pa.struct(
    {
        "role": pa.string(),
        "content": pa.string(),
        "tool_calls": pa.list_(CALL),
        "tool_call_id": pa.string(),
        "name": pa.string(),
    }
)
"""A message of the canonical flavour; `arguments` is JSON text, what a message lacks is null."""

JSON_MESSAGES = pa.list_(pa.json_(pa.string()))
"""Messages of the trl flavour: one JSON value each, so that what a message lacks is absent."""

Side = Literal["messages", "prompt", "chosen", "rejected"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One exported dataset. `mart` selects its rows; `sides` are the columns that hold messages."""

    name: str
    title: str
    mart: str
    sides: tuple[Side, ...]
    facts: dict[str, pa.DataType]
    sort_key: str
    run_columns: tuple[str, ...]

    @property
    def fact_columns(self) -> tuple[str, ...]:
        return tuple(self.facts)

    def schema(self, flavour: str) -> pa.Schema:
        """Arrow schema of a Parquet flavour."""
        messages = JSON_MESSAGES if flavour == "trl" else pa.list_(MESSAGE)
        return pa.schema([*self.facts.items(), *((side, messages) for side in self.sides), ("tools", pa.string())])


SFT = Dataset(
    name="sft",
    title="Verified successes for supervised fine-tuning",
    mart="sft_examples",
    sides=("messages",),
    facts={
        "lineage_id": pa.string(),
        "organization_id": pa.string(),
        "run_id": pa.string(),
        "suite_id": pa.string(),
        "suite_version": pa.string(),
        "task_id": pa.string(),
        "task_hash": pa.string(),
        "split_group": pa.string(),
        "agent_id": pa.string(),
        "model": pa.string(),
        "variant_id": pa.string(),
        "outcome_source": pa.string(),
        "message_count": pa.int64(),
        "tokens": pa.int64(),
        "failure_codes": pa.list_(pa.string()),
    },
    sort_key="conversation_sha256",
    run_columns=("run_id",),
)

PREFERENCES = Dataset(
    name="preferences",
    title="Pairs of a verified success and a verified failure after the same prompt",
    mart="preference_pairs",
    sides=("prompt", "chosen", "rejected"),
    facts={
        "lineage_id": pa.string(),
        "organization_id": pa.string(),
        "chosen_run_id": pa.string(),
        "rejected_run_id": pa.string(),
        "suite_id": pa.string(),
        "suite_version": pa.string(),
        "task_id": pa.string(),
        "task_hash": pa.string(),
        "split_group": pa.string(),
        "chosen_agent_id": pa.string(),
        "rejected_agent_id": pa.string(),
        "chosen_model": pa.string(),
        "rejected_model": pa.string(),
        "outcome_source": pa.string(),
        "pair_kind": pa.string(),
        "prompt_message_count": pa.int64(),
        "tokens": pa.int64(),
        "margin": pa.float64(),
        "failure_codes": pa.list_(pa.string()),
    },
    sort_key="pair_sha256",
    run_columns=("chosen_run_id", "rejected_run_id"),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in (SFT, PREFERENCES)}

FORBIDDEN_COLUMNS: tuple[frozenset[str], ...] = (
    frozenset({"labels"}),
    frozenset({"input_ids"}),
    frozenset({"conversations"}),
    frozenset({"images"}),
    frozenset({"messages", "prompt"}),
    frozenset({"messages", "completion"}),
    frozenset({"source", "model", "system_prompt"}),
)
"""Column names, alone or together, that a trainer takes for something else."""
