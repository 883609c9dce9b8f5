"""How a text is built, whatever it is about: a report of a failure ("could not open a.csv") is built differently from a
sentence that speaks of failures ("Files that cannot be opened are skipped."), a commit, a test's name, or a setting.

Three views: marks and pairs of them, the words that begin the text, and its shape, where each word that carries meaning
is replaced by its ending ("must be -ed", "^ w -ed to").
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

LONGEST = 60
"""Words and signs of a text whose shape is read."""

_COMMIT_VERBS = (
    "add|adds|fix|fixes|fixed|remove|handle|return|raise|improve|use|allow|support|update|bump|refactor|rename|check|"
    "ensure|make|avoid|prevent|test|do not|document|show|skip|drop|revert|merge|change|move|increase|reduce|set|"
    "replace|implement|introduce|retry|ignore|report|log|catch|wrap|clean|disable|enable|treat|map|convert|validate|"
    "reject|stop|limit|cap|silence|simplify|clarify|explain|describe|expose|propagate|detect|print|warn|cancel|close|"
    "block|resolve|restore|rework|tweak|try"
)
_FILE_ENDINGS = (
    "py|[jt]sx?|go|rs|java|kt|rb|cc|cpp|h|cs|php|vue|md|rst|html|css|json|ya?ml|toml|ini|cfg|conf|lock|txt|csv|png|svg|"
    "sql|sh|xml|snap|golden"
)

MARKS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("exception", r"^(?:[\w.]+\.)?\w*(?:Error|Exception|Exit|Failure|Interrupt|Timeout)\b[:(]?"),
        ("level", r"(?i)^(?:\[?(?:error|fatal|err!?|npm err|panic|critical)\b)"),
        ("error field", r"\"?error\"?\s*[:=]\s*[{\"']"),
        ("colon", r"\w: \w"),
        ("call", r"\w\($|\w\(.*\)$"),
        ("assignment", r"\w=\S"),
        ("sentence", r"[.!]$"),
        ("question", r"\?$"),
        ("begins small", r"^[a-z]"),
        ("begins great", r"^[A-Z]"),
        ("begins with a sign", r"^[-+*#|<@{(\[]"),
        ("error status", r"\b[45]\d\d\b"),
        ("success status", r"\b2\d\d\b"),
        ("none or all", r"(?i)\b(?:0|no|zero|none|without|all|every|\d+ of \d+|\d+/\d+)\b"),
        ("past", r"(?i)\b(?:now|again|already|since|after|earlier|before|previous|old)\b"),
        (
            "code",
            r"[{};]$|^\s*(?:def|class|if|for|return|import|from|raise|except|try|with|assert|const|let|var|func|fn|@)\b",
        ),
        ("option", r"(?:^|\s)--?[a-z]"),
        ("general", r"(?i)\b(?:when|if|whenever|should|would|could|may|might|means|example)\b"),
        ("backtick", r"`"),
        ("speaker", r"(?i)^(?:i|we|you|let|next|now|thought|plan|user)\b"),
        ("bar", r"\|"),
        ("markup", r"^(?:#|[-*] |\d+[.)] )"),
        ("number", r"\d"),
        ("one word", r"^\S+$"),
        ("file", rf"(?i)^\S+\.(?:{_FILE_ENDINGS})$"),
        (
            "commit",
            rf"(?i)^(?:[-*] )?(?:\[[\w ./-]+\] )?(?:[\w/ -]+(?:\([^)]*\))?!?: )?(?:{_COMMIT_VERBS})\b(?!:)",
        ),
        ("scope", r"^(?:feat|fix|docs?|chore|refactor|tests?|ci|build|perf|style|revert|deps)(?:\([^)]*\))?!?: "),
        ("describes", r"(?i)\b(?:raises?|throws?|returns|emits|means|happens|occurs|indicates)\b"),
        ("modal", r"(?i)\b(?:will|must|shall|can|may|might|should|would|could)\b"),
        ("condition", r"(?i)\b(?:if|when|whenever|unless|until|in case|once)\b"),
        ("reader", r"(?i)\byou(?:r|rs)?\b"),
        (
            "reported",
            r"(?i)\b(?:failed|could not|did not|can ?not|unable|were not|has been|have been|was|timed out|"
            r"gave up|giving up|exceeded|crashed|got)\b",
        ),
        ("passive", r"(?i)\b(?:is|are|gets?|be|being) (?:\w+ly |not )?\w+(?:ed|en)\b"),
        ("reference", r"\(#\d+|#\d+\b|@\w+|\bPR\b"),
        ("operator", r"=>|==|!=|&&|\|\||\(\)|->|::\w|\{\}|;$|\w\(\w*\)|\$\{|%[sdvr]\b|\{\w*\}"),
        ("enumeration", r"(?:\w+, ){3}"),
        ("snake case", r"\b[a-z]+(?:_[a-z]+)+\b"),
        ("camel case", r"\b[a-z]+(?:[A-Z][a-z]+)+\b"),
        (
            "explanation",
            r"(?i)\b(?:e\.g|i\.e|such as|for instance|for example|instead of|rather than|in order to|so that)\b",
        ),
        ("indefinite", r"(?i)\b(?:an?|any|each|every|whether|which|that|these|those|its|their|both)\b"),
        ("two sentences", r"[a-z][.!?] [A-Z]"),
        ("asks", r"(?i)^(?:how|what|why|which|where|who|does|do|is|are|can|could|should)\b"),
        ("long", r"^(?:\S+ ){14}"),
        ("short", r"^\S+(?: \S+){1,3}$"),
        ("title", r"^[A-Z]\w*(?: (?:[A-Z]\w*|a|an|and|for|of|on|or|the|to|with|in)){1,8}$"),
        ("test", r"(?i)^test[_A-Z]|^should\b|\btests?\b"),
        ("key", r"^[\"']?[\w.-]+[\"']?\s?[:=]"),
    )
)

_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the this that these those any each every all some no not if when whenever while until unless once after "
        "before because so to of in on at by for with without from into than as or and but is are was were be been "
        "being has have had do does did will would can could may might must should shall it its they we you your i our "
        "there here what which who how why now again already yet still only just never always also",
    )
)
_ENDINGS = ("ed", "ing", "ion", "ly", "able", "s")
_PART = re.compile(r"[A-Za-z][A-Za-z0-9_]*|\d[\w.,:]*|<none>|[^\sA-Za-z0-9]")
_OPENING = re.compile(r"[a-z]+")


def marks_of(text: str) -> Iterator[str]:
    """The marks that a text has."""
    return (name for name, pattern in MARKS if pattern.search(text))


def pairs_of(marks: list[str]) -> Iterator[tuple[str, str]]:
    """What two marks say together: "cannot" addressed to a reader is another than "cannot" alone."""
    return combinations(marks, 2)


def openings_of(text: str) -> Iterator[str]:
    """The first word, and the first two."""
    words = _OPENING.findall(text.lower())[:2]
    if words:
        yield words[0]
        yield " ".join(words)


def shapes_of(text: str) -> Iterator[str]:
    """Two and three neighbours of its shape, its beginning and end among them."""
    shape = ["^", *(_kind(part, is_first=place == 0) for place, part in enumerate(_PART.findall(text)[:LONGEST])), "$"]
    for length in (2, 3):
        for start in range(len(shape) - length + 1):
            yield " ".join(shape[start : start + length])


@lru_cache(maxsize=1 << 16)
def _kind(part: str, *, is_first: bool) -> str:
    """A word by what it does in a sentence, a sign as itself."""
    if not part[0].isalpha():
        return "9" if part[0].isdigit() else part[0]
    lower = part.lower()
    if lower in _FUNCTION_WORDS:
        return lower
    if "_" in part:
        return "snake_case"
    if re.search(r"[a-z][A-Z]", part):
        return "camelCase"
    if len(part) > 1 and part.isupper():
        return "UPPER"
    ending = next((end for end in _ENDINGS if lower.endswith(end) and len(lower) > len(end) + 2), "w")
    return ending if is_first or not part[0].isupper() else ending.capitalize()
