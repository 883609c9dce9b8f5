"""The two templates of a map: a path that yields captures, and a text made of sources.

Both are literal text with `{placeholders}` and `[optional parts]`; `{{ }} [[ ]]` stand for the characters.
A path may also hold `*`: any run of characters within one folder or file name, and `**/`: any folders, or none. A
capture lies within one name too, and takes as little as it can; `{name:int}` takes digits alone, and a name that
stands again matches what it matched before.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

_COMPRESSIONS = (".gz", ".zst")
_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}]*)\}|([\[\]{}])|\*\*/|\*|[^\[\]{}*]+")
_WHOLE_NUMBER = "int"
_WILD = {"*": "[^/]*", "**/": "(?:[^/]+/)*"}
_CAPTURE_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class TemplateError(ValueError):
    """What is wrong with a template, as a sentence without its end."""


class Part(NamedTuple):
    """A literal or a placeholder; parts with the same `group` above 0 stand or fall together."""

    text: str
    is_placeholder: bool
    group: int


def parse(template: str) -> list[Part]:
    """The parts in order. Raises TemplateError for brackets or braces that do not pair."""
    parts: list[Part] = []
    group, groups = 0, 0
    for token in _TOKEN.finditer(template):
        text, bracket = token[0], token[2]
        if bracket == "[" and group == 0:
            group = groups = groups + 1
        elif bracket == "]" and group:
            group = 0
        elif bracket:
            raise TemplateError(f"'{bracket}' at character {token.start() + 1} has no partner or is nested")
        elif token[1] is not None:
            parts.append(Part(token[1], is_placeholder=True, group=group))
        else:
            literal = text[0] if text in {"{{", "}}", "[[", "]]"} else text
            parts.append(Part(literal, is_placeholder=False, group=group))
    if group:
        raise TemplateError("an optional part opened by '[' is not closed")
    return parts


class PathTemplate:
    """A template for the tail of a file's path; `captures` are its names in order."""

    def __init__(self, template: str) -> None:
        parts = parse(template)
        groups: dict[str, int] = {}
        for part in (part for part in parts if part.is_placeholder):
            name, colon, kind = part.text.partition(":")
            if not _CAPTURE_NAME.fullmatch(name):
                raise TemplateError(f"'{name}' is no capture name: lowercase letters, digits and _ only")
            if colon and kind != _WHOLE_NUMBER:
                raise TemplateError(f"'{part.text}': a capture is of kind 'int', or of none")
            if groups.setdefault(name, part.group) not in (0, part.group):
                raise TemplateError(f"'{name}' stands again where its optional part may be missing")
        if any(part.text == "**/" and at and not parts[at - 1].text.endswith("/") for at, part in enumerate(parts)):
            raise TemplateError("'**/' stands for whole folders: put '/' before it")
        self.captures = list(groups)
        self._pattern = re.compile("(?:^|.*/)" + _path_pattern(parts), re.DOTALL)

    def match(self, path: PurePosixPath) -> dict[str, str] | None:
        """The captures when the path ends like the template; a compression suffix does not count."""
        text = path.as_posix()
        for suffix in _COMPRESSIONS:
            text = text.removesuffix(suffix)
        found = self._pattern.fullmatch(text)
        return {name: value for name, value in found.groupdict().items() if value is not None} if found else None


def _path_pattern(parts: list[Part]) -> str:
    pattern, group, seen = "", 0, set[str]()
    for part in parts:
        if part.group != group:
            pattern += (")?" if group else "") + ("(?:" if part.group else "")
            group = part.group
        if part.is_placeholder:
            name, _, kind = part.text.partition(":")
            taken = "[0-9]+" if kind else "[^/]+?"
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{taken})"
            seen.add(name)
        else:
            pattern += _WILD.get(part.text) or re.escape(part.text)
    return pattern + (")?" if group else "")


Lookup = Callable[[str], str | None]


def fill(parts: list[Part], lookup: Lookup) -> str | None:
    """The text with every placeholder looked up; None when one outside an optional part is unknown."""
    values = {part.text: lookup(part.text) for part in parts if part.is_placeholder}
    dropped = {part.group for part in parts if part.is_placeholder and values[part.text] is None}
    if 0 in dropped:
        return None
    kept = [part for part in parts if part.group not in dropped]
    return "".join(str(values[part.text]) if part.is_placeholder else part.text for part in kept)
