"""Our own paths as Spark's SQL wants them."""

_GLOB_CHARACTERS = frozenset("\\{}[],*?")


def literal(text: str) -> str:
    """`text` as a Spark SQL string literal, where a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def without_patterns(path: str) -> str:
    """The path as a pattern that matches itself and nothing else."""
    return "".join("\\" + character if character in _GLOB_CHARACTERS else character for character in path)
