"""Path templates capture what a folder tree says; text templates drop an optional part as a whole."""

from pathlib import PurePosixPath

import pytest

from dagster_project.formats.mapped.templates import PathTemplate, TemplateError, fill, parse

MINT = "{model}/F={provider}/[PHF={kind}/]max{turns}_p{proposals}/results.jsonl"


@pytest.mark.parametrize(
    ("path", "captures"),
    [
        (
            "any/where/llama/F=None/max5_p2/results.jsonl",
            {"model": "llama", "provider": "None", "turns": "5", "proposals": "2"},
        ),
        (
            "llama/F=gpt-4/PHF=textual/max5_p2/results.jsonl.gz",
            {"model": "llama", "provider": "gpt-4", "kind": "textual", "turns": "5", "proposals": "2"},
        ),
        ("/llama/F=x/max1_p1/results.jsonl.zst", {"model": "llama", "provider": "x", "turns": "1", "proposals": "1"}),
        ("F=None/max5_p2/results.jsonl", None),
        ("llama/F=None/extra/max5_p2/results.jsonl", None),
        ("llama/F=None/max5_p2/results.jsonl/more", None),
        ("llama/F=None/max5_p2/results_jsonl", None),
    ],
)
def test_the_tail_of_the_path_is_matched(path: str, captures: dict[str, str] | None) -> None:
    assert PathTemplate(MINT).match(PurePosixPath(path)) == captures


def test_a_literal_begins_at_a_folder_or_file_name() -> None:
    template = PathTemplate("run-{n}.json")
    assert template.match(PurePosixPath("logs/run-1.json")) == {"n": "1"}
    assert template.match(PurePosixPath("logs/dry-run-1.json")) is None


def test_a_capture_takes_as_little_as_it_can() -> None:
    assert PathTemplate("{a}-{b}.json").match(PurePosixPath("x-y-z.json")) == {"a": "x", "b": "y-z"}


def test_a_star_stands_within_one_name() -> None:
    template = PathTemplate("{suite}/*/out-*.json")
    assert template.match(PurePosixPath("a/s/x/out-1.json")) == {"suite": "s"}
    assert template.match(PurePosixPath("s/x/y.json")) is None


def test_a_number_takes_digits_alone() -> None:
    template = PathTemplate("{task}.{n:int}-of-{of:int}.json")
    assert template.captures == ["task", "n", "of"]
    assert template.match(PurePosixPath("a/maze.hard.2-of-5.json")) == {"task": "maze.hard", "n": "2", "of": "5"}
    assert template.match(PurePosixPath("a/maze.hard.x-of-5.json")) is None


def test_a_name_that_stands_again_matches_the_same() -> None:
    template = PathTemplate("{task}/{task}.{rest}.json")
    assert template.match(PurePosixPath("maze.hard/maze.hard.1.json")) == {"task": "maze.hard", "rest": "1"}
    assert template.match(PurePosixPath("maze/other.1.json")) is None


def test_two_stars_stand_for_any_folders_or_none() -> None:
    template = PathTemplate("results/{agent}/**/{n:int}.json")
    for path in ("results/a/1.json", "results/a/x/y/1.json", "top/results/a/x/1.json"):
        assert template.match(PurePosixPath(path)) == {"agent": "a", "n": "1"}
    assert template.match(PurePosixPath("results/1.json")) is None


def test_doubled_brackets_stand_for_themselves() -> None:
    assert PathTemplate("[[{a}]]{{x}}.json").match(PurePosixPath("[1]{x}.json")) == {"a": "1"}


def test_hostile_names_are_data() -> None:
    found = PathTemplate("{a}.json").match(PurePosixPath("logs/'; drop table x; --{{ env_var('HOME') }}\n.json"))
    assert found == {"a": "'; drop table x; --{{ env_var('HOME') }}\n"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a", "'{' at character 1"),
        ("a}", "'}' at character 2"),
        ("[a", "not closed"),
        ("[a[b]]x", "nested"),
        ("[{a}/]{a}.json", "'a' stands again where its optional part may be missing"),
        ("{a:float}", "'a:float': a capture is of kind 'int'"),
        ("x**/{a}", "put '/' before it"),
        ("{A b}", "no capture name"),
        ("{}", "no capture name"),
    ],
)
def test_a_broken_template_says_where(template: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        PathTemplate(template)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"a": "x", "b": "y", "c": "z"}, "x/y/z"),
        ({"a": "x", "c": "z"}, "x/z"),
        ({"a": "", "c": "z"}, "/z"),
        ({"b": "y", "c": "z"}, None),
    ],
)
def test_an_unknown_value_drops_its_optional_part_or_the_whole_text(values: dict[str, str], text: str | None) -> None:
    assert fill(parse("{a}[/{b}]/{c}"), values.get) == text
