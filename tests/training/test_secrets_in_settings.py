"""Guards: secrets where settings, calls and sentences put them go, what looks so stays, and no text ends an export.

These places were written before anybody tried them: what was missed at first is kept here. Values are drawn when the
test runs.
"""

import json
import random

import pytest

from dagster_project.training.texts.scrubbing import Scrubber
from tests.training.secret_shapes import drawn
from tests.training.test_unseen_secrets import is_gone, scrubbed, texts

_UUID = "<H8>-<H4>-4<H3>-9<H3>-<H12>"
_PASSWORD = "<C4><D2>!<C4>"

PLACES = [
    f"Authorization: GenieKey «{_UUID}»", 'Authorization: Digest username="bob", response="«<H32>»"',
    "wss://x.example/socket?auth=«q8<A38>Z»", "redis:\n  auth: «q8<A18>Z»", "encryption:\n  key: «a9Z<B40>=»",
    '{"token_type":"Bearer","access_token":"«q8<A62>»","expires_in":3600}', "bob:«$apr1$<A8>$<A22>»",
    "+db.x.example:5432:app:bob:«q8<A14>»", "curl -b 'sid=«q8<A30>»' https://x.example", 'apiKey = @"«q8<A30>»";',
    "session.auth = ('bob', '«q8<A14>»')", "jwt.encode(p, '«q8<A30>»', algorithm='HS256')",
    f"bcrypt.hash('«{_PASSWORD}»', 10)", "openssl enc -k «q8<A12>» -in a", "mosquitto_pub -u a -P «q8<A12>» -t x",
    "one-time code: «<D6>»", "Your verification code is «<D6>»", f"I set the password to «{_PASSWORD}»",
    f"changed password from «{_PASSWORD}» to new", "recovery codes: «q8<L5>-<L5>»", "setenv NIMBO_SECRET_KEY «q8<B38>»",
    "xh -A bearer -a «q8<A38>» https://x.example", "rabbitmq:\n  erlangCookie: «q8<A30>»",
    "+machine h\n+  login bob\n+  password «q8<A14>»", f"InstrumentationKey=«{_UUID}»;IngestionEndpoint=https://x",
    'let secret: &str = "«q8<A30>»";', "cipher = Fernet(b'«q8<W41>=»')", "hmac.new(b'«q8<A30>»', msg, sha256)",
    "restic --password-command 'echo «q8<A12>»'", "net user bob «q8<A10>!1» /add", "chpasswd <<< 'bob:«q8<A12>»'",
    f"login with bob / «{_PASSWORD}»", "passcode «<D6>»", f"the root password («{_PASSWORD}») works",
    "seed phrase: «sun red cat owl ink jar key log map net oak pen»", '<Password Type="x">«q8<A12>»</Password>',
    '<string name="api_key">«q8<A37>»</string>', "<key>apiKey</key>\n<string>«q8<A37>»</string>",
    "T\u00e9l : «01 <N2> <N2> <N2> <N2>»", "M\u00f3vil «6<N2> <N3> <N3>»", "cellulare «3<N2> <N7>»",
    "celular: «(11) 9<N4>-<N4>»", "telefoon «06-<N8>»", "ring me on «07<N3> <N6>»", "IP from «84.<N2>.<N2>.<N2>»",
    "Ph: «(02) 9374 4<N3>»", "ring «020-7946-0<N3>»", "contact number: «9876543<N3>»", "[«2606:4700:4700::2<H3>»]:443",
    "Kreditkarte: «4111.1111.1111.1111»", '"ssn":"«4<N2>2<N1>111<N1>»"',
]  # fmt: skip
LOOK_ALIKES = [
    "from 2.3.4.5 to 2.3.4.6 version", "224.0.0.251", "git@x.example:a/b.git", "+git@x.example:a/b.git",
    "@pytest.fixture", "@app.get('/x')", '"Portable Charger", "product_id": "6942297802"', "token: /var/run/token2",
    "password=%DB_PASS1%", "%(password1)s", "my 20240101 notes", "key: uploads/2024/report-final.csv",
    "fingerprint: <H2>:<H2>:<H2>:<H2>:<H2>:<H2>:<H2>:<H2>", "astro-ph/9<D6>", "math-ph/0402<D3>",
]  # fmt: skip


@pytest.mark.parametrize("shape", PLACES)
def test_a_secret_goes_wherever_it_stands(shape: str) -> None:
    draw = random.Random(22)
    written, value = drawn(shape, draw)
    assert [text for text in texts(written, draw) if not is_gone(value, scrubbed(text))] == []


@pytest.mark.parametrize("shape", LOOK_ALIKES)
def test_what_only_looks_so_stays(shape: str) -> None:
    draw = random.Random(22)
    shown = list(texts(shape, draw))
    assert [scrubbed(text) for text in shown] == shown


def test_a_decorator_on_a_line_of_its_own_is_no_address() -> None:
    """The letter of a line feed in JSON text stands before the sign: it once ended the whole export."""
    for text in (json.dumps({"a": "x\n@pytest.fixture"}), json.dumps({"a": json.dumps("\n@app.get")}), "\\u0040@a.bc"):
        assert Scrubber().scrub(text) == text
