"""Two models that tell which of two runs is the better, and simple rules, judged on tasks that were not learnt from.

Each sees the features of one run less those of the other. All are antisymmetric: swapped runs get the opposite answer.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import numpy as np

FOLDS = 5
RESAMPLES = 1_000
SEED = 20_260_301
PENALTY = 1.0
ROUNDS = 60
LEARNING_RATE = 0.2
THRESHOLDS = 8
_NEWTON_STEPS = 30
_DIGITS = 6


class Model(Protocol):
    """Learnt: positive scores prefer the first run."""

    def scores(self, differences: np.ndarray) -> np.ndarray: ...

    def parameters(self, features: tuple[str, ...]) -> Any: ...


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """Share of pairs told right, ties counting half, and the middle 95 % of resampled tasks."""

    name: str
    accuracy: float
    low: float
    high: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Models and rules on the same pairs. `model` names the better model."""

    model: str
    is_usable: bool
    best_baseline: str
    models: list[Judged]
    baselines: list[Judged]

    def verdict(self) -> str:
        own = next(one for one in self.models if one.name == self.model)
        rule = next(one for one in self.baselines if one.name == self.best_baseline)
        found = f"{self.model} tells {own.accuracy:.1%} of pairs right (from {own.low:.1%} to {own.high:.1%})"
        against = f"the best rule, {self.best_baseline}, {rule.accuracy:.1%}"
        return f"Usable: {found}; {against}." if self.is_usable else f"Not usable: {found}, but {against}."


class BradleyTerry:
    """log odds = weights · difference (Bradley and Terry 1952), ridge-penalised, by Newton's method."""

    def __init__(self, differences: np.ndarray) -> None:
        self._scale = _scales(differences)
        scaled = differences / self._scale
        weights = np.zeros(differences.shape[1])
        for _ in range(_NEWTON_STEPS):
            wrong = 1 / (1 + np.exp(np.clip(scaled @ weights, -30, 30)))
            gradient = scaled.T @ wrong - PENALTY * weights
            curvature = (scaled * (wrong * (1 - wrong))[:, None]).T @ scaled + PENALTY * np.eye(len(weights))
            step = np.linalg.solve(curvature, gradient)
            weights = weights + step
            if np.abs(step).max() < 1e-10:
                break
        self._weights = weights

    def scores(self, differences: np.ndarray) -> np.ndarray:
        return (differences / self._scale) @ self._weights

    def parameters(self, features: tuple[str, ...]) -> Any:
        weights = np.round(self._weights / self._scale, _DIGITS).tolist()
        return dict(zip(features, weights, strict=True))


class BoostedStumps:
    """Gradient boosting of the logistic loss (Friedman 2001) with stumps sign(difference) beyond a threshold."""

    def __init__(self, differences: np.ndarray) -> None:
        sizes = np.abs(differences)
        candidates = [
            (feature, float(threshold))
            for feature in range(differences.shape[1])
            for threshold in np.unique(np.quantile(sizes[:, feature], np.linspace(0, 0.9, THRESHOLDS)))
        ]
        answers = np.column_stack([_stump(differences, *one) for one in candidates])
        used = np.maximum(np.abs(answers).sum(axis=0), 1.0)
        score = np.zeros(len(differences))
        self._stumps: list[tuple[int, float, float]] = []
        for _ in range(ROUNDS):
            wrong = 1 / (1 + np.exp(np.clip(score, -30, 30)))
            gains = answers.T @ wrong
            # Newton's step of each stump; of equal ones the first.
            best = int(np.argmax(np.round(np.abs(gains) / np.sqrt(used), 12)))
            curvature = (np.abs(answers[:, best]) * wrong * (1 - wrong)).sum() + PENALTY
            weight = LEARNING_RATE * gains[best] / curvature
            score = score + weight * answers[:, best]
            self._stumps.append((*candidates[best], float(weight)))

    def scores(self, differences: np.ndarray) -> np.ndarray:
        total = np.zeros(len(differences))
        for feature, threshold, weight in self._stumps:
            total = total + weight * _stump(differences, feature, threshold)
        return total

    def parameters(self, features: tuple[str, ...]) -> Any:
        return [
            {"feature": features[feature], "beyond": round(threshold, _DIGITS), "weight": round(weight, _DIGITS)}
            for feature, threshold, weight in self._stumps
        ]


MODELS: dict[str, Callable[[np.ndarray], Model]] = {
    "bradley_terry": BradleyTerry,
    "boosted_stumps": BoostedStumps,
}


def compare_models(differences: np.ndarray, tasks: list[str], *, features: tuple[str, ...]) -> Comparison:
    """Judge both models by cross-validation over tasks, and a rule per feature ("less of it is better") and a coin.

    `differences`: pairs by features, the better run less the other.
    """
    folds = np.array([int(hashlib.sha256(task.encode()).hexdigest()[:15], 16) % FOLDS for task in tasks])
    told: dict[str, np.ndarray] = {}
    for name, learn in MODELS.items():
        scores = np.zeros(len(differences))
        for fold in range(FOLDS):
            is_held_out = folds == fold
            if is_held_out.any() and not is_held_out.all():
                scores[is_held_out] = learn(differences[~is_held_out]).scores(differences[is_held_out])
        told[name] = _told(scores)
    rules = {f"less {name}": _told(-differences[:, place]) for place, name in enumerate(features)}
    rules["coin"] = np.full(len(differences), 0.5)
    judged = _judged(told | rules, tasks)
    models = [judged[name] for name in told]
    baselines = sorted((judged[name] for name in rules), key=lambda one: (-one.accuracy, one.name))
    best = max(models, key=lambda one: one.accuracy)
    return Comparison(
        model=best.name,
        is_usable=best.low > baselines[0].accuracy,
        best_baseline=baselines[0].name,
        models=models,
        baselines=baselines,
    )


def _judged(told: dict[str, np.ndarray], tasks: list[str]) -> dict[str, Judged]:
    """Tasks are resampled, not pairs: those of one task are alike. The same resamples for all."""
    _, task_of = np.unique(np.array(tasks), return_inverse=True)
    count = int(task_of.max()) + 1
    sizes = np.bincount(task_of, minlength=count)
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    found = {}
    for name, right in told.items():
        sums = np.bincount(task_of, weights=right, minlength=count)
        low, high = np.quantile((draws @ sums) / (draws @ sizes), [0.025, 0.975])
        found[name] = Judged(
            name=name,
            accuracy=round(float(right.mean()), _DIGITS),
            low=round(float(low), _DIGITS),
            high=round(float(high), _DIGITS),
        )
    return found


def _told(scores: np.ndarray) -> np.ndarray:
    return np.where(scores > 0, 1.0, np.where(scores < 0, 0.0, 0.5))


def _stump(differences: np.ndarray, feature: int, threshold: float) -> np.ndarray:
    values = differences[:, feature]
    return np.sign(values) * (np.abs(values) > threshold)


def _scales(differences: np.ndarray) -> np.ndarray:
    spread = np.sqrt((differences**2).mean(axis=0))
    return np.where(spread > 0, spread, 1.0)
