"""Structured personal data: what has a form or a check digit. Names of persons have neither and are only found
where somebody introduces himself.
"""

import ipaddress
import re

from dagster_project.training.texts.scrubbing.rules import Rule

# Letters of the Latin scripts: all of Unicode's would make every pattern a thousand times as large.
_LU = r"A-Z\x{c0}-\x{de}"
_L = r"A-Za-z\x{c0}-\x{24f}"
_UPPER = rf"[{_LU}][{_L}'’-]+"
# The mark of an added or removed line of a diff is no sign of the number behind it.
_DIFF_MARK = r"(?:^|\n|\\n)[+-]"
_WORD_END = r"(?:[^\d\w.-]|[.,;:!?-](?:\D|$)|\\|$)"

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SD": 18,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
    "VG": 24, "XK": 20,
}  # fmt: skip
_CARD_WORDS = re.compile(
    r"card|visa|amex|mastercard|american express|discover|\bpan\b|\bcc\b|credit|debit|karte|carte|tarjeta", re.I
)
_PHONE_WORDS = re.compile(
    r"(?<![a-z])(?:tele|cell|mobile)?phone(?![a-z]*s\b)|\btel\b|\bcall(?: me| us| him| her| back)?(?: at| on| under)?[: ]*$|\bmobile\b|\bcell\b|\bfax\b|whatsapp|\bsms\b|"
    r"\btext me\b|\bmy number\b|\breach (?:me|us)\b|\bdial\b|telef[oó]o?n|\bhandy\b|\bringing\b|\bring (?:me|us|him|her)\b|\bring[: ]*$|(?:^|[^\w-])ph[.:]|\bcontact (?:number|no)\b|"
    r"\bt(?:é|\\+u00e9)l|\bm(?:ó|\\+u00f3)vil\b|\bmobil\b|\bcellulare\b|\bcelular\b|\btlf\b|\bpuh\b|电话|電話|手机|携帯|"
    r"\\+u96fb\\+u8a71|\\+u7535\\+u8bdd|\\+u624b\\+u673a|\\+u643a\\+u5e2f",
    re.I,
)
_ESCAPES = re.compile(r"\\+[nrt]")
_IN_ADDRESS = re.compile(r"://(?:[^\s/@:]*:)?$")
"""Before the user of an address, or the password of one."""
_SUFFIXES = frozenset({"js", "ts", "py", "png", "jpg", "svg", "json", "md", "rs", "go", "css", "html", "txt", "local"})
_IP_WORDS = re.compile(
    r"\bip\b|ip[ _-]?addr|client|remote|peer|visitor|login|logged in|connect|\bfrom\b|source|src|forwarded|host|user|addr",
    re.I,
)
_ADDRESS_WORDS = re.compile(r"\bip\b|addr|client|remote|peer|visitor|login|logged in|connect|forwarded", re.I)
_DATE_OR_ADDRESS = re.compile(r"(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
_DIFF_LINE = re.compile(r"(?:^|\n|\\n)(?:@@|[-+])[^\n]*(?:\n|\\n)$")
_VERSION_WORDS = re.compile(
    r"version|release|build|bump|\bv$|chrome|firefox|agent|driver|upgrade|update|assembly", re.I
)
_DOCUMENTS = (
    r"(?:passport|reisepass|passeport|pasaporte|personalausweis|driver'?s?[ _-]licen[cs]e|driving[ _-]licen[cs]e|führerschein"
    r"|(?:ni|national[ _-](?:insurance|id(?:entity)?))|nino|aadhaar|cpf|cnpj|dni|nie|sin|tax(?:payer)?[ _-](?:id|number)|steuer-?id"
    r"|steuernummer|vat|ust-?id|codice fiscale|bsn|pesel|(?:identity|id)[ _-]card)"
)
_SAYS = r"\\*[\"']?[ \t]{0,3}(?:is|:|=|#)?[ \t]{0,3}\\*[\"']?"


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812 check digit."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_card(value: str, around: str) -> bool:
    """A payment card's number: an issuer's prefix and length with its check digit, or grouped and called a card."""
    digits = re.sub(r"\D", "", value)
    if len(set(digits)) < 2:
        return False
    is_usual = value != digits or len(digits) in (14, 15, 16)
    is_called_card = bool(_CARD_WORDS.search(around)) and 13 <= len(digits) <= 19 and digits[0] in "23456"
    if passes_luhn(digits):
        return is_called_card or (is_usual and _has_issuer(digits))
    return is_called_card and value != digits


def _has_issuer(digits: str) -> bool:
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    return (
        (digits[0] == "4" and size in (13, 16, 19))
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))
        or (size == 15 and two in (34, 37))
        or (
            16 <= size <= 19
            and (four == 6011 or two in (62, 65) or 644 <= int(digits[:3]) <= 649 or 3528 <= four <= 3589)
        )
        or (size == 14 and (two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305))
    )


