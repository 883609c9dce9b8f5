"""Shapes of secrets, personal data and look-alikes, from which tests draw values when they run.

A shape is a text in which `<A28>` stands for 28 characters of alphabet A: no value that could be taken for a leaked key
is ever written down. Where only a part of the shape is the secret, it stands between « and ».
"""

import random
import re
import string

from dagster_project.training.texts.scrubbing.personal_data import passes_luhn

ALPHABETS = {
    "A": string.ascii_letters + string.digits,
    "B": string.ascii_letters + string.digits + "+/",
    "C": string.ascii_letters,
    "D": string.digits,
    "H": "0123456789abcdef",
    "L": string.ascii_lowercase + string.digits,
    "T": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "U": string.ascii_uppercase + string.digits,
    "W": string.ascii_letters + string.digits + "_-",
    "X": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "N": "23456789",
}
_UUID = "<H8>-<H4>-4<H3>-a<H3>-<H12>"
_WORD = "<C5>!<D3><C4>"
"""A password as people make them."""
_PRIVATE = "PRIVATE" + " KEY"
_SHAPE = re.compile(r"<([A-Z])(\d+)>")


def drawn(shape: str, draw: random.Random) -> tuple[str, str]:
    """A text of the shape, and the part of it that is to go."""
    text = _SHAPE.sub(lambda found: "".join(draw.choices(ALPHABETS[found[1]], k=int(found[2]))), shape)
    value = text.partition("«")[2].partition("»")[0] if "«" in text else text
    return text.replace("«", "").replace("»", ""), value


