"""Credentials without a form of their own: told by the name, header or address they stand in.

Whatever stands there is judged: references to an environment, templates, masks and plain words are no secrets.
"""

from itertools import pairwise

from dagster_project.training.scrubbing.rules import Rule

# Between a name and its value: quotes, escaped any number of times, around one sign of assignment or, of two texts
# handed to a function, a comma.
_QUOTE = r"""(?:\\*["'`])?"""
_ASSIGNED = (
    rf"(?:{_QUOTE}\]?[ \t]{{0,3}}(?::=|=>|=|:)[ \t]{{0,3}}(?:[bfru]{{0,2}}\\*[\"'`])?"
    r"""|\\*["'],[ \t]{0,3}\\*["'])"""
)
_VALUE = r"""([^\s"'`\\,;<>(){}\[\]]{6,}[^\s"'`\\,;<>(){}\[\].:!?]|[^\s"'`\\,;<>(){}\[\]]{6,})"""
_PASSWORD_NAMES = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|passwd|pwd|(?:bind|root|user)_?pw|contrase(?:n|ñ)a|mot_de_passe)"
)
_SECRET_NAMES = (
    r"(?:secret(?:[_-]?(?:access)?[_-]?(?:key|token|id)(?:[_-]?base)?)?|(?:api|app|access|admin|root|server|ingest|cipher|session|cookie|jwt|account|auth|signing|encryption|master|"
    r"private|service|shared[_-]?access|subscription|license|storage|webhook|hmac|deploy|integration|consumer|"
    r"application)[_-]?(?:key|secret|token|password)(?:[_-]?id)?|apikey|accesskey|(?:client|consumer|app|jwt|oauth|"
    r"session|cookie|webhook)[_-]?secret|(?:access|auth|bearer|csrf|id|oauth|personal|refresh|reset|session|security|"
    r"user|bot|access)[_-]?token|token|credentials?|bearer|auth(?:orization)?[_-]?(?:key|code)|otp[_-]?secret|"
    r"(?:private|api)[_-]?key[_-]?id|sas|sig|signature|connection[_-]?key|passkey|sessionid|dsn[_-]?key)"
)

_PLACEHOLDER_WORDS = (
    "example", "placeholder", "changeme", "change_me", "change-me", "redacted", "your", "dummy", "insert", "replace",
    "undefined", "required", "optional", "masked", "hidden", "removed", "omitted", "missing", "invalid", "environ",
    "getenv", "process.env", "secrets.", "vault", "config", "settings", "credential", "keyring", "getpass", "none",
    "null", "true", "false", "string", "prompt", "input", "password", "passwd", "secret", "token",
)  # fmt: skip


def is_secret_value(value: str, around: str) -> bool:
    """Whether an assigned value is a secret: mixed enough to be one, and no reference, template, mask or word."""
    if len(set(value)) < 5 or value[0] in "$%*<{[(/.#@~" or "${" in value or "{{" in value or "..." in value:
        return False
    if around.partition(value)[2][:1] in ("(", "["):
        return False  # a call or a lookup, not a value
    lower = value.lower()
    if lower.startswith(("http://", "https://", "sha256:", "sha512-", "arn:")) or "::" in value or "->" in value:
        return False
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    if not has_letter:
        return False
    if any(word in lower for word in _PLACEHOLDER_WORDS) and not (has_digit and len(value) >= 16):
        return False
    if value.replace("_", "").replace(".", "").replace("-", "").isalpha():
        # Letters alone are a secret only where they change case like no word does.
        return len(value) >= 12 and _case_changes(value) >= 4 and "." not in value and "_" not in value
    return has_digit or any(character in "!@#$%^&*+=~|?" for character in value)


def is_key_value(value: str, around: str) -> bool:
    """As `is_secret_value`, of a name that also stands for other things (token, key): longer, and with a digit."""
    if len(value) < 12 or not any(character.isdigit() for character in value):
        return len(value) >= 16 and is_secret_value(value, around)
    return is_secret_value(value, around)


def is_mixed_key(value: str, around: str) -> bool:
    """As `is_key_value`, of a name that may stand for anything: long, and of letters of both cases and digits."""
    has_cases = value.lower() != value != value.upper()
    return len(value) >= 16 and has_cases and is_key_value(value, around)


def is_url_password(value: str, around: str) -> bool:
    """Whether what stands between `:` and `@` of an address is a password, not the word or a template."""
    lower = value.lower()
    if value[0] in "$<{%[*" and not value[-1].isalnum():
        return False
    return lower not in {"password", "pass", "passwd", "pwd", "secret", "token", "xxx", "***", "user"} and (
        len(set(value)) > 1
    )


def _case_changes(value: str) -> int:
    return sum(a.islower() != b.islower() for a, b in pairwise(value))