def is_id_number(value: str, around: str) -> bool:
    """Whether it is long enough for the number of a person's document: five digits, and no date."""
    digits = sum(character.isdigit() for character in value)
    return digits >= 5 and not _DATE_OR_ADDRESS.fullmatch(value) and not re.fullmatch(r"\d+[.]\d{1,2}", value)


def is_iban(value: str, around: str) -> bool:
    """An IBAN of its country's length with its check digits (ISO 13616), or called one."""
    compact = re.sub(r"[ -]", "", value).upper()
    if len(compact) != _IBAN_LENGTHS.get(compact[:2], 0):
        return "iban" in around.lower() and len(compact) >= 15
    rearranged = compact[4:] + compact[:4]
    number = "".join(str(int(character, 36)) for character in rearranged)
    return int(number) % 97 == 1 or "iban" in around.lower()


def is_ssn(value: str, around: str) -> bool:
    """A US social security or taxpayer number that can have been issued."""
    area, group, serial = re.sub(r"\D", "", value)[:3], re.sub(r"\D", "", value)[3:5], value[-4:]
    if area in ("000", "666") or group == "00" or serial == "0000":
        return False
    return area[0] != "9" or group[0] in "56789"


def is_plus_phone(value: str, around: str) -> bool:
    """An international number: 8 to 15 digits after the plus. At the start of a line the plus may be a diff's mark: of a
    date, an address, a time or, within a diff, any other number.
    """
    digits = re.sub(r"\D", "", value)
    if not 8 <= len(digits) <= 15 or digits[0] == "0" or len(set(digits)) < 3:
        return False
    before = around.partition(value)[0]
    if before and before[-1] != "\n" and not before.endswith("\\n"):
        return True
    if re.search(r"[ .()-]", value):
        return not _DATE_OR_ADDRESS.match(value[1:])
    looks_like_time = len(digits) in (10, 13) and digits[0] == "1" and digits[1] in "4567"
    return len(digits) >= 10 and not looks_like_time and not _DIFF_LINE.search(before)


def is_spoken_phone(value: str, around: str) -> bool:
    """Digits that only their surroundings make a phone number."""
    digits = re.sub(r"\D", "", value)
    if re.fullmatch(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}", value):
        return False  # a date
    before = _ESCAPES.sub(" ", around.partition(value)[0])
    return 7 <= len(digits) <= 15 and len(set(digits)) > 2 and bool(_PHONE_WORDS.search(before))