KNOWN_FORMATS = [
    "aio_<A28>", "pat<A14>.<H64>", "LTAI<A20>", "sk-ant-api03-<W93>AA", "sk-ant-admin01-<W93>AA", "ATATT3<W186>",
    "ABIA<T16>", "<A76>AZDO<A4>", "<A52>JQQJ99<A26>", "bkua_<H40>", "csk-<L48>", "CCIPAT_<A22>_<H40>",
    "CLOJARS_<L60>", "v1.0-<H24>-<H146>", "CFPAT-<W43>", "cio<A32>", "dapi<H32>-2", "db-<A29>", "dbtc_<W38>",
    "dnkey-<L26>-<L52>", "dor_v1_<H64>", "M<A25>.<W6>.<W38>", "dckr_pat_<W27>", "dp.pt.<A43>", "duffel_live_<W43>",
    "dt0c01.<U24>.<U64>", "e2b_<H40>", "EZAK<A54>", "EAAG<A110>", "figd_<W40>", "fc-<H32>", "FLWSECK_TEST-<H32>-X",
    "fo1_<W43>", "fio-u-<W64>", "ghs_<A36>", "ghr_<A76>", "gho_<A36>", "ghu_<A36>", "glrt-<W20>", "gldt-<W20>",
    "glptt-<H40>", "live_<W40>", "ya29.<W120>", "GOCSPX-<W28>", "AQ.Ab8R<W46>", "glsa_<A32>_<H8>", "glc_<B60>",
    "gsk_<A52>", "pat.<A22>.<H24>.<A20>", "HRKU-AA<W58>", "hcaik_01<L56>", f"pat-na1-{_UUID}", "api_org_<C34>",
    "ico-<A32>", "st.<H24>.<H32>.<H32>", "s-s4t2ud-<H64>", "AKCp<A69>", "eyJhbGciOi<A24>.eyJzdWIi<A40>.<W86>",
    "pk_<H34>", "lsv2_pt_<H32>_<H10>", "ls__<H32>", f"sdk-{_UUID}", "lin_api_<A40>", "pylf_v1_us_<A43>", "<H32>-us17",
    "mlsn.<H64>", "key-<H32>", "md-<W22>", "sk.eyJ1Ijoi<A60>.<W22>", "<A6>_<A29>_mmk", "mdb_sa_sk_<W40>",
    "napi_<L64>", "nfp_<A36>", "NRAK-<U27>", "ntn_<D11><A35>", "secret_<A43>", "npm_<A36>", "oy2<L43>", "nvapi-<W64>",
    "API-<U26>", "SSWS «00<W40>»", "ops_eyJ<A250>", "A3-<U6>-<U11>-<U5>-<U5>-<U5>", "sk-svcacct-<W60>T3BlbkFJ<W60>",
    "sk-admin-<W60>T3BlbkFJ<W60>", "sk-or-v1-<H64>", "sk-<H32>", "sha256~<W43>",
    "access_token$production$<L16>$<H32>", "pplx-<A48>", "pcsk_<A6>_<A63>", "pscale_tkn_<W43>", "phx_<A43>",
    "PMAK-<H24>-<H34>", "pnu_<A36>", "pul-<H40>", "pypi-AgEIcHlwaS5vcmc<W120>", "rzp_live_<A14>", "rdme_<L70>",
    "rnd_<A28>", "r8_<A37>", "re_<A8>_<A24>", "rubygems_<H48>", "tk-us-<W48>", "SG.<W22>.<W43>",
    "xkeysib-<H64>-<A16>", "sntrys_eyJ<A100>_<A43>", "sntryu_<H64>", "shippo_live_<H40>", "shpss_<H32>",
    "xoxp-<D12>-<D12>-<D13>-<H32>", "xoxe.xoxp-1-<A166>", "xoxc-<D12>-<D12>-<H64>", "xapp-1-A<U10>-<D13>-<H64>",
    "squ_<H40>", "sgp_<H16>_<H40>", "sq0atp-<W22>", "EAAA<W60>", "rk_live_<A99>", "whsec_<A32>", "sbp_<H40>",
    "sb_secret_<W31>", "tskey-auth-<A12>CNTRL-<A32>", "tvly-dev-<A32>", "<D10>:AA<W33>", "<A14>.atlasv1.<W67>",
    "tgp_v1_<W43>", "SK<H32>", "AAAAAAAAAAAAAAAAAAAAA<A30>%2B<A40>", "tfp_<W59>", "hvb.<W138>",
    "vercel_blob_rw_<A16>_<A30>", "AKLT<A43>", "xai-<A80>", "AQVN<W36>", "AGE-SECRET-KEY-1<X58>", "1/<N16>:<H32>",
    f"---- BEGIN SSH2 ENCRYPTED {_PRIVATE} ----\n<B70>\n<B40>\n---- END SSH2 ENCRYPTED {_PRIVATE} ----", "BBDC-<B44>",
    "ATTA<A68>", "xnd_production_<A60>", "APP_USR-<D16>-<D6>-<H32>", "vck_<A56>", "dop_v1_<H64>", "glpat-<W20>",
    "shpat_<H32>", f"-----BEGIN EC {_PRIVATE}-----\n<B64>\n<B40>==\n-----END EC {_PRIVATE}-----",
    f"-----BEGIN ENCRYPTED {_PRIVATE}-----\n<B64>\n<B64>\n-----END ENCRYPTED {_PRIVATE}-----",
    f"-----BEGIN PGP {_PRIVATE} BLOCK-----\n\n<B64>\n<B64>\n=abcd\n-----END PGP {_PRIVATE} BLOCK-----",
    "sk-helicone-<L7>-<L7>-<L7>-<L7>", "wandb_v1_<A60>", "apify_api_<A36>", "nk-<W43>", "rpa_<U40>",
    "xsmtpsib-<H64>-<A16>", "PMAT-01<U24>", "CCIPRJ_<A22>_<H40>", "secret-test-«<W36>»=", "signkey-prod-<H64>",
    "tr_prod_<A20>", "unkey_<A22>", "00D<A12>!<A96>", "GOOG1E<U57>", "AAAA<W7>:APA91b<W134>", "v2.local.<W120>",
    "dtn_<H64>", "m0-<A40>", "hb_<H44>", "xprv9<A106>", "ak_live_<A32>", "zpka_<H32>_<H8>", "SWMTKN-1-<L50>-<L25>",
    "K10<H64>::server:<H32>", "ory_pat_<A32>", "tok_live_<A40>", "glcbt-64_<W20>",
    "https://discord.com/api/webhooks/«<D18>/<W68>»", "https://hooks.slack.com/workflows/T<U8>/«A<U8>/<D18>/<A24>»",
]  # fmt: skip

