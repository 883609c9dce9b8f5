"""Two texts of one error message, each defined once for Python and for SQL.

*Classifier text* drops only the log envelope around a message, but for one word where its level is below a warning;
statuses and quoted names stay, they tell codes apart. *Masked message* also hides what varies between two occurrences
of one problem, and is what may be published. Each is an ordered list of (RE2 pattern, replacement): Python applies it
with google-re2, the generated SQL with the engine's own RE2, so the two agree byte for byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2


@dataclass(frozen=True)
class Rule:
    """Replace every match of an RE2 `pattern`; a pattern never matches the empty text."""

    name: str
    pattern: str
    replacement: str


QUIET = "INFO "
"""What begins a classifier text whose line was logged at a level below a warning: it tells of health."""
_QUIET = "TRACE|DEBUG|INFO|NOTICE"
_LOUD = "WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ENVELOPE_PARTS = (
    rf"[\[(]?\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}(?:Z| ?[+-]\d\d:?\d\d| UTC)?[\])]?",
    rf"[\[(]?{_CLOCK}Z?[\])]?",
    rf"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {{1,2}}\d{{1,2}} {_CLOCK}",
    rf"[\[(<]?(?:{_LOUD})[\])>]?",
    r"\[(?:warn|warning|error|critical|fatal)\]",
    r"level=[a-z]+",
    r"[\[(]?(?:worker|thread|process|pid|tid|Thread|Worker|MainProcess|MainThread|ForkPoolWorker)[-_ #:=]?\d+[\])]?",
    r"\[?(?:MainThread|MainProcess)\]?",
    r"\[\d+\]",
    # A logger's name counts as envelope only before a level: 'app.tools - ERROR - ...', 'app.tools:run:12 - ...'.
    rf"[A-Za-z_][\w.]* - (?:{_LOUD}) -",
    r"[A-Za-z_][\w.]*:[\w<>]+:\d+ -",
)
_QUIET_PARTS = (
    rf"[\[(<]?(?:{_QUIET})[\])>]?",
    r"\[(?:trace|debug|info|notice)\]",
    r"level=(?:trace|debug|info|notice)",
    rf"[A-Za-z_][\w.]* - (?:{_QUIET}) -",
)
_AFTER = "(?:[ :|,-]+|$)"
_PARTS = f"(?:{'|'.join(_ENVELOPE_PARTS)}){_AFTER}"
_QUIETLY = f"(?:{'|'.join(_QUIET_PARTS)}){_AFTER}"

ENVELOPE_RULES: tuple[Rule, ...] = (
    Rule("terminal colours", r"\x1b\[[0-9;?]*[A-Za-z]|\[[0-9;]{1,8}m", ""),
    # Single spaces are left alone: replacing each by itself was most of the cost.
    Rule(
        "white space and control characters",
        r"\x20*[\x00-\x1f\x7f\x{a0}][\x00-\x20\x7f\x{a0}]*|\x20{2,}",
        " ",
    ),
    Rule("quiet log envelope", f"^ ?(?:{_PARTS})*{_QUIETLY}(?:{_PARTS}|{_QUIETLY})*", QUIET),
    Rule("log envelope", f"^ ?(?:{_PARTS})+", ""),
    Rule("ends", r"^ | $", ""),
)
"""Message → classifier text."""

_SAYING = "|".join(("message", "msg", "error", "err", "detail", "reason", "cause", "exception", "error_?[mM]essage"))
"""The fields of an object, or of a line of fields, that hold a sentence."""
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
_WEEKDAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? "

_VARYING = "|".join(
    (
        # A quote opens a string only where no word ends: "the model's limit" holds none.
        r"\B'\[[^\]]*\]'",
        r"\B'(?:[^'\\]|\\.)*'",
        r'\\"[^"\\]*\\"',
        r'"(?:[^"\\]|\\.)*"',
        r"`[^`]*`",
        r"“[^”]*”",
        r"""[A-Za-z][A-Za-z0-9+.-]+://(?:[^\s"'`<>)\]}]*[^\s"'`<>)\]},.;:!?])?""",
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+",
        # A folder of Windows may have spaces in its name.
        r"""[A-Za-z]:\\(?:[^\s"',;:()\\]+(?: [^\s"',;:()\\]+){0,2}\\)*[^\s"',;:()]+""",
        r"\B(?:~|\.{1,2})?(?:/[\w.@%+~-]+)+/?",
        r"[\w.-]+(?:/[\w.@%+~-]+){2,}/?",
        r"[\w.-]+/[\w.@%+~-]*\w\.[A-Za-z]\w{0,4}",
        r"\b(?:(?:sk|pk|rk|hf|ghp|gho|ghs|ghr|github_pat|xox[abprs])[-_]|AKIA|eyJ)[A-Za-z0-9._-]{6,}",
        # Dates with names of months; the others are words with digits.
        rf"\b(?:{_WEEKDAY})?(?:[0-9]{{1,2}} )?{_MONTH} {{1,2}}[0-9]{{1,4}}(?:,? [0-9]+(?:[:.][0-9]+)*)*",
        rf"\b[0-9]{{1,2}} {_MONTH}\b",
        r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}",
        r"(?:[\w-]+[+/])*[\w-]*[0-9][\w-]*(?:(?:::|[.:,])[\w-]*[0-9][\w-]*|[+/][\w-]+)*(?:={1,2}\B)?",
    )
)

