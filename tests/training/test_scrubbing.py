"""Guards: secrets and structured personal data leave no trace, look-alikes stay, JSON stays JSON.

Secrets are put together here from parts, so that no tool takes this file for a leak.
"""

import json
import re
import string
from base64 import b64encode
from collections import Counter
from pathlib import Path

import pytest

from dagster_project.training.texts.scrubbing import ResidueError, Scrubber, scrubber
from dagster_project.training.texts.scrubbing.personal_data import is_iban, passes_luhn
from dagster_project.training.texts.scrubbing.scrubber import residue
from tests.training.rows import Row, passed

MIXED = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY" * 8
HEX = "0123456789abcdef" * 16
UPPER = "A1B2C3D4E5F6G7H8J9K1" * 2

SECRETS = {
    "github": "ghp_" + MIXED[:36],
    "github fine": "github_" + "pat_" + MIXED[:22] + "_" + MIXED[:59],
    "gitlab": "glpat-" + MIXED[:20],
    "openai": "sk-" + "proj-" + MIXED[:120],
    "anthropic": "sk-" + "ant-api03-" + MIXED[:93] + "AA",
    "openrouter": "sk-" + "or-v1-" + HEX[:64],
    "groq": "gsk_" + MIXED[:52],
    "aws id": "AKIA" + "IOSFODNN7PQRSTUV",
    "aws assumed": "ASIA" + "IOSFODNN7PQRSTUV",
    "google": "AIza" + MIXED[:35],
    "google client": "GOCSPX-" + MIXED[:28],
    "google access": "ya29." + MIXED[:60],
    "slack user": "xoxp-" + "123456789012-123456789012-" + MIXED[:24],
    "slack app": "xapp-1-" + "A0123456789-1234567890123-" + HEX[:64],
    "stripe": "sk_" + "live_" + MIXED[:24],
    "stripe restricted": "rk_" + "live_" + MIXED[:24],
    "npm": "npm_" + MIXED[:36],
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + MIXED[:80],
    "sendgrid": "SG." + MIXED[:22] + "." + MIXED[:43],
    "telegram": "123456789:" + "AA" + MIXED[:33],
    "databricks": "dapi" + HEX[:32],
    "digitalocean": "dop_v1_" + HEX[:64],
    "vault": "hvs." + MIXED[:95],
    "linear": "lin_" + "api_" + MIXED[:40],
    "shopify": "shpat_" + HEX[:32],
    "mailgun": "key-" + HEX[:32],
    "hugging face": "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH",
    "docker": "dckr_" + "pat_" + MIXED[:27],
    "notion": "ntn_" + "12345678901" + MIXED[:35],
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + MIXED[:43],
    "private key": "-----BEGIN EC " + "PRIVATE KEY-----\n" + MIXED[:64] + "\n" + MIXED[:40] + "\n-----END EC " + "PRIVATE KEY-----",
    "cut private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + MIXED[:64] + "\n" + MIXED[:30],
    "slack webhook": "https://hooks.slack.com/" + "services/T0123456/B0123456/" + MIXED[:24],
    "discord webhook": "https://discord.com/" + "api/webhooks/123456789012345678/" + MIXED[:68],
}  # fmt: skip

WRAPPINGS = {
    "alone": "{}",
    "in a sentence": "Here it is: {}, please keep it.",
    "assigned": 'TOKEN="{}"',
    "added line": "@@ -1 +1 @@\n-old\n+{}\n",
    "in an address": "https://example.com/cb?code=1&key={}&x=1",
}

