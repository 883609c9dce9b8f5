"""The option that names the engine of a build, shared by the commands that build."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from dagster_project.settings import TARGET_VARIABLE, TARGETS, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def target_option(
    text: str = "Engine that derives the models (default: RELIABILITY_TARGET, else duckdb).",
) -> Callable[[_Command], _Command]:
    """`--target`, as parameter `target`; None when it is not given."""
    return click.option("--target", type=click.Choice(TARGETS), help=text)


def target_settings(
    target: str | None, *, default: Callable[[Settings], Settings] = lambda settings: settings
) -> Settings:
    """Settings from the environment, for the target when one is named; `default` decides when nobody names one."""
    settings = Settings.from_environment()
    if target:
        return replace(settings, target=target)
    return settings if os.environ.get(TARGET_VARIABLE) else default(settings)
