"""The values of a masked message that are made of several masks and words: objects, lists, places, dates, amounts.

Belongs here: what is told of a value from its shape alone. What is told by comparing messages is `grouping`.
"""

import re
from collections.abc import Callable

VARIES = "<*>"
MOST_NESTED = 8
"""Levels of an object that are read."""

_V = r"<\*>"
_NAME = r"[\w.-]*\w"
_CONSTANT = r"(?:true|false|null|nil|None|True|False|NaN)"
_ITEM = rf"(?:{_V}|-?{_CONSTANT}\b)"
_DRIVE = re.compile(rf"\b[A-Za-z]:(?={_V})")
"""The letter before a masked path of Windows."""
_PLURAL = re.compile(r"(?<=[a-z])\((e?s)\)")
_SAID = re.compile(rf"{_V} ?: ?{_ITEM},? ?(?=.*<:)|(?<=:>),? ?{_V} ?: ?{_ITEM}(?:, ?{_V} ?: ?{_ITEM})*")
"""The fields of an object beside the one that says what happened."""
_FIELD = rf"(?:{_ITEM}|{_NAME}) ?: ?(?:{_ITEM}|{_NAME}|(?=\}}))"
_OBJECT = re.compile(
    rf"\{{ *\}}|\[ *\]|\{{{_FIELD}(?:, ?{_FIELD})*\}}"
    rf"|(?<![\w>])\((?:{_ITEM}(?:, ?{_ITEM})*,| *|{_ITEM}(?:, ?{_ITEM})+)\)"
    rf"|[\[{{]{_ITEM}(?:, ?(?:{_ITEM}|{_NAME}))*,?[\]}}]|[\[{{]{_NAME}(?:, ?(?:{_ITEM}|{_NAME}))+,?[\]}}]"
)
"""An object, a tuple or a list without others in it: one value, however many fields or items it has."""
_DOTTED = re.compile(rf"(?:\$\.)?(?:\w{{2,}}|{_V})(?:[.-](?:\w{{2,}}|{_V}))*\.(?:\w{{2,}}|{_V})(?:-\w+)*(?::{_V})?")
"""A host, with its port, or a name in a module: a name however common its parts."""
_SIGNED = re.compile(
    r"(?:(?:(?<=[\s(\[=,@])|^)(?:[#$€£¥~^@*+]|--?|::|EUR|USD|GBP|CHF|JPY|[<>=!~^]=?(?=<\*>)|===?(?=<\*>)) ?"
    r"|(?<=[\w\]>])(?:[<>=!~]=|[<>])(?=<\*>))(?=<\*>|inf\b)"
)
"""A currency, a sign, a bound of versions before a value."""
_GLUED = re.compile(
    rf"(?:\blocalhost|\[?{_V}\]?)"
    rf"(?:{_V}|\w+(?={_V})|(?:[:+@%#~/\\=,-]|::|\.\.\.?|->)\[?{_V}\]?"
    rf"|(?:::|\$)\w+|\({_V}(?:, ?{_V})*\)|\[(?:{_V}|{_NAME})\])*"
)
"""Values without white space between them: a place in a file, an address with its port."""
_PATH = re.compile(rf"(?<![\w.-])(?:{_NAME}@{_V}|(?:{_NAME}/)+{_V}(?:/{_NAME})*+/?)|{_V}(?:/{_NAME})+/?")
_MEMBER = re.compile(rf"\b[A-Za-z]\w*(?:\[(?:{_V}|\w*)\](?:\.\w+)*)+(?!:)|\({_V}\)(?:-\({_V}\))+")
"""A place in a list, a type of items, a span of points."""
_FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*|(?<![\w&])#[A-Za-z][\w-]*")
"""An option of a command, a channel."""
_HOST = re.compile(rf"\b(at|by|for|from|of|on|to|via|with) [A-Za-z][\w-]*:(?={_V})")
"""A name before its port, where a preposition tells that it is one."""
_WORDS_PATH = re.compile(r"(?<![\w./<-])[\w.-]*\w(?:/[\w.-]*\w)+")
_SPEAKER = re.compile(r"^\[[a-z][\w.-]*\](?= )")
"""Who logs."""
_CLAUSE = r"(?!(?:but|is|it|not|was|which|while)\b)"
"""What follows a comma and is no list's item begins so."""
_LISTED = rf"(?<![\w=.-])(?:{_V}|{_NAME})(?:, (?:and |or )?{_CLAUSE}(?:{_V}|{_NAME}))+"
_LAST_LISTED = rf" (?:and|or) (?>{_V}|\w+_\w+|[a-z]+[A-Z]\w*)"
_BETWEEN = re.compile(r", (?:and |or )?| (?:and|or) ")
_LIST = re.compile(rf"(?>{_LISTED})(?:{_LAST_LISTED}(?!, ))?")
_CLOSES_LIST = re.compile(r"\.?$|[;)\]}]|\. | vs")
"""What follows a list. Looked for once a list is read, as within `_LIST` it would be tried from each item on."""
_LIST_OF_NAMES = re.compile(rf"{_LISTED}(?:{_LAST_LISTED})?(?![\w.-]|[=(])")


