"""Credentials in settings, statements and calls: the name stands in one place, the value in another."""

from dagster_project.training.texts.scrubbing.rules import Rule
from dagster_project.training.texts.scrubbing.secret_values import (
    NAME_WORDS,
    PASSWORD_NAMES,
    QUOTE,
    SECRET_NAMES,
    VALUE,
    is_secret_value,
    is_url_password,
)

_NAMES = f"(?:{PASSWORD_NAMES}|{SECRET_NAMES})"
_IS = rf"{QUOTE}[ \t]*[:=][ \t]*{QUOTE}"
_QUOTED = rf"\\*[\"']{VALUE}\\*[\"']"
_NEXT_ARGUMENT = r"\\*[\"'][ \t]*,[ \t]*"
_NAMES_OF_VALUES = r"(?:new_?)?(?:value|text|content|val|data|default|input)"
_PASS = "pass|pw|psk|auth|contrase"

_PASSWORDS: list[tuple[tuple[str, ...], str]] = [
    (
        (_PASS, "send", "'|\""),
        rf"{PASSWORD_NAMES}[^a-z][\s\S]{{0,60}}?\bsend(?:[ \t]*line)?(?:[ \t]+--)?[ \t(]+\\*[\"']{VALUE}",
    ),
    ((_PASS, "'|\""), rf"(?:\b|_){PASSWORD_NAMES}(?:[ \t]+for[ \t]+\S{{1,80}}[ \t]*=)?[ \t]+{_QUOTED}"),
    (("identified",), rf"\bidentified[ \t]+(?:with[ \t]+\S{{1,40}}[ \t]+)?by[ \t]+\\*[\"']{VALUE}"),
    (
        ("auth|login", "("),
        rf"\b(?:auth(?:enticate)?(?:[ \t]*=[ \t]*)?|login|[a-z]{{0,12}}BasicAuth)\([^()\n]{{0,80}}{_NEXT_ARGUMENT}{_QUOTED}\)",
    ),
    (("bcrypt", "("), rf"\bbcrypt\.[a-z]{{4,16}}\([bru]?{_QUOTED}"),
    (("password", "to"), rf"\bpassword(?:[ \t]+(?:of|for)[ \t]+\S{{1,60}})?[ \t]+to[ \t]+{QUOTE}{VALUE}"),
    (("password", "from", "to"), rf"\bpassword[ \t]+from[ \t]+{QUOTE}{VALUE}{QUOTE}[ \t]+to\b"),
    (("password", "from", "to"), rf"\bpassword[ \t]+from[ \t]+\S{{6,80}}[ \t]+to[ \t]+{QUOTE}{VALUE}"),
    ((_PASS, ")."), rf"{PASSWORD_NAMES}[^\n]{{0,12}}\)\.[a-z_]{{2,20}}\({_QUOTED}\)"),
    (
        (_PASS, ",|=>", "'|\""),
        rf"{PASSWORD_NAMES}\\*[\"']?\]?\\*[\"']?[ \t]*(?:,|=>)[ \t]*(?:env\([^()\n]{{0,60}},[ \t]*)?{_QUOTED}",
    ),
    ((_PASS, "("), rf"{PASSWORD_NAMES}[ \t]+\({VALUE}\)"),
    (("login|log in|sign in|credential", " / "), rf"\b(?:log ?in|sign ?in|credentials?)\b[^\n/]{{0,60}} / {VALUE}"),
    ((_PASS, "\">|'>"), rf"\\*[\"'][a-z0-9_.:-]{{0,60}}{PASSWORD_NAMES}\\*[\"']>{VALUE}</"),
    (
        (_PASS, "values"),
        rf"\([^()]{{0,160}}{PASSWORD_NAMES}[^()]{{0,80}}\)[ \t]*values[ \t]*\([^()]{{0,160}}?,[ \t]*{_QUOTED}",
    ),
]
_SECRETS: list[tuple[tuple[str, ...], str]] = [
    (("fernet", "("), rf"\bFernet\([bru]?{_QUOTED}"),
    (
        ("hmac", "("),
        rf"\b(?:hmac\.[a-z]{{3,8}}|createHmac)\((?:\\*[\"'][a-z0-9-]{{3,12}}{_NEXT_ARGUMENT})?[bru]?{_QUOTED}",
    ),
    ((NAME_WORDS, "\">|'>"), rf"\\*[\"'][a-z0-9_.:-]{{0,60}}{SECRET_NAMES}\\*[\"']>{VALUE}</"),
    ((NAME_WORDS, "</key>"), rf"{_NAMES}</key>(?:\s|\\+[nrt])*[+-]?(?:\s|\\+[nrt])*<string>{VALUE}</"),
    (("jwt", "("), rf"\bjwt\.(?:sign|encode|verify|decode)\([^()\n]{{1,160}}?,[ \t]*[bru]?{_QUOTED}"),
    (("recovery|backup", "code"), rf"\b(?:recovery|backup)[ _-]codes?{_IS}{VALUE}"),
    # A name and its value as two members of an object: of settings, form fields, calls of tools.
    (
        (NAME_WORDS, "value|text|content|val|data|default|input"),
        rf"\b[a-z_-]{{2,20}}{_IS}[^\n\"'`\\,]{{0,60}}(?:{_NAMES}|api key|authorization)[^\n\"'`\\,]{{0,20}}{QUOTE}"
        rf"(?:[\s,;+-]|\\+[nrt]){{1,24}}{QUOTE}{_NAMES_OF_VALUES}{_IS}(?:bearer |basic |token )?{VALUE}",
    ),
    ((NAME_WORDS, "value"), rf"{_NAMES}{QUOTE}[ \t]*:[ \t]*\{{[ \t]*{QUOTE}value{_IS}{VALUE}"),
    (
        ("variable|output", "default|value", "{"),
        rf"\b(?:variable|output)[ \t]+{QUOTE}[a-z0-9_-]{{0,40}}{_NAMES}[a-z0-9_-]{{0,20}}{QUOTE}"
        rf"[ \t]*\{{[^}}]{{0,160}}?(?:default|value)[ \t]*=[ \t]*{QUOTE}{VALUE}",
    ),
]

