"""README.md of a dataset: what is in it, how to load it, what is missing and why, and what it does not promise."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import yaml

from dagster_project.training.datasets import FLAVOURS, Dataset
from dagster_project.training.writing.manifest import Manifest

_LOADING = {
    "canonical": "Fixed schema: messages as structs, tool arguments and `tools` as JSON text, absent keys null. "
    "Loads anywhere.",
    "trl": "One JSON value a message: arguments as objects, absent keys absent, content never null. "
    "Needs `datasets` 4.7 or newer.",
    "openai": "JSON lines with the documented keys only, row for row as in the other flavours; lineage.parquet gives "
    "split and row_number. To be uploaded as it is, or loaded with "
    '`load_dataset("json", data_files="openai/train-*.jsonl")`.',
}

_LIMITS = """\
- Secrets and structured personal data (e-mail, phone, card, IBAN, social security number, public IP address, date of
  birth, number of a document or account after its name, postal address by its form) are replaced by placeholders such
  as `[EMAIL_1]`, the same for the same value within a row. Names of persons cannot be found by their form, and what
  people tell of themselves in plain words neither: **no promise is made about them**. Look before you share.
- Near-duplicates are rows whose words are alike; a paraphrase is none.
- The logs hold tool calls, not the definitions of the tools that were offered: `tools` is an empty list, and the
  openai flavour has no `tools` key. Declare the tools of your agent before you train it to call them.
- A conversation ends with its last assistant turn. If that turn calls tools, their answers are not part of the row.
- Outcomes are as good as the verifier that gave them.
- Tokens are estimated as a quarter of the characters: count with your own tokenizer before you cut.
- Licence and terms: the texts keep the licence of the logs they come from. Text that a provider's model generated is
  bound by that provider's terms, which may forbid training other models on it; the model columns say whose it is.