IN_CONTEXT = [
    "export ACME_KEY='«q<A30>1»'", '{"auths":{"r.io":{"auth":"«Ym9iOn<A20>==»"}}}',
    "client-key-data: «LS0tLS1CRUdJTi<B200>»",
    '<add key="ApiSecret" value="«v9<A30>»" />', "--from-literal=pw=«n3<A14>»",
    "DATADOG_API_KEY=«<H32>»", "ALGOLIA_ADMIN_KEY=«<H32>»", f"spring.datasource.password=«{_WORD}»",
    '"clientSecret": "«<A40>»"', "SECRET_KEY_BASE=«<H128>»", "NEXTAUTH_SECRET=«<B43>=»",
    f"MYSQL_ROOT_PASSWORD: «{_WORD}»", "PGPASSWORD=«x7<A12>» psql", "redis-cli -h x -a «q4<A18>» ping",
    "--from-literal=password=«x1<A14>»", "<password>«y2<A12>»</password>", "Set-Cookie: session=«1<A40>»; Path=/",
    "X-Auth-Token: «a1<H38>»", f"jdbc:sqlserver://h;user=sa;password=«{_WORD}»;x=1",
    f"Server=h;User Id=sa;Password=«{_WORD}»;", "docker login -u bob -p «z9<A16>» r.example.com",
    "aws_session_token = «<B200>»", f"HEROKU_API_KEY=«{_UUID}»", f"SNYK_TOKEN=«{_UUID}»",
    f"//npm.example.com/:_authToken=«{_UUID}»", "_auth=«Zx1<A29>»", '"private_key_id": "«a1<H38>»"',
    "SLACK_SIGNING_SECRET=«a1<H30>»", "ENCRYPTION_KEY=«x1<B41>=»", "consumer_secret: «x1<A48>»",
    "Cookie: sessionid=«x1<L30>»", "Authorization: Token «a1<H38>»", "Authorization: ApiKey «x1<A38>»",
    "AUTHORIZATION: basic «eDox<A36>»", f"wget --user=u --password=«{_WORD}» https://e.com", f"bindpw: «{_WORD}»",
    f"SMTP_PASS=«{_WORD}»", "ftp://u:«x1<A10>»@h.example/", f"ansible_become_pass: «{_WORD}»",
    'access_token: "«x1<A62>»"', "refresh_token=«x1<A78>»", "postgresql+psycopg2://u:«x1<A12>»@h/db",
    f'db_password = "«{_WORD}»"', '-H "X-API-Key: «x1<A30>»"', "-H 'Authorization: Bearer «x1<A62>»'",
    "https://api.example.com/v1?api_key=«a1<H30>»&x=1", f"my password is «{_WORD}»",
    "Use the API key «x1<A30>» for it.", f"define('DB_PASSWORD', '«{_WORD}»');", "MISTRAL_API_KEY=«x1<A30>»",
    "wandb login «a1<H38>»", "htpasswd -b f user «x1<A10>»", "az login -u x -p «x1<A32>» -t t",
    "--set auth.postgresPassword=«x1<A12>»", "JWT_SECRET=«x1<A46>»", "RAILS_MASTER_KEY=«a1<H30>»",
    "TWILIO_AUTH_TOKEN=«a1<H30>»", "redis://default:«x1<A18>»@redis-1.example.net:6379/0",
    "mongodb+srv://app:«x1<A16>»@c0.example.net/db",
]  # fmt: skip

