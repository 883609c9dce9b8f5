"""HTML and SVG out of values: every text is escaped here, and nowhere else is markup written by hand."""

from html import escape

from dagster_project.publishing.output import visible


class Markup(str):
    """Text that is markup already."""


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """An element. Children are escaped unless they are markup, None is left out, lists are flattened.

    `class_` gives `class`, `stroke_width` gives `stroke-width`.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(_child(child) for child in children)
    return Markup(f"<{name}{given}>{inside}</{name}>")


def _child(child: object) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, list | tuple):
        return "".join(_child(each) for each in child)
    return escape(_text(child), quote=False)


def _text(value: object) -> str:
    """A number short enough for a drawing; a text with its control characters as escapes."""
    return f"{value:.6g}" if isinstance(value, float) else visible(str(value))