MASK_RULES: tuple[Rule, ...] = (
    # One problem is one at every level.
    Rule("quiet level", "^INFO(?: |$)", ""),
    # A log line or a body of JSON is no message; it holds one, of two words or more. (What replaces it is ASCII since
    # google-re2 misreads others.)
    Rule(
        "what an object says",
        rf"""(?:["'](?:{_SAYING})["'] ?: ?|\b(?:{_SAYING})=)"""
        r"""(?:"((?:[^"\\ ]|\\.)+ (?:[^"\\]|\\.)*)"|'((?:[^'\\ ]|\\.)+ (?:[^'\\]|\\.)*)')""",
        r"<:\1\2:>",
    ),
    # Quoted texts, URLs, e-mail addresses, paths, credentials, long tokens, dates, and words with digits, in one pass:
    # a pass a kind, each with a mask of its own, took four times as long.
    Rule("what varies", _VARYING, "<*>"),
    # Apart from the others: a count of forty multiplies what the engine must remember of them, and took half the time.
    Rule("long tokens", r"[A-Za-z0-9_+/=-]{40,}", "<*>"),
    Rule("value after =", r"""=[\[{]?[^\s,;)\]}&<"'=\[{]+""", "=<*>"),
)
"""Classifier text → masked message."""

STATUS_PATTERN = (
    r"(?i)(?:^|status|code|http|https|error|response|returned|\()"
    r"[ :=/(\[#'\"-]{0,4}(?:code[ :=]{1,2})?([45]\d\d)(?:[^0-9A-Za-z.]|$)"
)
"""First HTTP status a message names (its capture); masks would hide it, so it joins the fingerprint apart."""


HARMLESS = " <none> "
"""What stands in a text for a phrase that denies a failure: words of it never join those around."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> "re2._Regexp":
    """A compiled RE2 pattern; raises `re2.error` where it is not RE2."""
    return re2.compile(pattern)


def apply_rules(rules: Sequence[Rule], text: str) -> str:
    """`text` after every rule in order."""
    for rule in rules:
        text = compiled(rule.pattern).sub(rule.replacement, text)
    return text


def classifier_text(message: str) -> str:
    """The message without its log envelope, white space collapsed."""
    return apply_rules(ENVELOPE_RULES, message)


def masked_message(text: str) -> str:
    """The classifier text with everything masked that varies between occurrences."""
    return apply_rules(MASK_RULES, text)


def status_in_text(text: str) -> str | None:
    """The first HTTP error status (400–599) that a classifier text names."""
    found = compiled(STATUS_PATTERN).search(text)
    return found.group(1) if found else None