IN_CONTEXT = {
    "password=S3cr" + "et!pass": "S3cr" + "et!pass",
    '{"db_' + 'password": "tr0ub4' + 'dor&3"}': "tr0ub4" + "dor&3",
    "mysql://root:Wq8" + "zPpL2@db.internal/prod": "Wq8" + "zPpL2",
    "Authorization: Basic dXNlcjpw" + "YXNzd29yZA==": "dXNlcjpw" + "YXNzd29yZA==",
    "Authorization: Bearer " + MIXED[:40]: MIXED[:40],
    "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYZAMPLEKEY1": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYZAMPLEKEY1",
    "curl -u deploy:Zx9" + "cVb7n https://x.example": "Zx9" + "cVb7n",
    "--api-key " + MIXED[:32]: MIXED[:32],
    "client_secret: " + HEX[:32]: HEX[:32],
    "x-api-key: " + HEX[:40]: HEX[:40],
    "The password is Blau" + "wal#77.": "Blau" + "wal#77",
    "sshpass -p 'Zx9" + "cVb7n' ssh web": "Zx9" + "cVb7n",
    "mysqldump -u root -pZx9" + "cVb7n shop": "Zx9" + "cVb7n",
    "machine git.example login bob password Zx9" + "cVb7n": "Zx9" + "cVb7n",
    "AccountKey=" + MIXED[:86] + "==;EndpointSuffix=x": MIXED[:86],
    'os.environ["API_TOKEN"] = "' + HEX[:24] + '"': HEX[:24],
}

PERSONAL = {
    "write to jane.doe+x@mail.example.org today": "jane.doe+x@mail.example.org",
    "mail: j_doe@müller.de": "j_doe@müller.de",
    "pay with 4111 1111 1111 1111 please": "4111 1111 1111 1111",
    "card 5500005555555559": "5500005555555559",
    "amex 3782 822463 10005": "3782 822463 10005",
    "IBAN DE89 3704 0044 0532 0130 00": "DE89 3704 0044 0532 0130 00",
    "transfer to GB29NWBK60161331926819": "GB29NWBK60161331926819",
    "ssn 536-22-8736": "536-22-8736",
    "call (415) 555-2671 now": "(415) 555-2671",
    "call 415-555-2671": "415-555-2671",
    "reach me on +44 20 7946 0958": "+44 20 7946 0958",
    "tel: 030 1234567": "030 1234567",
    "whatsapp +4915123456789": "+4915123456789",
    "DOB: 1984-03-12": "1984-03-12",
    "client ip 81.2.69.142 connected": "81.2.69.142",
}

LOOK_ALIKES = [
    "commit 09eaab900ed1cbe0fb4f16b89e122f18aee50d8d",
    "image@sha256:" + HEX[:64],
    "87c43992-ca6d-408b-5c8d-b2a979a7fe36",
    "toolu_015wBRLZn9jQUDWlMgzZyz0Y chatcmpl-ozXgtV7rOPkMiMtEikrcAFh0xGUPz call_GsyXfUeu71sbtv19i1zO697U",
    "password = os.environ['DB_PASS']",
    "password=${DB_PASSWORD} token=<YOUR_TOKEN> api_key=xxxxxxxxxxxxxxxx secret: ********",
    "input_tokens=53535 output_tokens=3243 max_tokens: 4096",
    "token = tokenizer.next_token(stream)",
    "def login(user, password=None): return check_password(user, password)",
    "reset your password in settings; the secret to good tests is isolation",
    "from 2024-05-01T10:00:00Z to 2024-05-20, order 75131977577391791, ts=1769236896711",
    "chrome/104.0.2877.53, version 10.0.19041.1, 127.0.0.1:8080, 192.168.0.12, 0.0.0.0",
    "took 123-456-7890123 ns, 3.14159265358979, 1_000_000, 12-34-56",
    "git@github.com:acme/repo.git @babel/core @pytest.mark.slow user@host",
    "+1769236896711\n+0.123\n-1769236896712",
    "def f(x): return x + 4111  # 0x41111111 41111111",
    "isbn 978-3-16-148410-0, ETag: \"2c05f8d1b728106beef139b7124dfbe0\"",
    "https://user@example.com:8443/path postgres://localhost:5432/db http://user:password@localhost",
    "def get_reservation_details(reservation_id: str) -> dict: ...",
    "mbpp_228_all_Bits_Set_In_The_Given_Range(3) passed",
    "key: value, primary_key=12345678901234567890, cache_key=user:42:profile",
    "data:image/png;base64,iVBORw0KGgoxmPArByq1wxhelHNHoOUoJVlap8kMREsL2ItAbq1",
    "run 01JMY01RTEEZZ35FWZQY19AXD2 pod/agent-scwee0vm7j-g9ooi sk-learn sk-image-0.22",
]  # fmt: skip


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_known_format_is_gone_wherever_it_stands(secret: str, wrapping: str) -> None:
    for text in (wrapping.format(secret), json.dumps({"a": json.dumps({"b": wrapping.format(secret)})})):
        scrubbed = Scrubber().scrub(text)
        assert secret not in scrubbed and secret.replace("\n", "\\\\n") not in scrubbed
        assert not any(secret[at : at + 16] in scrubbed for at in range(10, len(secret) - 15, 8))
        assert residue(scrubbed) == []


