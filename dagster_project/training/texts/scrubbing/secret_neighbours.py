"""Credentials that a word near them tells, whatever stands between: sentences, tables, arguments of calls.

What has no assignment before it must look like a key or a password itself: drawn at random, or of letters, digits and
signs as people make them.
"""

from dagster_project.training.texts.scrubbing.rules import Rule
from dagster_project.training.texts.scrubbing.secret_values import is_long_key_alone, is_made_password

_KEY_WORDS = (
    r"(?i)secret|token(?:[^si]|$)|(?:api|access|account|admin|app|master|private|service|shared|signing|encryption|write|auth)"
    r"[ _-]?key|apikey|\bkey (?:is|was|you)|\bkey=b|passw|passphrase|credential|bearer|authori[sz]ation|oauth|hmac|fernet|cipher|crypt"
    r"|\bjwt|signing|plaintext|unseal|anon key|session[ _-]?id|psk|presharedkey|stripe\(|(?:cookie|auth)[a-z]{0,10}\("
)
_PASSWORD_WORDS = (
    r"(?i)pass(?:word|wd|phrase|code|wort)|\bpass(?:[^a-z]|$)|_pass(?:[^a-z]|$)|pwd|\bpw\b|(?:bind|root|user|_)pw\b|\bpsk\b|masterauth"
    r"|contrase(?:n|ñ|\\+u00f1)a|mot[ _]de[ _]passe|\bsenha\b|wachtwoord|kennwort|l(?:ö|\\+u00f6)senord|has(?:ł|\\+u0142)o"
    r"|credential|\bcreds\b|\blog(?:ged)? ?in(?:to)?\b|\bsign ?in\b|\bauth\b|_auth\b|basic_?auth|plainauth|pre-shared-key"
    r"|connect(?:ion)?\(|pdo\(|create_?(?:super)?_?user\(|(?:key|trust)_?store|obscure|\bcommunity\b|secret|\bkinit\b|\bsudo\b|\bsu - "
    r"|zugangsdaten|identifiants|credenziali|credenciales|mysqli|addlogin|isakmp|wi-?fi|パスワード|密[码碼]|пароль|비밀번호"
    r"|\\+u30d1\\+u30b9\\+u30ef|\\+u5bc6\\+u7801|\\+u5bc6\\+u78bc|\\+u043f\\+u0430\\+u0440\\+u043e|\\+ube44\\+ubc00"
)
_BEGINS = r"(?:^|[\s\"'`=:(\[>,|*/]|\\[nrt\"']|：|\\+uff1a)"
_ENDS = r"(?:$|[\s\"'`)\]<,;|*\\.:!])"

SECRET_NEIGHBOURS: list[Rule] = [
    Rule(
        type="SECRET",
        near=_KEY_WORDS,
        before=72,
        behind=64,
        pattern=rf"{_BEGINS}([A-Za-z0-9+/_~-]{{20,160}}={{0,2}}){_ENDS}",
        check=is_long_key_alone,
    ),
    Rule(
        type="PASSWORD",
        near=_PASSWORD_WORDS,
        before=48,
        behind=64,
        pattern=rf"{_BEGINS}([^\s\"'`\\,;:/|<>(){{}}\[\]*]{{8,64}}){_ENDS}",
        check=is_made_password,
    ),
]  # fmt: skip