PERSONAL = [
    "li.wei.okafor@posteo.de", "o.haddad+<L4>@sub.<L6>.io", "JONAS_<D2>@EXAMPLE.COM", "noor%<L3>@x-<L5>.travel",
    "(4<D2>) 5<D2>-<D4>", "6<D2>.7<D2>.<D4>", "+1-3<D2>-4<D2>-<D4>", "1-8<D2>-5<D2>-<D4>", "+49 1<N2> <N4> <D4>",
    "+33 6 <D2> <N2> <D2> <D2>", "+44 7<D3> <N6>", "+91 9<N4> <D5>", "+55 (11) 9<N4>-<D4>", "+81-3-<N4>-<D4>",
    "+61 4<N2> <D3> <N3>", "+86 138 <N4> <D4>", "1<D1>2-4<D1>-5<D3>", "SSN: «4<D1>24<D1>5<D3>»",
]  # fmt: skip

CARDS = {"4": 16, "53": 16, "2345": 16, "34": 15, "6011": 16, "3530": 16, "65": 16}
"""First digits and length of a card number, by its issuer."""
IBANS = {"DE": 22, "FR": 27, "CH": 21, "PL": 28, "NO": 15, "ES": 24, "IT": 27, "SE": 24, "BE": 16, "AT": 20}