@pytest.mark.parametrize("text", [*IN_CONTEXT, *PERSONAL])
def test_what_its_surroundings_or_its_shape_tell_is_gone(text: str) -> None:
    value = {**IN_CONTEXT, **PERSONAL}[text]
    scrubbed = Scrubber().scrub(text)
    assert value not in scrubbed
    # No more than the value: what stands around it stays.
    assert scrubbed.startswith(text.partition(value)[0][:4])
    nested = Scrubber().scrub(json.dumps({"output": json.dumps({"text": text})}))
    assert value not in nested
    json.loads(json.loads(nested)["output"])


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_stays_as_it_is(text: str) -> None:
    assert Scrubber().scrub(text) == text


def test_the_labelled_rows_are_scrubbed_as_demanded(shared: Path) -> None:
    path = shared / "fixtures" / "secrets" / "dev.jsonl"
    right: Counter[str] = Counter()
    wrong: list[str] = []
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        scrubbed = Scrubber().scrub(row["text"])
        is_right = scrubbed == row["text"] if row["cls"] == "neg" else row["value"] not in scrubbed
        right[row["cls"]] += is_right
        wrong += [] if is_right else [f"{row['cls']} {row['type']} {row['id']}"]
    assert wrong == []
    assert right == {"secret": 338, "secret_hard": 54, "pii": 108, "neg": 324}


def test_the_same_value_has_one_name_in_a_whole_conversation() -> None:
    one = Scrubber()
    assert one.scrub("I am ann@example.org.") == "I am [EMAIL_1]."
    assert one.scrub('{"to": "bob@example.org", "cc": "ANN@example.org"}') == '{"to": "[EMAIL_2]", "cc": "[EMAIL_1]"}'
    assert one.scrub("(415) 555-2671 or 415-555-2671") == "[PHONE_1] or [PHONE_1]"
    assert one.counts == {"EMAIL": 3, "PHONE": 2}
    assert Scrubber().scrub("bob@example.org") == "[EMAIL_1]"


def test_a_number_of_a_json_document_becomes_a_text() -> None:
    document = {"card": 4111111111111111, "n": 7}
    assert json.loads(Scrubber().scrub(json.dumps(document))) == {"card": "[CARD_1]", "n": 7}
    within = json.loads(Scrubber().scrub(json.dumps({"a": json.dumps({"b": json.dumps(document)})})))
    assert json.loads(json.loads(within["a"])["b"]) == {"card": "[CARD_1]", "n": 7}


def test_an_escape_before_an_address_stays_whole() -> None:
    scrubbed = Scrubber().scrub(json.dumps({"a": "line\nann@example.org\tx"}))
    assert json.loads(scrubbed) == {"a": "line\n[EMAIL_1]\tx"}


