"""Passwords and keys that a command line hands over, as a flag or by their place."""

from dagster_project.training.texts.scrubbing.rules import Check, Rule
from dagster_project.training.texts.scrubbing.secret_values import (
    NAME_WORDS,
    NEXT,
    PASSWORD_NAMES,
    QUOTE,
    SECRET_NAMES,
    VALUE,
    is_flag_password,
    is_key_value,
    is_secret_value,
    is_url_password,
)

_REST = r"[^\n|;]{0,160}?"
_GIVEN = r"""([^\s"'`\\|;&<>(){}-][^\s"'`\\|;<>(){}]{5,})"""
"""A value that is no flag."""
_USER = r"""[^\s"'`\\:,/%]{1,80}"""
_PLACE = r"""[^\s"'`]{1,80}"""
_BEGINS = r"(?:^|[^\w.-]|\\[nrt])"

_SHORT_FLAGS: list[tuple[str, str, str]] = [
    ("login", r"[a-z]{2,12}\b[^\n|;]{0,40}\blogin", "-p"),
    ("mongo|twine|rabbitmqadmin", r"mongo[a-z]{0,8}|twine|rabbitmqadmin", "-p"),
    ("bearer", "https?|xhs?", "-a"),
    ("redis-cli|valkey-cli", "redis-cli|valkey-cli", "-a"),
    ("sqlcmd|bcp|ipmitool|zip|ldap|mosquitto", "sqlcmd|bcp|ipmitool|zip|unzip|ldap[a-z]+|mosquitto_[a-z]+", "-P"),
    ("openssl", "openssl", "-(?:k|K|pass)"),
    ("ldap", "ldap[a-z]+", "-[swy]"),
    ("auth|login", r"[a-z]{2,12}\b[^\n|;]{0,40}\b(?:auth|login)", "-(?:t|k|-with-token[ \t]+<<<)"),
    ("nuget|choco", "nuget|choco", "-(?:k|[Aa]pi[Kk]ey)"),
    ("snmp", "snmp[a-z]+", "-[AX]"),
    ("plink|pscp|psftp", "plink|pscp|psftp", "-pw"),
    ("ssh-keygen", "ssh-keygen", "-[NP]"),
    ("security", "security", "-w"),
    # Whatever is told a user first is told his password next.
    ("-u", rf"-u|-U|--?user(?:name)?(?:=|{NEXT}){QUOTE}{_USER}", "-p"),
]
"""A word of the command, the command, and the flag before its password; of other commands it means other things."""
_JOINED_FLAGS: list[tuple[str, str, str]] = [
    ("mysql|mariadb", "(?:mysql|mariadb)[a-z]{0,10}", "-p"),
    ("7z|rar", "7z[a-z]{0,2}|rar|unrar", "-h?p"),
    ("xfreerdp|cmdkey|mstsc|rdesktop", "w?x?freerdp|cmdkey|mstsc|rdesktop", "/(?:p|pass|password):"),
]
"""The same where no blank stands before the password."""
_PLACES: list[tuple[str, str]] = [
    ("sshpass", rf"sshpass{NEXT}-p(?:{NEXT})?"),
    ("password-command", rf"password-command(?:=|[ \t]+){QUOTE}echo[ \t]+"),
    ("user", rf"net[ \t]+user[ \t]+{_PLACE}[ \t]+"),
    ("set-initial-password", r"set-initial-password[ \t]+"),
    ("<<<", r"(?:passw|secret|ssh-add)[^\n]{0,80}<<<[ \t]*"),
    ("htpasswd", rf"htpasswd[ \t]+-[a-zA-Z]*b[a-zA-Z]*[ \t]+{_PLACE}[ \t]+{_PLACE}[ \t]+"),
    ("login", r"(?:wandb|hf|huggingface-cli|vault|fly auth|netlify)[ \t]+login[ \t]+"),
    ("vault", rf"vault[ \t]+token[ \t]+create{_REST}-id="),
    ("rabbitmqctl", rf"rabbitmqctl[ \t]+(?:add_user|change_password)[ \t]+{_PLACE}[ \t]+"),
    ("wpa_passphrase", rf"wpa_passphrase[ \t]+{_PLACE}[ \t]+"),
    ("http-basic.", rf"(?:poetry|composer)[ \t]+config[ \t]+http-basic\.{_PLACE}[ \t]+{_PLACE}[ \t]+"),
    ("/user:", rf"net[ \t]+use\b{_REST}/user:{_PLACE}[ \t]+"),
    ("/user:", rf"net[ \t]+use[ \t]+(?:[A-Za-z]:|\*)[ \t]+\\+{_PLACE}[ \t]+"),
    ("ftp", rf"ftp\b[^|;]{{0,80}}?(?:\s|\\+n)user[ \t]+{_PLACE}[ \t]+"),
]
"""A word of the command, and what stands before a password that is told by its place."""
_PAIRS: list[tuple[str | tuple[str, ...], str]] = [
    ("curl", rf"curl\b[^\n]{{0,300}}?{NEXT}(?:-[a-zA-Z]*u|--user|--proxy-user)(?:=|{NEXT}){QUOTE}{_USER}:"),
    ("impacket", rf"impacket-[a-z]+[ \t]+{QUOTE}(?:[a-z0-9.-]+/)?{_USER}:"),
    ("creds", rf"(?:skopeo|oras|buildah)\b{_REST}creds(?:=|{NEXT}){QUOTE}{_USER}:"),
    ('-a |-a"|--auth', rf"https?\b{_REST}{NEXT}(?:-a|--auth)(?:=|{NEXT}){QUOTE}{_USER}:"),
    ("lftp", rf"lftp\b{_REST}{NEXT}-u[ \t]+{QUOTE}{_USER},"),
    ("--user", rf"[ \t]--user(?:=|{NEXT}){QUOTE}{_USER}:"),
    (("%", "-u"), rf"[a-z]{{3,20}}\b{_REST}{NEXT}(?:-U|--user)(?:=|{NEXT}){QUOTE}{_USER}\\*{_USER}?%"),
    ("chpasswd", rf"chpasswd[ \t]*<<<[ \t]*{QUOTE}{_USER}:"),
    ("sqlplus", rf"sqlplus[ \t]+(?:-[a-zA-Z]+[ \t]+)*{QUOTE}{_USER}/"),
]
"""A word of the command, or words that must all be there, and what stands before the password in one word with its user."""