def is_person_ip(value: str, around: str) -> bool:
    """A public address that somebody came from; no version, no address of a machine's own network."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if address.is_multicast:
        return False
    if not address.is_global and not str(address).startswith(("203.0.113.", "198.51.100.", "192.0.2.", "2001:db8")):
        return False
    before = _ESCAPES.sub(" ", around.partition(value)[0])
    # A fingerprint has eight groups of two digits, too.
    is_large = any(len(part) > 2 if address.version == 6 else int(part) > 99 for part in re.split("[.:]", value))
    if not is_large and _VERSION_WORDS.search(around.partition(value)[2]):
        return False
    if not _ADDRESS_WORDS.search(before[-16:]) and _VERSION_WORDS.search(before[-16:] if is_large else before[-40:]):
        return False
    return bool(_IP_WORDS.search(before)) or is_large


def is_email(value: str, around: str) -> bool:
    """An address of a person or mailbox; `git@host:path` is how repositories are named."""
    local, _, domain = value.partition("@")
    # What began the address may have been the letter of an escape: `\\n@app.get` is a decorator on a line of its own.
    if not local or (not local[-1].isalnum() and local[-1] != "_"):
        return False
    is_repository = local.lstrip("+-") == "git" and f"{value}:" in around
    is_cipher = domain in ("openssh.com", "libssh.org") and ("-" in local or local[-1].isdigit())
    is_in_address = bool(_IN_ADDRESS.search(around.partition(value)[0]))
    return not (is_repository or is_cipher or is_in_address or domain.rpartition(".")[2].lower() in _SUFFIXES)


PERSONAL_DATA: list[Rule] = [
    Rule(
        type="EMAIL",
        pattern=(
            r"([0-9_%+\p{L}][0-9._%+'\p{L}-]*@"
            r"(?:(?:[0-9\p{L}-]|\\+u[0-9a-fA-F]{4})+\.)+\p{L}{2,24})"
        ),
        check=is_email,
    ),
    Rule(type="CARD", pattern=rf"(?:^|[^\d\w.+-]|\\[nrt]|{_DIFF_MARK})(\d{{4}}(?:[ .-]\d{{4}}){{2}}[ .-]\d{{1,7}}|\d{{4}}[ -]\d{{6}}[ -]\d{{4,5}}|\d{{13,19}})(?:[^\d\w-]|\\|$)", check=is_card),
    Rule(type="IBAN", pattern=r"(?i)\b([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?)\b", check=is_iban, shortens=True),
    Rule(type="SSN", pattern=rf"(?:^|[^\d\w.-]|\\[nrt]|{_DIFF_MARK})(\d{{3}}-\d{{2}}-\d{{4}}){_WORD_END}", check=is_ssn),
    Rule(type="SSN", pattern=r"(?i)\b(?:ssn|social security(?: (?:number|no\.?|#))?)\b(?:[^\d\n]{0,16}|[\\\"': ]{0,40})(\d{3}[ .]?\d{2}[ .]?\d{4})\b", check=is_ssn),
    Rule(type="PHONE", pattern=rf"(?:^|[^\d\w+]|\\[nrt]|{_DIFF_MARK})(\+[1-9](?:[ .()/-]{{0,2}}\d){{6,14}}){_WORD_END}", check=is_plus_phone),
    Rule(
        type="PHONE",
        pattern=rf"(?:^|[^\d\w.$€£+-]|\\[nrt]|{_DIFF_MARK})((?:1[-. ])?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}[-.])[2-9]\d{{2}}[-.]\d{{4}}(?: ?(?:x|ext\.?) ?\d{{1,5}})?){_WORD_END}",
    ),
    Rule(
        type="PHONE",
        pattern=rf"(?:^|[^\d\w.$€£-])((?:00|0|\(0)?\d{{1,4}}\)?(?:[ ./-]?\d{{2,5}}){{1,4}}){_WORD_END}",
        check=is_spoken_phone,
    ),
    Rule(
        type="DATE_OF_BIRTH",
        pattern=(
            r"(?i)\b(?:date[ _]of[ _]birth|birth[ _]?date|d\.?o\.?b\.?|i was born(?: on)?|birthday|born(?: on)?|geboren(?: am)?|geburtsdatum|né(?:e)? le)"
            r"[\\\"']*[ \t:=(]*(?:is|was|on)?[\\\"' ]*"
            r"(\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}|\d{1,2}(?:st|nd|rd|th)?[ .]+[a-zä-ü]+[ .,]+\d{4}|[a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
        ),
    ),
    Rule(
        type="ID_NUMBER",
        pattern=(
            rf"(?i)(?:^|[^a-z]|\\[nrt]){_DOCUMENTS}(?:[ _-]?(?:number|no\.?|nr\.?|num|id|#))?{_SAYS}"
            r"((?-i:[A-Z]{0,6}\d[A-Z0-9]*(?:[ ./-]{1,2}[A-Z0-9]{1,9}){0,5}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z]))\b"
        ),
        check=is_id_number,
    ),
    Rule(
        type="ACCOUNT",
        pattern=rf"(?i)\b(?:bank account|account|acct|routing|sort code|bsb|konto|aba)(?:[ _-]?(?:number|no\.?|nr\.?|nummer|#)){_SAYS}(\d[\d -]{{4,20}}\d)\b",
    ),
    Rule(type="ACCOUNT", pattern=rf"(?i)\b(?:routing|sort[ _-]code|bsb|blz){_SAYS}(\d[\d -]{{4,9}}\d)\b"),
    Rule(type="IP_ADDRESS", pattern=r"(?:^|[^\w./:-]|\\[nrt])(\d{1,3}(?:\.\d{1,3}){3})(?:[^\w.-]|[.-](?:\s|$)|\\|$)", check=is_person_ip),
    Rule(type="IP_ADDRESS", pattern=r"(?i)(?:^|[^\w.:])((?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4})(?:[^\w:]|$)", check=is_person_ip),
    Rule(
        type="ADDRESS",
        pattern=(
            rf"(?:^|[^\d\w.-]|\\[nrt])(\d{{1,5}}[a-z]? (?:[{_LU}][{_L}.'-]* )+"
            r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Terrace|Parkway|Pkwy|Highway|Hwy)\b\.?)"
        ),
    ),
    Rule(
        type="ADDRESS",
        pattern=(
            rf"(?:^|[^\d\w.-]|\\[nrt])(\d{{1,5}}(?: bis| ter)?,? (?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Vv]ia|[Cc]alle) "
            rf"(?:d[eu]s? |de la |l')?[{_LU}][{_L}'-]+(?: [{_LU}][{_L}'-]+)?)"
        ),
    ),
    Rule(type="ADDRESS", pattern=rf"([{_LU}][{_L}-]*(?:straße|strasse|str\.|weg|platz|allee|gasse) \d{{1,4}}[a-z]?)\b"),
    Rule(
        type="ADDRESS",
        pattern=(
            r"(?i)\b(?:ship(?:ped)?(?: it)? to|deliver(?:ed)?(?: it)? to|lives? at|"
            rf"(?:home|street|shipping|billing|mailing) address(?: is)?:?) (\d{{1,5}} [{_L}'-]+(?: [{_L}'-]+)?(?: \d{{1,4}})?)"
        ),
    ),
    Rule(type="PERSON", pattern=rf"\b(?:[Mm]y (?:full )?name is|[Mm]ein Name ist|[Mm]e llamo|[Jj]e m'appelle) ({_UPPER}(?: {_UPPER}){{1,2}})"),
    Rule(type="PERSON", pattern=rf"\b[Tt]his is ({_UPPER} {_UPPER}) (?:from|calling|speaking|here|with)\b"),
]  # fmt: skip