"""


def card_text(dataset: Dataset, manifest: Manifest) -> str:
    """The whole card; the same for the same manifest."""
    return "\n".join(
        [
            f"---\n{_front_matter(dataset, manifest)}---",
            f"# {dataset.title}\n",
            f"{manifest.row_count:,} rows from {manifest.runs.used:,} of {manifest.runs.runs_in:,} agent runs.\n",
            "## Flavours\n",
            *(f"- `{flavour}/`: {_LOADING[flavour]}" for flavour in FLAVOURS),
            "\n## Rows\n",
            _table(("split", "rows"), [(split, f"{rows:,}") for split, rows in manifest.splits.items()]),
            "A row's split follows from the SHA-256 of its `split_group` (its task, or the group declared for it): "
            "900, 50 and 50 of 1000. A task never changes split.\n",
            *_kinds(manifest),
            "## Passes\n",
            _table(("pass", "unit", "in", "out", "dropped"), [_pass_row(one) for one in manifest.passes]),
            *_texts(manifest),
            "## Tokens\n",
            _table(
                ("context", "rows that fit"),
                [(size, f"{rows:,}") for size, rows in manifest.tokens.rows_within.items()],
            ),
            f"About {manifest.tokens.total:,} tokens in all, {manifest.tokens.longest:,} in the longest row.\n",
            "## Runs that are not here\n",
            _table(("reason", "runs"), [(reason, f"{runs:,}") for reason, runs in manifest.runs.refused.items()]),
            "`refusals.parquet` names each of them; `lineage.parquet` leads from each row to the bytes it came from.\n",
            *_models(manifest),
            "## Limits\n",
            _LIMITS,
            f"Build `{manifest.inputs.build_id}`, code `{manifest.code_version}`.\n",
        ]
    )


def _kinds(manifest: Manifest) -> list[str]:
    """What each kind of row yields; a kind that yields nothing is said, too."""
    if not manifest.kinds:
        return []
    rows = [(kind, f"{one.selected:,}", f"{one.kept:,}", f"{one.tasks:,}") for kind, one in manifest.kinds.items()]
    lines = ["## Yield by kind\n", _table(("kind", "selected", "rows here", "tasks"), rows)]
    alone = sum(manifest.runs.refused.get(reason, 0) for reason in ("no_shared_prompt", "pair_not_kept"))
    if alone:
        share = f"{manifest.runs.refused.get('no_shared_prompt', 0):,} of {alone + manifest.runs.used:,}"
        lines.append(f"{share} runs that have an opposite share no beginning with it.\n")
    return lines


def _texts(manifest: Manifest) -> list[str]:
    """What was done to the texts, and against what they were held."""
    scrubbed = manifest.scrubbed
    found = [(type_, f"{count:,}") for type_, count in scrubbed.counts.items()]
    against = (
        f"{manifest.protected_item_count:,} protected benchmark items."
        if manifest.protected_item_count
        else "nothing: no suite, task or text is declared protected."
    )
    caps = {kind: limit for kind, limit in msgspec.structs.asdict(manifest.caps).items() if limit is not None}
    capped = ", ".join(f"{limit:,} rows a {kind}" for kind, limit in caps.items())
    return [
        f"Replaced by placeholders in {scrubbed.rows:,} rows (before duplicates were dropped):\n",
        _table(("type", "places"), found) if found else "nothing was found.",
        f"\nDecontaminated against {against}",
        f"Caps: {capped or 'those of the selection alone'}.\n",
        "What models thought is left in what they said, as was asked for.\n"
        if manifest.keeps_reasoning
        else "What models thought before they spoke (parts, fields and marked blocks of reasoning) is left out.\n",
    ]


def _models(manifest: Manifest) -> list[str]:
    """Whose text is in the rows, and so whose terms bind them."""
    if not manifest.models:
        return []
    rows = [(_cell(name), f"{count:,}") for name, count in manifest.models.items()]
    return [
        "## Models\n",
        _table(("model", "rows"), rows),
        "What a model wrote is bound by its provider's terms or its licence: check them before you train on it.\n",
    ]


def _cell(text: str) -> str:
    """A name of a log, so that no page takes it for markup."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain.replace("|", "¦").replace("<", "‹").replace(">", "›").replace("`", "'")


def _pass_row(one: Any) -> tuple[str, ...]:
    dropped = ", ".join(f"{reason} {count:,}" for reason, count in one.dropped.items())
    return one.name, one.unit, f"{one.count_in:,}", f"{one.count_out:,}", dropped


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _front_matter(dataset: Dataset, manifest: Manifest) -> str:
    present = [split for split, rows in manifest.splits.items() if rows]
    # A loader takes all configurations of a folder for files of one kind: the JSON lines are left to themselves.
    configs = [
        {
            "config_name": flavour,
            **({"default": True} if flavour == "canonical" else {}),
            # `datasets` keeps what it read under a hash of this document: other bytes must have another one.
            "description": f"sha256 {_sha256_of(flavour, manifest)}",
            "data_files": [{"split": split, "path": f"{flavour}/{split}-*.{suffix}"} for split in present],
        }
        for flavour, suffix in FLAVOURS.items()
        if suffix == "parquet"
    ]
    features = [_feature(field) for field in dataset.schema("canonical")]
    document = {
        "license": "other",
        "pretty_name": dataset.title,
        "configs": configs,
        "dataset_info": [{"config_name": "canonical", "features": features}],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _sha256_of(flavour: str, manifest: Manifest) -> str:
    """Of the names and hashes of the flavour's files, as `sha256sum` prints them."""
    lines = [f"{facts.sha256}  {facts.path}\n" for facts in manifest.files if facts.path.startswith(f"{flavour}/")]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _feature(field: pa.Field) -> dict[str, Any]:
    return {"name": field.name, **_feature_type(field.type)}


def _feature_type(type_: pa.DataType) -> dict[str, Any]:
    """The type in the words of the Hub's `dataset_info`."""
    if pa.types.is_struct(type_):
        return {"struct": [_feature(field) for field in type_.fields]}
    if pa.types.is_list(type_):
        inner = _feature_type(type_.value_type)
        return {"list": inner.get("struct") or inner["dtype"]}
    return {"dtype": {pa.string(): "string", pa.int64(): "int64", pa.float64(): "float64", pa.bool_(): "bool"}[type_]}
