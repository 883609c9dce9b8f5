"""Our SQL functions in a Spark session: the numeric ones and the failure classifier, computed by the very code
that DuckDB's are made of or tested against (scipy, RE2). Workers need this package and its libraries.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dagster_project.failures.classify import Classifier
from dagster_project.failures.functions import (
    GROUP_TEMPLATES,
    MATCHING_PATTERNS,
    MODEL_ANSWER,
    NEAREST_FAILURE,
    group_templates,
    model_answer,
    nearest_failure,
)
from dagster_project.failures.messages import normalise
from dagster_project.failures.messages.fingerprint import fingerprint, group_id
from dagster_project.failures.model.nearest import KnownFailures, known_to
from dagster_project.failures.model.second_opinion import SecondOpinion
from dagster_project.failures.taxonomy import Taxonomy
from dagster_project.statistics import variant_strengths
from dagster_project.statistics.functions import FUNCTIONS, VARIANT_STRENGTHS, Reals

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ARROW_TYPES = {"boolean": pa.bool_(), "string": pa.string()}

_classifiers: dict[str, Classifier] = {}
_neighbours: dict[str, KnownFailures] = {}


def register_functions(
    session: "SparkSession",
    taxonomy: Taxonomy,
    *,
    second: SecondOpinion | None = None,
    own_labels: Path | None = None,
) -> None:
    """Make every function that `dbt/macros/engine/` names on Spark callable in this session."""
    for function in FUNCTIONS:
        _register(session, function.name, function.of_arrow(), "double")
    _register(session, "log_gamma", log_gamma, "double")
    _register(session, VARIANT_STRENGTHS, variant_strengths.of_arrow, "array<double>")
    _register(session, GROUP_TEMPLATES, group_templates, "array<string>")
    _register(session, MODEL_ANSWER, _by_row(functools.partial(model_answer, second), pa.string()), "string")
    nearest = functools.partial(_nearest, taxonomy, own_labels)
    _register(session, NEAREST_FAILURE, _by_row(nearest, pa.string()), "string")
    for name, (compute, result) in _text_functions(taxonomy).items():
        _register(session, name, _by_row(compute, ARROW_TYPES[result]), result)


def log_gamma(values: pa.Array) -> pa.Array:
    """Logarithm of the gamma function (scipy.special.gammaln); NULL stays NULL."""
    from scipy import special

    numbers: Reals = values.to_numpy(zero_copy_only=False).astype(np.float64)
    return pa.array(special.gammaln(numbers), mask=np.isnan(numbers))


def _text_functions(taxonomy: Taxonomy) -> dict[str, tuple[Callable[..., Any], str]]:
    """Name → (function of one row's values, its SQL type)."""
    return {
        "classifier_text": (_known(normalise.classifier_text), "string"),
        "masked_message": (_known(normalise.masked_message), "string"),
        "status_in_text": (_known(normalise.status_in_text), "string"),
        "telling_text": (functools.partial(_telling_text, taxonomy), "string"),
        "reports_health": (functools.partial(_is_healthy, taxonomy), "boolean"),
        MATCHING_PATTERNS: (functools.partial(_matching_ids, taxonomy), "string"),
        "error_fingerprint": (_fingerprint, "string"),
        "error_group": (_group, "string"),
    }


def _known(function: Callable[[str], str | None]) -> Callable[[str | None], str | None]:
    return functools.partial(_unless_null, function)


def _unless_null(function: Callable[[str], str | None], text: str | None) -> str | None:
    return None if text is None else function(text)


def _classifier(taxonomy: Taxonomy) -> Classifier:
    """Compiled once per worker process: the patterns take a second, a batch a moment."""
    if taxonomy.version not in _classifiers:
        _classifiers[taxonomy.version] = Classifier(taxonomy)
    return _classifiers[taxonomy.version]


def _telling_text(taxonomy: Taxonomy, text: str | None) -> str | None:
    return None if text is None else _classifier(taxonomy).without_harmless(text)


def _is_healthy(taxonomy: Taxonomy, text: str | None) -> bool:
    return text is not None and _classifier(taxonomy).reports_health(text)


def _nearest(taxonomy: Taxonomy, own_labels: Path | None, message: str | None) -> str | None:
    if taxonomy.version not in _neighbours:
        _neighbours[taxonomy.version] = known_to(taxonomy, own_labels)
    return nearest_failure(_neighbours[taxonomy.version], message)


def _matching_ids(taxonomy: Taxonomy, source: str | None, phase: str | None, text: str | None) -> str | None:
    return _classifier(taxonomy).matching_ids(text, source=source, phase=phase)


def _fingerprint(
    source: str | None,
    phase: str | None,
    code_declared: str | None,
    http_status: str | None,
    masked: str,
    top_frame: str | None,
) -> str:
    return fingerprint(
        masked,
        source=source,
        phase=phase,
        code_declared=code_declared,
        http_status=http_status,
        top_frame=top_frame,
    )


def _group(code: str, template: str) -> str:
    return group_id(template, code=code)


def _by_row(compute: Callable[..., Any], result: pa.DataType) -> Callable[..., pa.Array]:
    """A function of one row's values as one of Arrow columns."""

    def of_columns(*columns: pa.Array) -> pa.Array:
        rows: Sequence[tuple[Any, ...]] = list(zip(*(column.to_pylist() for column in columns), strict=True))
        return pa.array([compute(*row) for row in rows], result)

    return of_columns


def _register(session: "SparkSession", name: str, compute: Callable[..., pa.Array], result: str) -> None:
    from pyspark.sql.functions import ArrowUDFType, arrow_udf

    session.udf.register(name, arrow_udf(compute, result, ArrowUDFType.SCALAR))
