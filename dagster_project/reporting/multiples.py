"""Small multiples of the report: one little chart an agent."""

from itertools import groupby
from operator import itemgetter

from dagster_project.reporting.charts import Point, calibration_chart, series_chart
from dagster_project.reporting.documents import Reader
from dagster_project.reporting.markup import Markup, tag
from dagster_project.reporting.tables import number, percent

MOST_AGENTS = 60
"""Agents with a chart of their own, those of most runs first."""

_TRENDS = """
    with agents as (
        select organization_id, agent_id, sum(run_count) as runs from agent_trends group by 1, 2
        order by 3 desc, 1, 2 limit ?
    )
    select trends.organization_id, trends.agent_id, trends.event_date, trends.success_rate,
        trends.success_rate_low, trends.success_rate_high
    from agent_trends as trends
    inner join agents
        on trends.organization_id = agents.organization_id and trends.agent_id = agents.agent_id
    inner join (select organization_id, max(event_date) as as_of from agent_trends group by 1) as days
        on trends.organization_id = days.organization_id
    where trends.event_date > days.as_of - 90
    order by agents.runs desc, 1, 2, 3
"""
_CALIBRATIONS = """
    with agents as (
        select organization_id, agent_id, run_count, ece, overconfidence from agent_calibration_summary
        order by run_count desc, 1, 2 limit ?
    )
    select bins.organization_id, bins.agent_id, agents.ece, agents.overconfidence, bins.mean_confidence,
        bins.success_rate, bins.success_rate_low, bins.success_rate_high
    from agent_calibration as bins
    inner join agents
        on bins.organization_id = agents.organization_id and bins.agent_id = agents.agent_id
    order by agents.run_count desc, 1, 2, bins.bin
"""
_AGENT = itemgetter("organization_id", "agent_id")


def trends(reader: Reader) -> list[Markup]:
    """Success by day of the last 90, one chart an agent; nothing when no run is dated."""
    charts = []
    for (_, agent_id), group in groupby(reader.rows(_TRENDS, [MOST_AGENTS]), key=_AGENT):
        days = list(group)
        points = [
            Point(value=day["success_rate"], low=day["success_rate_low"], high=day["success_rate_high"]) for day in days
        ]
        charts.append(series_chart(agent_id, f"{days[0]['event_date']} to {days[-1]['event_date']}", points))
    note = "Success rate with its interval; the lines lie at 0, 50 and 100 %. A gap is a day without a rate."
    return _section("Success by day", note, charts)


def calibrations(reader: Reader) -> list[Markup]:
    """Stated confidence against success, one chart an agent; nothing when nobody states any."""
    charts = []
    for (_, agent_id), group in groupby(reader.rows(_CALIBRATIONS, [MOST_AGENTS]), key=_AGENT):
        bins = list(group)
        caption = f"ECE {number(bins[0]['ece'])}, over {percent(bins[0]['overconfidence'], 0)}"
        columns = itemgetter("mean_confidence", "success_rate", "success_rate_low", "success_rate_high")
        charts.append(calibration_chart(agent_id, caption, [columns(each) for each in bins]))
    note = (
        "Stated confidence to the right, success rate upwards, both 0 to 100 %: above the diagonal an agent is better "
        "than it says. ECE is the mean distance; over is by how much it says too much."
    )
    return _section("Stated confidence against success", note, charts)


def _section(title: str, note: str, charts: list[Markup]) -> list[Markup]:
    return [tag("h2", title), tag("p", note, class_="note"), tag("div", charts, class_="multiples")] if charts else []