LOOK_ALIKES = [
    "call_<A24>", "toolu_01<A22>", "chatcmpl-<A29>", "req_<A32>", "resp_<H48>", "file-<A32>", "task_<L34>",
    "agent_<H32>",
    "https://docs.example.com/document/d/<W44>/edit", "bafybei<L52>", "Qm<A44>", "CACHE_KEY=<H40>", "primary_key=id",
    "test_shouldReturnHTTP200ForValidRequestWithTokenAndUser2", "featureFlagNewCheckoutFlowV2EnabledForBetaUsersOnly1",
    "new-checkoutFlowForBetaUsersOnlyWithV2PricingEnabled", 'integrity "sha512-<B86>=="',
    _UUID, "md5:<H32>", "commit <H40>", "sha256:<H64>", "integrity sha512-<B86>==", "--hash=sha256:<H64>",
    "golang.org/x/net v0.17.0 h1:<B43>=", 'checksum = "<H64>"', "01JM<X22>", "run 2<A26>", 'ObjectId("<H24>")',
    "tweet 1<D18>", "thread_<A24>", "asst_<A24>", "run_<A24>", "file-<A24>", "chatcmpl-<A29>", "toolu_01<A22>",
    "msg_01<A22>", "resp_<H48>", "request_id: req_<A24>", "gen-1736<D6>-<A20>", "call_<A24>", "cus_<A14>", "pi_<A24>",
    "evt_<A24>", "price_<A24>", "channel C0<U9>", "arn:aws:iam::<D12>:role/<L8>", "i-0<H16> vpc-0<H16> ami-0<H16>",
    "s3://bucket-<L6>/a/<H16>.parquet", "image@sha256:<H64>", "container <H12>", "pod/web-<L9>-<L5>", f"uid: {_UUID}",
    "lodash@4.17.<D2>", "@types/node@20.<D1>.0", "numpy==1.26.<D1>", "version 3.14.15<D2>.9",
    "Chrome/120.0.6<D3>.<D2>", "2024-1<D1>-2<D1>", "2025-06-1<D1>T1<D1>:2<D1>:3<D1>.<D6>Z", "ts=17<D8>",
    '"created_at": 17<D11>', "17<D17>", "lat 4<D1>.<D6>, lon -7<D1>.<D6>", "0.<D17>", "<D1>.<D8>e-05",
    "total = 9<D11>", "1<D2>,<D3>,<D3>,<D3>", "0x00007f<H10>", "<H2>:<H2>:<H2>:<H2>:<H2>:<H2>", "10.2<D1>.1<D1>.0/24",
    "client 192.168.4.2<D1>:6<D3>", "src/app.py:1<D2>:<D1>", "@@ -1<D2>,7 +1<D2>,9 @@",
    "00000000  <H2> <H2> <H2> <H2> <H2> <H2> <H2> <H2>", "order #<D10>", "INV-2024-<D6>", "1Z<U6><D10>",
    "VIN 1HG<U14>", "flight HAT<D3> reservation <U6>", "SKU-<U4>-<D4>-<U2>", "item_id: 9<D9>",
    '"Smartphone", "product_id": "1<D9>"', "ISBN 978-3-16-1<D5>-<D1>", "doi:10.1145/3<D6>.3<D6>",
    '{"prompt_tokens": 1<D4>, "completion_tokens": <D3>1}', "max_tokens=4<D3>, stop_token_id=1<D5>",
    '"eos_token": "<|im_end|>"', "claude-3-5-sonnet-20241022", "anthropic.claude-3-haiku-20240307-v1:0",
    'api_key=os.environ["OPENAI_API_KEY"]', "password: ${{ secrets.DB_PASSWORD }}",
    "export TOKEN=$(cat /run/secrets/token)", "token = getpass.getpass()", "apiKey: process.env.API_KEY",
    "api_key = YOUR_API_KEY", "password=changeme", "token: <your-token-here>", "secret=xxxxxxxxxxxxxxxxxxxx",
    "def check_password(password: str, hashed: str) -> bool:", "self.api_key = api_key",
    "for key, value in secrets.items(): print(key)", "tokens = tokenizer.encode(text)",
    "session_token: Optional[str] = None", "password = forms.CharField(widget=forms.PasswordInput)",
    "auth_token=AuthToken.objects.get(user=user)", "The password must have at least twelve characters.",
    "Rotate your API key every 90 days.", "47 passes: task_001/023/025",
    "The access token expires after 3600 seconds.", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5<B48> me", "SHA256:<B43>",
    'ETag: "<H32>"', "-----BEGIN CERTIFICATE-----\nMII<B61>\n-----END CERTIFICATE-----", "00-<H32>-<H16>-01",
    "iVBORw0KGgo<B100>", "color: #<H6>; .btn-<L8>_<L5>", "/usr/lib/python3.11/site-packages/<L6>/<L8>.py",
    "main.<H8>.chunk.js", "/tmp/tmp<L8>/<A10>", "cache_key=user:<D6>:profile:v3",
    "primary_key=<D12>, foreign_key_id=<D8>", "3-17-44 score 412-388", "part 000-4<D1>-<D4>",
    "user@host3 @app.route('/x') a@b", "<H7>..<H7>", "upgrade from 2.11.18.1<D1>", "8<D9> bytes",
    "actions/checkout@<H40>", "https://github.com/acme/repo/pull/1<D3>#issuecomment-1<D9>",
    "https://docs.google.com/document/d/1<W43>/edit", "migrations/0012_auto_20240513_1422.py",
    "docker run -p 8080:80 web", "docker compose -p shop2 up", "csrf_token()",
]  # fmt: skip


def card_number(first: str, length: int, draw: random.Random) -> str:
    """A card number with its check digit (ISO/IEC 7812)."""
    body = first + "".join(draw.choices(string.digits, k=length - len(first) - 1))
    return next(body + digit for digit in string.digits if passes_luhn(body + digit))


def iban(country: str, length: int, draw: random.Random) -> str:
    """An IBAN of digits with its check digits (ISO 13616), in groups of four."""
    account = "".join(draw.choices(string.digits, k=length - 4))
    letters = "".join(str(int(letter, 36)) for letter in country)
    whole = f"{country}{98 - int(account + letters + '00') % 97:02d}{account}"
    return " ".join(whole[start : start + 4] for start in range(0, length, 4))