def with_values_as_one(message: str, *, is_common: Callable[[str], bool]) -> str:
    """The masked message with each value that has parts as one mask."""
    text = _HOST.sub(r"\1 ", _PLURAL.sub(r"\1", _DRIVE.sub("", message)))
    text = _SPEAKER.sub(VARIES, text)
    if "<:" in text:
        text = _SAID.sub("", text).replace("<:", "").replace(":>", "")
    text = _FLAG.sub(VARIES, _without_objects(_MEMBER.sub(VARIES, text)))
    text = _DOTTED.sub(_dotted_shown, _SIGNED.sub("", text))
    text = _WORDS_PATH.sub(lambda path: _path_shown(path, is_common), _PATH.sub(VARIES, text))
    text = _without_objects(_GLUED.sub(VARIES, text))

    def list_shown(listed: re.Match[str]) -> str:
        if not _CLOSES_LIST.match(listed.string, listed.end()):
            return listed.group()
        items = _items(listed)
        begins = listed.string[: listed.start()].rstrip(" ([{")[-1:] == ":" and any(map(is_name, items))
        return VARIES if begins or len(items) > 2 else listed.group()

    def names_shown(listed: re.Match[str]) -> str:
        items = _items(listed)
        names = sum(map(is_name, items))
        is_list = names == len(items) or any(map(is_identifier, items)) or (len(items) > 2 and names * 2 >= len(items))
        return VARIES if is_list else listed.group()

    def is_name(item: str) -> bool:
        return item == VARIES or is_identifier(item) or not is_common(item)

    return _LIST_OF_NAMES.sub(names_shown, _LIST.sub(list_shown, text))


def _without_objects(text: str) -> str:
    for _ in range(MOST_NESTED):
        text, found = _OBJECT.subn(VARIES, text)
        if not found:
            break
    return text


def _path_shown(path: re.Match[str], is_common: Callable[[str], bool]) -> str:
    """Words with slashes between them: a path or a branch if one of them is a name, else alternatives."""
    return path.group() if all(map(is_common, path.group().split("/"))) else VARIES


def is_identifier(word: str) -> bool:
    """Whether a word is spelt as code: `created_at`, `lineItems`."""
    return "_" in word.strip("_") or (word[:1].islower() and word.isalpha() and not word.islower())


def _items(listed: re.Match[str]) -> list[str]:
    return _BETWEEN.split(listed.group())


def _dotted_shown(name: re.Match[str]) -> str:
    """A dotted name as one mask; an exception's type that a message begins with stays, and so does a sentence's end."""
    is_type = name.start() == 0 and name.group().rsplit(".", 1)[-1][0].isupper()
    return name.group() if is_type else VARIES