def _password(needs: str | tuple[str, ...], pattern: str, *, check: Check = is_secret_value) -> Rule:
    groups = (needs,) if isinstance(needs, str) else needs
    return Rule(type="PASSWORD", pattern=pattern, check=check, needs=groups)


def _named(names: str, check: Check, *, type_: str) -> Rule:
    """A long flag whose name says what its value is."""
    pattern = rf"(?i)(?:^|[\s\"'`=]){QUOTE}--?(?:[a-z0-9]+-)*(?:{names})(?:[ =]|{NEXT}){QUOTE}{VALUE}"
    return Rule(type=type_, pattern=pattern, check=check, needs=("-",))


SECRET_COMMANDS: list[Rule] = [
    _named("password|passwd|pass|pwd|passphrase|storepass|keypass", is_secret_value, type_="PASSWORD"),
    _named("token|secret|api-?key|access-?key|auth", is_key_value, type_="SECRET"),
    _named("[a-z]+-key|from-literal=[a-z0-9_.-]{1,40}", is_secret_value, type_="SECRET"),
    *(
        _password((word, "-"), rf"{_BEGINS}(?:{command})\b{_REST}{NEXT}{flag}(?:=|{NEXT}){QUOTE}{_GIVEN}")
        for word, command, flag in _SHORT_FLAGS
    ),
    *(
        _password(word, rf"{_BEGINS}(?:{command})\b{_REST}{NEXT}{flag}{QUOTE}{_GIVEN}")
        for word, command, flag in _JOINED_FLAGS
    ),
    *(_password(word, rf"\b{before}{QUOTE}{_GIVEN}") for word, before in _PLACES),
    *(_password(word, rf"(?i)\b{before}([^\s\"'\\@]{{3,}})", check=is_url_password) for word, before in _PAIRS),
    # What is echoed is a password only where its reader is told.
    _password(
        ("echo", "-stdin|passwd|sudo"),
        rf"\becho[ \t]+(?:-[a-z]+[ \t]+)*{QUOTE}(?:[a-z][\w.-]{{0,30}}:)?{_GIVEN}{QUOTE}[ \t]*\|[ \t]*"
        r"[^\n|]{0,80}(?:--password-stdin|--stdin|passwd|sudo[ \t]+-S)",
    ),
    # Of any command, what looks like a password: of most of them the flag means a path, a port or a prompt.
    _password(
        "-p |-p'|-p\"|-p=|-p\\",
        rf"""{NEXT}-p(?:=|{NEXT}){QUOTE}([^\s"'`\\,;:/|<>(){{}}\[\]*]{{8,64}})(?:$|[\s"'`\\,;|&])""",
        check=is_flag_password,
    ),
    _password("pass:", rf"{_BEGINS}pass:{QUOTE}{VALUE}"),
    _password(
        "password",
        r"""(?i)\b(?:login|machine|user|connect|ssid)[ \t]+[^\s"'\\]{1,80}(?:[\s+-]|\\+[nrt])+password[ \t]+\\*["']?([^\s"'\\]{6,})""",
    ),
    _password("requirepass|masterauth", rf"\b(?:requirepass|masterauth)[ \t]+{QUOTE}{VALUE}"),
    # A setting and its value, as tools and Dockerfiles write them.
    Rule(
        type="SECRET",
        pattern=(
            rf"(?i)\b(?:set|setx|setenv|env|put|add)[ \t]+(?:--[a-z]+[ \t]+)?{QUOTE}[^\s\"'`=]{{0,60}}"
            rf"(?:{PASSWORD_NAMES}|{SECRET_NAMES}){QUOTE}[ \t]+(?:--body[ =])?{QUOTE}{VALUE}"
        ),
        check=is_secret_value,
        needs=("set|env|put|add", NAME_WORDS),
    ),
]
