"""Charts as inline SVG: values with their intervals, series with gaps, calibration against the diagonal.

All coordinates are computed here from numbers; texts go through `tag`, which escapes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dagster_project.reporting.markup import Markup, tag

_ROW, _PLOT, _NOTE, _TOP = 22, 420, 250, 4


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One value with its interval, on the scale of its chart. `group` shades neighbours of one tied group alike."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    group: int = 0


def interval_chart(
    title: str,
    bars: Sequence[Bar],
    *,
    low: float = 0,
    high: float = 100,
    unit: str = "",
    margin: float | None = None,
    label_width: int = 250,
) -> Markup:
    """One row a bar: a dot at the value, a line over its interval, shaded by tied group.

    `margin` draws the band around 0 within which a difference counts as none.
    """
    span = (high - low) or 1.0
    bottom = _TOP + _ROW * len(bars)
    height = bottom + _ROW

    def x(value: float) -> float:
        return round(label_width + _PLOT * min(max((value - low) / span, 0.0), 1.0), 2)

    parts: list[Markup] = []
    if margin is not None:
        band = x(margin) - x(-margin)
        parts.append(tag("rect", x=x(-margin), y=_TOP, width=band, height=bottom - _TOP, class_="margin"))
    for tick in (low + span * step / 4 for step in range(5)):
        parts.append(tag("line", x1=x(tick), x2=x(tick), y1=_TOP, y2=bottom, class_="grid"))
        parts.append(tag("text", f"{tick:g}{unit}", x=x(tick), y=height - 6, text_anchor="middle", class_="tick"))
    for place, bar in enumerate(bars):
        y = _TOP + _ROW * (place + 0.5)
        if bar.group % 2:
            parts.append(
                tag("rect", x=0, y=y - _ROW / 2, width=label_width + _PLOT + _NOTE, height=_ROW, class_="group")
            )
        parts.append(tag("text", _cut(bar.label, label_width // 7), x=label_width - 8, y=y + 4, text_anchor="end"))
        if bar.low is not None and bar.high is not None:
            parts.append(tag("line", x1=x(bar.low), x2=x(bar.high), y1=y, y2=y, class_="interval"))
        if bar.value is not None:
            parts.append(tag("circle", cx=x(bar.value), cy=y, r=4, class_="dot"))
        parts.append(tag("text", _cut(bar.note, 38), x=label_width + _PLOT + 10, y=y + 4, class_="note"))
    return _svg(title, parts, width=label_width + _PLOT + _NOTE, height=height)


@dataclass(frozen=True, kw_only=True)
class Point:
    """One place of a series from 0 to 1; None is a gap, never 0."""

    value: float | None
    low: float | None
    high: float | None


def series_chart(title: str, caption: str, points: Sequence[Point]) -> Markup:
    """A small multiple: values from 0 to 1 over equal steps, their intervals as a band, gaps left open."""
    width, height, top = 300, 110, 22
    step = (width - 20) / max(len(points) - 1, 1)

    def x(place: int) -> float:
        return round(10 + step * place, 2)

    def y(value: float) -> float:
        return round(top + (height - top - 14) * (1 - min(max(value, 0.0), 1.0)), 2)

    parts = [tag("line", x1=10, x2=width - 10, y1=y(tick), y2=y(tick), class_="grid") for tick in (0.0, 0.5, 1.0)]
    for stretch in _stretches(points):
        edge = [f"{x(place)},{y(points[place].high or 0.0)}" for place in stretch]
        edge += [f"{x(place)},{y(points[place].low or 0.0)}" for place in reversed(stretch)]
        parts.append(tag("polygon", points=" ".join(edge), class_="band"))
        line = " ".join(f"{x(place)},{y(points[place].value or 0.0)}" for place in stretch)
        parts.append(tag("polyline", points=line, class_="series"))
        if len(stretch) == 1:
            [place] = stretch
            parts.append(tag("circle", cx=x(place), cy=y(points[place].value or 0.0), r=2, class_="dot"))
    parts.append(tag("text", _cut(title, 40), x=10, y=14, class_="small-title"))
    parts.append(tag("text", caption, x=10, y=height - 2, class_="tick"))
    return _svg(f"{title}: {caption}", parts, width=width, height=height)


def _stretches(points: Sequence[Point]) -> list[list[int]]:
    """Runs of neighbouring places that have a value."""
    stretches: list[list[int]] = []
    for place, point in enumerate(points):
        if point.value is None:
            continue
        if stretches and stretches[-1][-1] == place - 1:
            stretches[-1].append(place)
        else:
            stretches.append([place])
    return stretches


def calibration_chart(title: str, caption: str, bins: Sequence[tuple[float, float, float, float]]) -> Markup:
    """A small multiple: (confidence, success rate, low, high) of each bin against the diagonal."""
    size, margin = 150, 20

    def at(value: float) -> float:
        return margin + (size - 2 * margin) * min(max(value, 0.0), 1.0)

    parts = [
        tag("rect", x=margin, y=margin, width=size - 2 * margin, height=size - 2 * margin, class_="frame"),
        tag("line", x1=at(0), y1=size - at(0), x2=at(1), y2=size - at(1), class_="grid"),
    ]
    for confidence, rate, low, high in bins:
        parts.append(tag("line", x1=at(confidence), x2=at(confidence), y1=size - at(low), y2=size - at(high),
                         class_="interval"))  # fmt: skip
        parts.append(tag("circle", cx=at(confidence), cy=size - at(rate), r=3, class_="dot"))
    parts.append(tag("text", _cut(title, 20), x=margin, y=14, class_="small-title"))
    parts.append(tag("text", caption, x=margin, y=size - 4, class_="tick"))
    return _svg(f"{title}: {caption}", parts, width=size, height=size)


def _svg(label: str, parts: Sequence[Markup], *, width: float, height: float) -> Markup:
    return tag(
        "svg", tag("title", label), list(parts), viewBox=f"0 0 {width:g} {height:g}", width=f"{width:g}",
        height=f"{height:g}", role="img", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
