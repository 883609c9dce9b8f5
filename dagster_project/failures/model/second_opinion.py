"""The model in force: fitted once for its labels, and read in a tenth of the time ever after."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dagster_project.failures.model import features, linear
from dagster_project.failures.model.kept_arrays import Arrays, kept_arrays
from dagster_project.failures.model.labels import labels_version, read_labels


@dataclass(frozen=True)
class SecondOpinion:
    """A model in force: which one, how often it is right when it speaks, and the user's labels it is made of."""

    model_version: str
    confidence: float
    own_labels: Path | None
    kept_in: tuple[Path, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """What stands in `matched_pattern` where it decided."""
        return f"model/{self.model_version}"

    def code_of(self, text: str, *, phase: str | None = None) -> str | None:
        """`Model.code_of`, of the model made ready when it is first asked."""
        return kept_model(self.kept_in, self.own_labels).code_of(text, phase=phase)

    def takes_for_healthy(self, text: str, *, phase: str | None = None, margin: float) -> bool:
        """`Model.takes_for_healthy`, likewise."""
        return kept_model(self.kept_in, self.own_labels).takes_for_healthy(text, phase=phase, margin=margin)


@cache
def kept_model(places: tuple[Path, ...], own: Path | None) -> linear.Model:
    """The model of the shipped labels and the user's (`own`), fitted when no place has that of these and this code."""
    labels = read_labels(own)
    made_by = (Path(str(linear.__file__)), *features.MADE_BY)
    kept = kept_arrays(places, labels_version(labels), by=made_by, make=lambda: _arrays(linear.fit(labels)))
    codes = tuple(map(str, kept["codes"]))
    return linear.Model(codes=codes, rarity=kept["rarity"], weights=kept["weights"], base=kept["base"])


def _arrays(fitted: linear.Model) -> Arrays:
    import numpy as np

    return {"codes": np.array(fitted.codes), "rarity": fitted.rarity, "weights": fitted.weights, "base": fitted.base}