SECRET_DOCUMENTS: list[Rule] = [
    *(Rule(type="PASSWORD", pattern=f"(?i){one}", check=is_secret_value, needs=needs) for needs, one in _PASSWORDS),
    *(Rule(type="SECRET", pattern=f"(?i){one}", check=is_secret_value, needs=needs) for needs, one in _SECRETS),
    Rule(
        type="SECRET",
        pattern=r"(?i)\b(?:seed|recovery|mnemonic|backup)(?:[ _-]?phrase)?\\*[\"']?(?:[ \t]+is)?[ \t:=]+\\*[\"']?((?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b",
        needs=("seed|mnemonic|phrase",),
    ),
    Rule(
        type="PASSWORD",
        pattern=r"\bjdbc:oracle:thin:[^\s/@]{1,60}/([^\s@\"'\\]{3,})@",
        check=is_url_password,
        needs=("oracle",),
    ),
    # A line of .pgpass; keys as JWK and XML hold them.
    Rule(
        type="PASSWORD",
        pattern=rf"(?:^|\s|\\n|[\"'`+-])[a-z0-9.*-]{{1,60}}:(?:5432|5433|6432|\*):[^\s:]{{1,40}}:[^\s:]{{1,40}}:{VALUE}",
        check=is_secret_value,
        needs=(":5432:|:5433:|:6432:|:*:",),
    ),
    Rule(
        type="PRIVATE_KEY",
        pattern=(
            r"""\\*"kty\\*"[^{}]{0,900}?\\*"[dk]\\*"[ \t]*:[ \t]*\\*"([A-Za-z0-9_-]{40,})"""
            r"""|\\*"[dk]\\*"[ \t]*:[ \t]*\\*"([A-Za-z0-9_-]{40,})\\*"[^{}]{0,900}?\\*"kty\\*\""""
        ),
        needs=('"kty|kty\\',),
    ),
    Rule(
        type="PRIVATE_KEY",
        pattern=r"<(?:D|P|Q|DP|DQ|InverseQ)>([A-Za-z0-9+/=]{40,})</",
        needs=("<d>|<p>|<q>|<dp>|<dq>|<inverseq>",),
    ),
]
