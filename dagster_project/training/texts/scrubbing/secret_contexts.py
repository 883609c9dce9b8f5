"""Credentials without a form of their own: told by the name, header or address they stand in."""

from dagster_project.training.texts.scrubbing.rules import Rule
from dagster_project.training.texts.scrubbing.secret_values import (
    ASSIGNED,
    PASSWORD_NAMES,
    QUOTE,
    SECRET_NAMES,
    VALUE,
    is_basic_auth,
    is_code,
    is_encoded_key,
    is_key_value,
    is_mixed_key,
    is_random_key,
    is_secret_value,
    is_setting_key,
    is_url_password,
)

SECRET_CONTEXTS: list[Rule] = [
    Rule(
        type="PASSWORD",
        pattern=r"\b[a-zA-Z][a-zA-Z0-9+._-]{1,20}:\\?/\\?/[^\s:@/\"'<>]{0,80}:([^\s@/\"'<>\\]{3,}|[^\s@\"'<>\\]{3,80})@[\w\[]",
        check=is_url_password,
    ),
    # An address whose user is a token; a name, a password and a place without a scheme.
    Rule(type="SECRET", pattern=r"\bhttps?:\\?/\\?/([A-Za-z0-9_-]{20,})(?::x-oauth-basic)?@[\w\[]", check=is_setting_key),
    Rule(
        type="PASSWORD",
        pattern=r"\b[A-Za-z][\w.-]{0,40}:([^\s:@/\"'<>\\(){}]{6,80})@(?:tcp|unix)?\(?[\w.-]{1,80}:\d{2,5}\b",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=rf"(?i)(?:^|[^a-z])(?:[a-z0-9]+[_.-]?)?(?:{PASSWORD_NAMES}(?:[_.-][0-9a-z]{{1,8}}|[0-9]{{1,3}})?|passw(?:or)?d[a-z]{{1,10}}){ASSIGNED}{VALUE}",
        check=is_secret_value,
    ),
    Rule(
        type="PASSWORD",
        pattern=rf"(?i)\b{PASSWORD_NAMES}[ \t]+(?:is|was|ist|es|est)[ \t:]+{QUOTE}{VALUE}",
        check=is_secret_value,
    ),
    Rule(
        type="SECRET",
        pattern=rf"(?i)(?:^|[^a-z])(?:[a-z0-9]{{1,20}}[_.-]?){{0,4}}{SECRET_NAMES}{ASSIGNED}(?:bearer |basic |token )?{VALUE}",
        holds=rf"(?i){SECRET_NAMES}{ASSIGNED}(?:bearer |basic |token )?{VALUE}",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=rf"(?i)\b(?:token|api[ _-]?key|secret(?: key)?|access key)[ \t]+(?:is|was|ist)[ \t:]+{QUOTE}{VALUE}",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=r"(?i)\b(?:api|access|secret|license|auth)[ _-]?(?:key|token)[ \t]+\\*[\"'`]?([A-Za-z0-9_]{24,})\b",
        check=is_key_value,
    ),
    Rule(
        type="SECRET",
        pattern=r"(?i)<[a-z0-9_.:-]{0,30}(?:password|passwd|secret|token|api_?key|private_?key)(?:[ \t][^<>\n]{0,120})?>([^<>\s\\]{6,})</",
        check=is_secret_value,
    ),
    Rule(
        type="SECRET",
        pattern=(
            r"(?i)(?:(?:\b|\\[nrt])cookies?\\*[\"']?[ \t]*[:=]|[ \"'](?:-b|--cookie)[ =])[^\n]{0,200}?[ \"'`;:{][a-z_.-]{0,30}(?:sess|sid|auth|token|jwt|csrf|xsrf)[a-z_.-]{0,30}"
            r"(?:=|\\*[\"'][ \t]*:[ \t]*\\*[\"'])([^;\s\"'`\\]{16,})"
        ),
        check=is_key_value,
    ),
    Rule(type="SECRET", pattern=rf"(?i)(?:^|[\s:;\"'+]|\\[nrt])_auth={QUOTE}{VALUE}", check=is_key_value),
    Rule(
        type="BEARER_TOKEN",
        pattern=r"(?i)\b(?:bearer|apikey|authorization:? token)[ \t]+\\*[\"']?([A-Za-z0-9._~+/=-]{16,})",
        check=is_key_value,
    ),
    Rule(
        type="BASIC_AUTH",
        pattern=r"(?i)authorization\\*[\"']?[ \t]*[:=,][ \t]*\[?[ \t]*\\*[\"']?basic[ \t]+([A-Za-z0-9+/=_-]{8,})",
    ),
    # A scheme that somebody thought of, the answer to a challenge, and names that mostly stand for something else.
    Rule(
        type="SECRET",
        pattern=rf"(?i)\bauthorization\\*[\"']?[ \t]*[:=,][ \t]*\\*[\"']?[a-z][a-z0-9_-]{{2,30}}[ \t]+{VALUE}",
        check=is_key_value,
    ),
    Rule(type="SECRET", pattern=r"(?i)\bdigest[ \t][^\n]{0,300}?\bresponse=\\*[\"']?([0-9a-f]{32,})"),
    Rule(type="SECRET", pattern=rf"(?i)(?:[?&]|^|[\s{{+-]|\\[nrt])auth(?:=|:[ \t]+){QUOTE}{VALUE}", check=is_mixed_key),
    Rule(type="SECRET", pattern=rf"(?i)(?:[?&]|^|[\s{{,\".+-]|\\[nrt])key{QUOTE}(?:[ \t]?=[ \t]?|:[ \t]*){QUOTE}{VALUE}", check=is_random_key),
    Rule(
        type="ONE_TIME_CODE",
        pattern=(
            r"(?i)\b(?:(?:verification|security|one[- ]time|otp|2fa|mfa|two-factor|my) (?:code|pin|passcode|password)|otp|passcode"
            r"|(?:unlock|door|gate|entry|alarm|log-?in|sign-?in|reset|confirmation|recovery|pairing|activation) code|puk(?: code)?)"
            r"(?: (?:for|of) [^\s:]{1,40})?(?: is| was|\\*[\"']?:)?[: ]+\\*[\"']?(\d{4,8}(?:-\d{3,4})?)\b"
            r"|\\*[\"'](?:pin|otp|totp|mfa_?code|otp_?code)\\*[\"'][ \t]*:[ \t]*\\*[\"']?(\d{4,8})\b"
            r"|\b(?:PIN|your code)(?: is|:)[: ]+(\d{4,8})\b|\b(\d{4,8}) (?:as|is) (?:your|my|the) [a-z0-9 -]{0,24}code\b"
            r"|\b(?:code|enter) (\d{4,8}) (?:to|for) (?:log|sign|verif|confirm|authent|unlock|open|reset)"
        ),
        check=is_code,
    ),
    Rule(type="SECRET", pattern=rf"\b[A-Z][A-Z0-9_]{{1,40}}_O?AUTH{ASSIGNED}(?:oauth:)?{VALUE}", check=is_secret_value),
    # An environment's NAME_KEY, registry and cluster credentials, settings of .NET.
    Rule(type="SECRET", pattern=rf"\b[A-Z][A-Z0-9_]{{1,40}}_KEY{ASSIGNED}{VALUE}", check=is_setting_key),
    Rule(
        type="SECRET",
        pattern=r"""(?i)\\*["']auth\\*["'][ \t]*:[ \t]*\\*["']([A-Za-z0-9+/]{16,}={0,2})""",
        check=is_mixed_key,
    ),
    Rule(type="SECRET", pattern=r"(?:client-key-data|\.?dockerconfigjson)\\*[\"']?:[ \t]*\\*[\"']?([A-Za-z0-9+/]{40,}={0,2})"),
    Rule(
        type="SECRET",
        pattern=(
            rf"(?i)\b(?:licen[cs]e|serial|product|activation)[ _-]?(?:key|code|number){ASSIGNED}"
            r"((?-i:(?:[A-Z0-9]{4,8}-){2,}[A-Z0-9]{4,8}))\b"
        ),
        check=is_code,
    ),
    # Hexadecimal digits are most often a digest: only right behind what says that they are a key.
    Rule(
        type="SECRET",
        pattern=(
            rf"(?i)\b(?:(?:master|api|access|secret|auth|private)[ _:-]|login\([^()\n]{{0,40}}|[ \t]--)(?:key|token){QUOTE}[ \t:=]{{1,3}}{QUOTE}"
            r"([0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"
        ),
    ),
    Rule(
        type="SECRET",
        pattern=(
            r"""(?i)\b(?:key|name)=\\*["'][a-z0-9_.:-]{0,40}(?:password|passwd|secret|token|api_?key)\\*["'][ \t]+"""
            r"""value=\\*["']([^"'\\\s]{6,})"""
        ),
        check=is_secret_value,
    ),
    Rule(type="BASIC_AUTH", pattern=r"\b[Bb]asic[ \t]+([A-Za-z0-9+/]{12,}={0,2})", check=is_basic_auth),
    Rule(type="SECRET", pattern=rf"(?i)\bx-[a-z0-9-]{{0,40}}(?:(?:api|app|auth|access|admin|client|functions?|secret)-?key|token|secret|auth|signature(?:-\d{{1,4}})?){ASSIGNED}(?:sha\d{{1,3}}=)?{VALUE}", check=is_key_value),
    Rule(type="PRIVATE_KEY", pattern=r"\b(LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}={0,2})", check=is_encoded_key),
    Rule(type="SECRET", pattern=r"\b(eyJhdXRocyI6[A-Za-z0-9+/]{20,}={0,2})"),
    Rule(type="PASSWORD", pattern=r"(\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|(?:[156y]|apr1)\$[^\s:'\"\\]{24,}|argon2i?d?\$[^\s:'\"\\]{40,})|\{(?:SSHA|SHA|SMD5|MD5|CRYPT)\d{0,3}\}[A-Za-z0-9+/=]{20,})"),
    Rule(type="SECRET", pattern=rf"\b[A-Z][A-Z0-9_]{{0,40}}_?(?:SALT|SECRET_B64|SECRET_BASE64){ASSIGNED}{VALUE}", check=is_mixed_key),
]  # fmt: skip
