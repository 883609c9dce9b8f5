"""Fit what classification needs of the shipped files ahead of its first use, as `make setup` does.

`python -m dagster_project.failures.model.fitting`
"""

import tempfile
from pathlib import Path

from dagster_project.failures.model.judgement import second_opinion
from dagster_project.failures.model.nearest import known_in
from dagster_project.settings import Settings


def fit_shipped() -> None:
    """Keep the shipped model and the shipped known failures where every data root finds them."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        if second := second_opinion(settings):
            second.code_of("")
        known_in(settings.home)


if __name__ == "__main__":
    fit_shipped()
