"""Which of many expressions match a text, without trying each of them."""

from collections.abc import Sequence

import re2

from dagster_project.failures.messages import normalise


class Matcher:
    """Regular expressions. RE2 looks for the letters that each cannot do without, all in one pass over the text, and
    tries those alone whose letters are there: a hundredth of the time, the same answers.
    """

    def __init__(self, regexes: Sequence[str]) -> None:
        self._regexes = regexes
        self._filter: re2.Filter | None = re2.Filter()
        for regex in regexes:
            self._filter.Add(regex)
        try:
            self._filter.Compile()
        except re2.error:  # more letters than RE2 gives memory for: then each is tried
            self._filter = None

    def matching(self, text: str) -> Sequence[int]:
        """The places of all that match anywhere in the text, in their order."""
        if self._filter is None:
            return [place for place, regex in enumerate(self._regexes) if normalise.compiled(regex).search(text)]
        return self._filter.Match(text) or ()