SECRET_CONTEXTS: list[Rule] = [
    Rule(
        type="PASSWORD",
        pattern=r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\\?/\\?/[^\s:@/\"'<>]{0,80}:([^\s@/\"'<>\\]{3,}|[^\s@\"'<>\\]{3,80})@[\w\[]",
        check=is_url_password,
    ),
    Rule(
        type="PASSWORD",
        pattern=rf"(?i)(?:^|[^a-z])(?:[a-z0-9]+[_.-]?)?(?:{_PASSWORD_NAMES}(?:[_.-][0-9a-z]{{1,8}}|[0-9]{{1,3}})?|passw(?:or)?d[a-z]{{1,10}}){_ASSIGNED}{_VALUE}",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=rf"(?i)\b{_PASSWORD_NAMES}[ \t]+(?:is|was|ist|es|est)[ \t:]+{_QUOTE}{_VALUE}",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=rf"(?i)(?:^|[\s\"'`=])--?(?:[a-z]+-)?(?:password|passwd|pass|pwd)[ =]{_QUOTE}{_VALUE}",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=r"""(?i)\bcurl\b[^\n]{0,300}?\s(?:-u|--user)[ =]\\*["']?[^\s:"']{1,80}:([^\s"'\\]{3,})""",
        check=is_url_password,
    ),
    Rule(
        type="PASSWORD",
        pattern=r"""\bsshpass[ \t]+-p[ \t]*\\*["']?([^\s"'\\]{3,})""",
        check=is_url_password,
    ),
    Rule(
        type="PASSWORD",
        pattern=r"""\b(?:mysql|mariadb)[a-z]{0,10}\b[^\n|;]{0,120}?[ \t]-p([^\s"'\\]{6,})""",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=r"""(?i)\blogin[ \t]+[^\s"']{1,80}[ \t]+password[ \t]+([^\s"'\\]{6,})""",
        check=is_secret_value,
    ),
    Rule(
        type="SECRET",
        pattern=rf"(?i)(?:^|[^a-z])(?:[a-z0-9]{{1,20}}[_.-]?){{0,4}}{_SECRET_NAMES}{_ASSIGNED}(?:bearer |basic |token )?{_VALUE}",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=rf"(?i)(?:^|[\s\"'`=])--?(?:[a-z]+-)?(?:token|secret|api-?key|access-?key|auth)[ =]{_QUOTE}{_VALUE}",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=rf"(?i)\b(?:token|api[ _-]?key|secret(?: key)?|access key)[ \t]+(?:is|was|ist)[ \t:]+{_QUOTE}{_VALUE}",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=r"(?i)\b(?:api|access|secret|license|auth)[ _-]?(?:key|token)[ \t]+\\*[\"'`]?([A-Za-z0-9_]{24,})\b",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=r"(?i)<[a-z0-9_.:-]{0,30}(?:password|passwd|secret|token|api_?key|private_?key)>([^<>\s\\]{6,})</",
        check=is_secret_value,
    ),
    Rule(
        type="SECRET",
        pattern=(
            r"(?i)\bcookie\\*[\"']?:[^\n]{0,200}?[ \"';:][a-z_.-]{0,30}(?:sess|sid|auth|token|jwt|csrf|xsrf)[a-z_.-]{0,30}"
            r"=([^;\s\"'\\]{16,})"
        ),
        check=is_key_value,
    ),
    Rule(type="SECRET", pattern=rf"(?i)(?:^|[\s:;\"'+]|\\[nrt])_auth={_QUOTE}{_VALUE}", check=is_key_value),
    Rule(
        type="PASSWORD",
        pattern=(
            r"""\b(?:login\b[^\n|;]{0,100}?[ \t](?:-p|--password)|redis-cli\b[^\n|;]{0,80}?[ \t]-a|"""
            r"""mongo[a-z]{0,8}\b[^\n|;]{0,80}?[ \t]-p|htpasswd[ \t]+-[a-zA-Z]*b[a-zA-Z]*[ \t]+\S{1,80}[ \t]+\S{1,80}|"""
            r"""(?:wandb|hf|huggingface-cli)[ \t]+login)[ \t=]+\\*["']?([^\s"'\\-][^\s"'\\]{5,})"""
        ),
        check=is_secret_value,
    ),
    Rule(
        type="BEARER_TOKEN",
        pattern=r"(?i)\b(?:bearer|apikey|authorization:? token)[ \t]+\\*[\"']?([A-Za-z0-9._~+/=-]{16,})",
        check=is_key_value,
    ),
    Rule(
        type="BASIC_AUTH",
        pattern=r"(?i)authorization\\*[\"']?[ \t]*[:=][ \t]*\\*[\"']?basic[ \t]+([A-Za-z0-9+/=_-]{8,})",
    ),
    # An environment's NAME_KEY, registry and cluster credentials, settings of .NET.
    Rule(type="SECRET", pattern=rf"\b[A-Z][A-Z0-9_]{{1,40}}_KEY{_ASSIGNED}{_VALUE}", check=is_mixed_key),
    Rule(
        type="SECRET",
        pattern=r"""(?i)\\*["']auth\\*["'][ \t]*:[ \t]*\\*["']([A-Za-z0-9+/]{16,}={0,2})""",
        check=is_mixed_key,
    ),
    Rule(type="SECRET", pattern=r"client-key-data\\*[\"']?:[ \t]*\\*[\"']?([A-Za-z0-9+/]{40,}={0,2})"),
    Rule(
        type="SECRET",
        pattern=(
            r"""(?i)\b(?:key|name)=\\*["'][a-z0-9_.:-]{0,40}(?:password|passwd|secret|token|api_?key)\\*["'][ \t]+"""
            r"""value=\\*["']([^"'\\\s]{6,})"""
        ),
        check=is_secret_value,
    ),
    Rule(type="SECRET", pattern=rf"--from-literal[= ][a-zA-Z0-9_.-]{{1,40}}={_VALUE}", check=is_secret_value),
]
