"""The models, compiled once for all tests of what a build derives."""

import pytest

from tests.incremental.models import Model, compile_models


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Model], list[str]]:
    return compile_models(tmp_path_factory.mktemp("compiled"))
