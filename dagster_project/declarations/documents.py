"""YAML files that people write: read strictly, checked against a struct, every mistake explained.

An error names the file, the key, what was expected and what to do, with the closest valid name.
"""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from dagster_project import conversion
from dagster_project.errors import UsageError

Document = TypeVar("Document")


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML whose keys are the text as written (`true:` is "true") and occur once each."""


def _construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        where = f"line {key_node.start_mark.line + 1}"
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise yaml.YAMLError(f"{where}: a key must be plain text")
        if key_node.value in mapping:
            raise yaml.YAMLError(f"{where}: the key '{key_node.value}' occurs twice")
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """As strict and ten times as fast, but for files of ours: its errors have other words, its nesting no limit."""


for _loader in (_StrictLoader, _FastLoader):
    _loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def read_yaml(path: Path, *, is_shipped: bool = False) -> Any:
    """The file's one YAML document as plain values, not to be changed. Raises UsageError when it cannot be read."""
    try:
        return _parsed(path.read_text(encoding="utf-8"), _FastLoader if is_shipped else _StrictLoader)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}).", remedy="Check the path.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: is not valid YAML: {_one_line(error)}.", remedy="Correct it.") from error
    except RecursionError as error:
        raise UsageError(f"{path}: is nested too deeply.", remedy="Flatten it.") from error


@lru_cache(maxsize=256)
def _parsed(text: str, loader: type[yaml.SafeLoader]) -> Any:
    """Once for each text: a run asks for the declarations eight times."""
    return yaml.load(text, Loader=loader)


def convert(value: Any, kind: type[Document], *, path: Path) -> Document:
    """`value` as the struct `kind`. Raises UsageError that names the key and, for a misspelt one, the nearest."""
    try:
        return conversion.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `")
        place = _named_place(where.rstrip("`").removeprefix("$").lstrip("."), value, kind)
        raise _explained(message, place=place, kind=kind, path=path) from None


def _named_place(place: str, value: Any, kind: Any) -> str:
    """The place with real keys: the decoder writes `fields[...]` for whichever key of a mapping it failed at."""
    while "[...]" in place:
        before, _, after = place.partition("[...]")
        mapping = _value_at(value, before)
        culprit = next((key for key in mapping if _fails(_with_only(value, before, key), kind)), None)
        if culprit is None:
            return place
        place = f"{before}.{culprit}{after}"
    return place


def _steps(place: str) -> list[str]:
    return re.findall(r"\[[^\]]*\]|[^.\[\]]+", place)


def _value_at(value: Any, place: str) -> Any:
    for step in _steps(place):
        value = value[int(step[1:-1])] if step.startswith("[") else value[step]
    return value


def _with_only(value: Any, place: str, key: str) -> Any:
    """A copy of the document in which the mapping at `place` has this one key."""
    if not place:
        return {key: value[key]}
    step, *rest = _steps(place)
    below = ".".join(rest).replace(".[", "[")
    if isinstance(value, list):
        at = int(step[1:-1])
        return [*value[:at], _with_only(value[at], below, key), *value[at + 1 :]]
    return {**value, step: _with_only(value[step], below, key)}


def _fails(value: Any, kind: Any) -> bool:
    try:
        conversion.convert(value, kind)
    except msgspec.ValidationError:
        return True
    return False


def closest(name: str, valid: Iterable[str]) -> str:
    """A hint for a name that is not valid: the nearest one, else all of them."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?" if near else f"Valid names: {', '.join(names)}."


def _explained(message: str, *, place: str, kind: Any, path: Path) -> UsageError:
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL)
    missing = re.fullmatch(r"Object missing required field `(.*)`", message, re.DOTALL)
    holder = f" in '{place}'" if place else ""
    if unknown:
        return UsageError(
            f"{path}: unknown key '{unknown[1]}'{holder}.",
            remedy=closest(unknown[1], _names_at(kind, place)),
        )
    if missing:
        return UsageError(f"{path}: the key '{missing[1]}' is missing{holder}.", remedy=f"Add '{missing[1]}'.")
    key = place or "the document"
    enum = re.fullmatch(r"Invalid enum value (.*)", message, re.DOTALL)
    if enum:
        remedy = closest(enum[1].strip("'"), _words_at(kind, place))
        return UsageError(f"{path}: '{key}': {enum[1]} is not one of its values.", remedy=remedy)
    expectation = re.sub(r"`([^`]*)`", lambda quoted: _in_words(quoted[1]), message)
    expectation = expectation[0].lower() + expectation[1:]
    return UsageError(f"{path}: '{key}': {expectation}.", remedy=f"Correct the value of '{key}'.")


_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "a mapping", "null": "nothing", "date": "a date",
}  # fmt: skip


def _in_words(types: str) -> str:
    names = [_WORDS.get(name, name) for name in types.split(" | ")]
    return " or ".join(name for name in names if name != "nothing") or "nothing"


def _words_at(kind: Any, place: str) -> list[str]:
    """The words allowed at the place."""
    here = _type_at(kind, place)
    options = here.types if isinstance(here, msgspec.inspect.UnionType) else (here,)
    literals = [option for option in options if isinstance(option, msgspec.inspect.LiteralType)]
    return [str(word) for literal in literals for word in literal.values]


def _names_at(kind: Any, place: str) -> list[str]:
    """Names of the fields valid at `place` (as `suites[0].tasks`) of the struct."""
    here = _type_at(kind, place)
    options = here.types if isinstance(here, msgspec.inspect.UnionType) else (here,)
    return [
        field.encode_name
        for option in options
        if isinstance(option, msgspec.inspect.StructType)
        for field in option.fields
    ]


def _type_at(kind: Any, place: str) -> Any:
    here = msgspec.inspect.type_info(kind)
    for step in _steps(place):
        here = _step_into(here, step)
    return here


def _step_into(info: Any, part: str) -> Any:
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    for option in options:
        if isinstance(option, msgspec.inspect.ListType):
            return option.item_type
        if isinstance(option, msgspec.inspect.DictType):
            return option.value_type
        if isinstance(option, msgspec.inspect.StructType):
            for field in option.fields:
                if field.encode_name == part:
                    return field.type
    return info


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).replace("<unicode string>", "the file").split()).rstrip(".")
