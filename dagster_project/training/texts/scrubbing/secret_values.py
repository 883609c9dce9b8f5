"""What stands where a secret stands, and whether it is one: no reference to an environment, template, mask or word."""

import base64
import binascii
import re
from itertools import pairwise

# Between a name and its value: quotes, escaped any number of times, around one sign of assignment or, of two texts
# handed to a function, a comma.
QUOTE = r"""(?:\\*["'`])?"""
ASSIGNED = (
    rf"(?:{QUOTE}\]?[ \t]{{0,3}}(?::[ \t]{{0,3}}&?[A-Za-z][A-Za-z0-9_.<>|?\[\]]{{0,30}}[ \t]{{0,3}}=|:=|=>|=|:)[ \t]{{0,3}}(?:[bfru@]{{0,2}}\\*[\"'`])?"
    r"""|\\*["'],[ \t]{0,3}\\*["'])"""
)
VALUE = r"""([^\s"'`\\,;<>(){}\[\]]{6,}[^\s"'`\\,;<>(){}\[\].:!?]|[^\s"'`\\,;<>(){}\[\]]{6,})"""
NEXT = r"(?:[ \t]+|\\*[\"'`][ \t]{0,3},[ \t]{0,3}\\*[\"'`])"
"""Between two words of a command, in a shell or in a list of them."""
PASSWORD_NAMES = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|passwd|pwd|(?:(?:bind|root|user)_?)?pw|psk|requirepass|masterauth"
    r"|contrase(?:n|ñ|\\+u00f1)a|mot[ _]de[ _]passe|senha|wachtwoord|kennwort|l(?:ö|\\+u00f6)senord|has(?:ł|\\+u0142)o)"
)
SECRET_NAMES = (
    r"(?:secret(?:[_-]?(?:access)?[_-]?(?:key|token|id)(?:[_-]?base)?)?|(?:api|app|access|admin|root|server|ingest|cipher|session|cookie|jwt|account|auth|signing|encryption|master|"
    r"private|service|shared[_-]?access|subscription|license|storage|webhook|hmac|deploy|instrumentation|integration|consumer|"
    r"application)[_.-]?(?:key|secret|token|password)(?:[_-]?id)?|apikey|accesskey|(?:client|consumer|app|jwt|oauth|"
    r"session|cookie|webhook)[_-]?secret|(?:access|auth|bearer|csrf|id|oauth|personal|refresh|reset|session|security|"
    r"user|bot|access)[_-]?token|token|credentials?|bearer|erlang[_-]?cookie|auth(?:orization)?[_-]?(?:key|code)|otp[_-]?secret|"
    r"(?:private|api)[_-]?key[_-]?id|sas|sig|signature|connection[_-]?key|passkey|sessionid|dsn[_-]?key)"
)

NAME_WORDS = "pass|pw|psk|auth|contrase|secret|key|token|credential|bearer|sas|sig|session|_id|-id"
"""What one of the names holds: where nothing of it stands, none of them does."""

_PLACEHOLDER_WORDS = (
    "example", "placeholder", "changeme", "change_me", "change-me", "redacted", "your", "dummy", "insert", "replace",
    "undefined", "required", "optional", "masked", "hidden", "removed", "omitted", "missing", "invalid", "environ",
    "getenv", "process.env", "secrets.", "vault", "config", "settings", "credential", "keyring", "getpass", "none",
    "null", "true", "false", "string", "prompt", "input", "password", "passwd", "secret", "token",
)  # fmt: skip


def is_secret_value(value: str, around: str) -> bool:
    """Whether an assigned value is a secret: mixed enough to be one, and no reference, template, mask or word."""
    if len(set(value)) < 5 or value[0] in "$<{[(" or "${" in value or "{{" in value or "..." in value:
        return False
    if value[0] in "%*/.#@~" and not is_random(value, least=12) and not _begins_with_a_sign(value):
        return False  # a path, a mask, a template
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
        return len(value) >= 12 and value.isalpha() and _case_changes(value) >= 4
    return has_digit or any(character in "!@#$%^&*+=~|?" for character in value)


def _begins_with_a_sign(value: str) -> bool:
    """Whether it is a password with a sign before it: a variable has none within it, a mask no letters and digits."""
    rest = value[1:]
    kinds = (str.isdigit, str.isalpha, "!#%^*=+".__contains__)
    return value[0] in "%*#" and value[-1] != "%" and all(any(map(kind, rest)) for kind in kinds)


def is_key_value(value: str, around: str) -> bool:
    """As `is_secret_value`, of a name that also stands for other things (token, key): longer, and with a digit."""
    if len(value) < 12 or not any(character.isdigit() for character in value):
        return len(value) >= 16 and is_secret_value(value, around)
    return is_secret_value(value, around)


def is_mixed_key(value: str, around: str) -> bool:
    """As `is_key_value`, of a name that may stand for anything: long, and of letters of both cases and digits."""
    has_cases = value.lower() != value != value.upper()
    return len(value) >= 16 and has_cases and is_key_value(value, around)


def is_setting_key(value: str, around: str) -> bool:
    """As `is_mixed_key`, or hexadecimal digits, as many as a key has, of a name that is not one of a cache or table."""
    is_hex = len(value) >= 32 and not value.strip("0123456789abcdef") and any(map(str.isalpha, value))
    return is_mixed_key(value, around) or (is_hex and not _NAMES_ROWS.search(around.partition(value)[0]))