@pytest.mark.parametrize("text", ["AKIA" + "IOSFODNN7PQRSTUV", "ann@example.org", "DB_PASSWORD=xK7!vvq2p"])
def test_escapes_of_letters_and_base64_hide_nothing(text: str) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in text)
    inner = f'{{"q":"{escaped}"}}'
    for hidden in (inner, json.dumps({"a": inner}), json.dumps({"a": json.dumps({"b": inner})})):
        shown = json.loads(Scrubber().scrub(hidden))
        while "q" not in shown:
            shown = json.loads(next(iter(shown.values())))
        assert re.fullmatch(r"(DB_PASSWORD=)?\[[A-Z_]+_1\]", shown["q"])
    assert re.fullmatch(r"it is \[[A-Z_]+_1\]", Scrubber().scrub(f"it is {b64encode(text.encode()).decode()}"))
    assert Scrubber().scrub(r'{"a":"\u003cb\u003e C:\\u0041 \u00e9"}') == r'{"a":"\u003cb\u003e C:\\u0041 \u00e9"}'


@pytest.mark.parametrize("secret", ["AKIA" + "IOSFODNN7PQRSTUV", "ghp_" + MIXED[:36], "ann@example.org"])
def test_colours_and_entities_of_letters_hide_nothing(secret: str) -> None:
    coloured = f"\x1b[1;31m{secret}\x1b[0m"
    for text in (coloured, json.dumps({"out": coloured}), json.dumps({"out": json.dumps({"out": coloured})})):
        assert secret not in Scrubber().scrub(text)
    for entities in (f"&#{ord(letter)};" for letter in secret), (f"&#x{ord(letter):X};" for letter in secret):
        assert re.fullmatch(r"<b>\[[A-Z_]+_1\]</b>", Scrubber().scrub(f"<b>{''.join(entities)}</b>"))
    assert Scrubber().scrub("\x1b[32mok\x1b[0m &#60;b&#62; &#8217;") == "\x1b[32mok\x1b[0m &#60;b&#62; &#8217;"


def test_a_row_whose_tool_is_named_by_a_secret_is_refused(tmp_path: Path) -> None:
    turns = [("user", "Look."), ("assistant", "I do."), ("call", "ann@example.org", "{}"), ("tool", "It is there.")]
    assert passed([Row(turns=turns)], tmp_path).dropped == {0: ("scrub", "scrub_residue")}


def test_what_cannot_be_replaced_stops_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scrubber, "_name", lambda *_: "ann@example.org")
    with pytest.raises(ResidueError):
        Scrubber().scrub("ann@example.org")


def test_a_json_text_that_would_break_stops_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubber, "_finds", lambda content: [(0, 1, "X")] if content[:1] == b"{" else [])
    with pytest.raises(ResidueError, match="JSON"):
        Scrubber().scrub('{"a": 1}')


def test_check_digits_are_those_of_the_standards() -> None:
    """ISO/IEC 7812-1 annex B's and ISO 13616's own examples."""
    assert passes_luhn("17893729974") and not passes_luhn("17893729975")
    assert is_iban("GB82WEST12345698765432", "") and not is_iban("GB82WEST12345698765431", "")


def test_the_passes_over_a_text_leave_out_no_rule_that_finds_something_in_it() -> None:
    texts = [
        *IN_CONTEXT,
        *PERSONAL,
        *(shape.format(secret) for secret in SECRETS.values() for shape in WRAPPINGS.values()),
    ]
    texts += [
        "smbclient //host/share -U " + "bob%Zx9" + "cVb7n",
        "smbclient --user=" + "bob%Zx9" + "cVb7n //host/share",
    ]
    compiled = scrubber._all_rules()
    for content in (text.encode() for text in texts):
        left_out = set(range(len(compiled.rules))) - set(compiled.signs.worth_trying(content))
        assert [number for number in left_out if list(compiled.finds_of_rule(number, content))] == []


def test_ordinary_prose_of_every_letter_stays() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 20 + string.punctuation
    assert Scrubber().scrub(text) == text