def is_random_key(value: str, around: str) -> bool:
    """As `is_mixed_key`, of a name that mostly stands for something else: drawn at random, too."""
    return is_random(value, least=28) and is_mixed_key(value, around)


def is_made_password(value: str, around: str) -> bool:
    """Whether it is a password by its looks: letters, digits and a sign amid them as no code has it; or all at random."""
    if is_key_alone(value, around):
        return True
    if len(value) < 8 or not (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return False
    # A sign that ends it may end the sentence: of a version, a ticket.
    signs = _SIGNS.intersection(value[1:-1] if "." in value or "-" in value else value[1:])
    return bool(signs - _SIGNS_OF_CODE) and not _NO_PASSWORD.fullmatch(value)


def is_flag_password(value: str, around: str) -> bool:
    """As `is_made_password`, of a flag that may mean anything: no range of revisions."""
    return is_made_password(value, around) and not _REVISION.search(value)


def is_key_alone(value: str, around: str) -> bool:
    """Whether it is a key though only a word near it says so: drawn at random, no identifier, digest, image or path."""
    before, _, after = around.partition(value)
    if _USE.match(after) or before.endswith(_NO_KEY_BEFORE) or _NO_KEY.match(value) or "." in value:
        return False
    digits, in_words = sum(map(str.isdigit, value)), sum(map(len, _WORDLIKE.findall(value)))
    if digits < len(value) // 14 or in_words >= _WORDS_OF_NAMES * len(value):
        return False
    return is_random(value, least=10, changes=0.37 if len(value) >= 20 else 0.45)


def is_long_key_alone(value: str, around: str) -> bool:
    """As `is_key_alone`, at least twenty letters and digits."""
    return sum(map(str.isalnum, value)) >= 20 and is_key_alone(value, around)


def is_code(value: str, around: str) -> bool:
    """Anything a sentence calls a one-time code."""
    return any(character.isdigit() for character in value)


def is_random(value: str, *, least: int, changes: float = 0.42) -> bool:
    """Whether so many letters of both cases and digits, at least, were drawn at random.

    Of neighbours at random two thirds are of different classes (upper, lower, digit), give or take a tenth; in words
    written as one, a third.
    """
    classes = ["d" if one.isdigit() else "u" if one.isupper() else "l" for one in value if one.isalnum()]
    if len(classes) < least or not {"u", "l", "d"} <= set(classes):
        return False
    return sum(a != b for a, b in pairwise(classes)) >= changes * (len(classes) - 1)


def is_url_password(value: str, around: str) -> bool:
    """Whether what stands between `:` and `@` of an address is a password, not the word or a template."""
    lower = value.lower()
    if _PORT.match(value):
        return False
    if _REFERENCE.fullmatch(value) or (value[0] in "$<{%[*" and not value[-1].isalnum()):
        return False
    return lower not in {"password", "pass", "passwd", "pwd", "secret", "token", "xxx", "***", "user"} and (
        len(set(value)) > 1
    )


def _case_changes(value: str) -> int:
    return sum(a.islower() != b.islower() for a, b in pairwise(value))


_REVISION = re.compile(r"\.\.|[~^]\d?$")
_USE = re.compile(r"[(\[]|\.\w")
_PORT = re.compile(r"\d{2,5}/")
_NAMES_ROWS = re.compile(
    r"(?:cache|primary|foreign|sort|partition|public|hash|dedup\w*|object|routing|idempotency|content|index|row|s3|lock)_key\W*$",
    re.I,
)
_SIGNS = frozenset("!#$%^&~@+?=*")
_SIGNS_OF_CODE = frozenset("=?@+%*")
_NO_PASSWORD = re.compile(r".*[=?].*|[\w.-]+#\d+|.*\.\w{2,5}#.*|[\w./%-]+#[a-z-]*\d*|v?[\d.]+!|&?[a-z]+;.*|.*://.*")
"""A query, the number of an issue, a place in a page, a letter of HTML, an address."""
_WORDLIKE = re.compile(r"[a-z]{3,}")
_WORDS_OF_NAMES = 0.45
"""Share of letters in runs of three small ones or more: in names of code the half of all, at random a sixth."""
_NO_KEY = re.compile(r"AAAA|MII|eyJ2ZXJzaW9u|(?:call|toolu|chatcmpl|msg|resp|req|run|thread|asst|file|evt)_")
_NO_KEY_BEFORE = ("sha512-", "sha384-", "sha256-", "SHA256:", "sha256:", "h1:", "base64,", "/", "sha1:", "@", "#")
_REFERENCE = re.compile(r"\$\{?[A-Z_][A-Z0-9_]*\}?")
_ENCODED_KEY = re.compile(rb"-----BEGIN (?!CERT|PUBL|X509|NEW CERT|TRUSTED)")


def is_encoded_key(value: str, around: str) -> bool:
    """Whether base64 begins as a private key does: certificates and public keys begin so, too."""
    return bool(_ENCODED_KEY.match(base64.b64decode(value[:32])))


def is_basic_auth(value: str, around: str) -> bool:
    """Whether base64 holds a user and a password."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded and decoded.isascii() and decoded.decode().isprintable()
