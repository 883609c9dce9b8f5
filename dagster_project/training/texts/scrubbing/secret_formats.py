"""Credentials whose issuers gave them a form of their own: told by that form wherever they stand.

The forms are facts published by the issuers and by the rule sets of gitleaks, trufflehog and detect-secrets. Lengths
are taken as lower bounds: a token that its issuer made longer since is still one.
"""

import re

from dagster_project.training.texts.scrubbing.rules import Rule, known
from dagster_project.training.texts.scrubbing.secret_values import is_random

_A = "[A-Za-z0-9]"
_W = "[A-Za-z0-9_-]"
_HEX = "[a-f0-9]"
_UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"

_END_OF_KEY = r"-----END[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----"

_IDS = re.compile(
    r"(?:asst|batch|call|chatcmpl|cmpl|cursor|evt|file|fp|ft|gen|id|img|job|key_id|message|msg|page|pi|req|request|resp"
    r"|response|run|session_id|sha\d{1,3}|snapshot|step|task|test|thread|toolu|trace|user|vs|workflow)(?:[_-]|$)"
)
"""How identifiers begin that are drawn at random and open nothing."""
_DIGEST = re.compile(r"[_-]v?(?:[0-9a-f]{40}|[0-9a-f]{64})(?=[_-]|$)")
"""Digits beside letters, as of what is drawn; the words before it give the letters of the other case."""
_WORDS = re.compile(r"(?:(?:[A-Za-z][a-z]*|[A-Z]+|\d+)(?:[_-]+|$))+")
"""A name of words: what is drawn has capitals and digits within its parts, too."""
_PREFIX = re.compile(r"^(?:[a-z][a-z0-9]{0,11}[_-])+")


def is_drawn(value: str, around: str) -> bool:
    """Whether what follows a prefix was drawn at random from letters of both cases and digits, and is no identifier."""
    if _IDS.match(value) or _WORDS.fullmatch(value) or around.partition(value)[0].endswith("/"):
        return False
    return is_random(_DIGEST.sub("", _PREFIX.sub("", value)), least=28)


SECRET_FORMATS: list[Rule] = [
    # To its end line; a key that was cut off, to the end of its base64.
    *known(
        "PRIVATE_KEY",
        rf"-----BEGIN[ A-Z0-9_-]{{0,60}}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?{_END_OF_KEY}",
        r"PuTTY-User-Key-File-\d:[\s\S]*?Private-MAC: [0-9a-f]+",
        r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
        r"---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----[\s\S]*?---- END SSH2 (?:ENCRYPTED )?PRIVATE KEY ----",
    ),
    *known("PRIVATE_KEY", r"-----BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)?-----(?:\\*[nr]|\s|[A-Za-z0-9+/=])*"),
    *known("JWT", r"\bey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*", r"\bey[A-Za-z0-9_-]{30,}(?:\.[A-Za-z0-9_-]*){4}"),
    *known(
        "AWS_KEY",
        r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
        r"\bABSK[A-Za-z0-9+/]{100,}={0,2}",
        r"\b(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj|FQoGZXIvYXdz)[A-Za-z0-9+/=]{40,}",
        r"bedrock-api-key-[A-Za-z0-9+/=]{20,}",
    ),
    *known(
        "API_KEY",
        # Model providers and their tools.
        rf"\bsk-ant-(?:api|admin|oat|sid)\d\d-{_W}{{40,}}",
        rf"\bsk-(?:proj|svcacct|admin|None|service|or-v1)-{_W}{{20,}}",
        rf"\b(?:sk|pk)-lf-{_UUID}",
        rf"\bsk-{_A}*T3BlbkFJ{_A}{{10,}}|\bsk-{_A}{{32,}}",
        rf"\bsess-{_A}{{40}}",
        rf"\bgsk_{_A}{{40,}}|\bxai-{_A}{{60,}}|\bpplx-{_A}{{40,}}|\br8_{_A}{{37}}|\bpcsk_{_W}{{40,}}",
        rf"\bhf_{_A}{{30,}}|\bapi_org_{_A}{{30,}}|\blsv2_(?:pt|sk)_{_HEX}{{32}}_{_HEX}{{10}}|\bfw_{_A}{{22,}}",
        rf"\bnvapi-{_W}{{50,}}|\besecret_{_A}{{20,}}|\bjina_{_A}{{50,}}|\btvly-{_W}{{28,}}",
        # Google.
        rf"\bAIza{_W}{{30,}}|\bya29\.{_W}{{20,}}|\bGOCSPX-{_W}{{20,}}|\b1//0{_W}{{30,}}",
        r"\b[0-9]{8,}-[a-z0-9]{32}\.apps\.googleusercontent\.com",
        rf"\bpa-{_W}{{43}}\b|\bsk_{_HEX}{{48}}\b",
        # Azure.
        r"AccountKey=([A-Za-z0-9+/]{80,}={0,2})",
        r"(?:[^A-Za-z0-9_~.-]|^)([A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34})",
        # Payments and commerce.
        rf"\b(?:sk|rk|pk)_(?:live|test|prod)_{_A}{{10,}}|\bwhsec_[A-Za-z0-9+/=]{{24,}}",
        rf"\b(?:sq0(?:atp|csp|idp)-|EAAA){_W}{{22,}}|\bshp(?:at|ca|pa|ss|tka|oat)_[A-Fa-f0-9]{{32}}",
        rf"\brzp_(?:live|test)_{_A}{{14,}}|\bFLW(?:SECK|PUBK)(?:_TEST)?-{_W}{{12,}}|\baccess_token\$production\$[a-z0-9$]{{30,}}",
        rf"\baccess-(?:production|development|sandbox)-{_UUID}",
        rf"\bshippo_(?:live|test)_{_HEX}{{40}}|\bduffel_(?:test|live)_{_W}{{40,}}|\bEZ[AT]K{_A}{{54}}|\blive_{_HEX}{{35}}\b",
        # Messages and mail.
        rf"\bSG\.[A-Za-z0-9_=-]{{16,}}\.[A-Za-z0-9_=-]{{32,}}|\bkey-{_HEX}{{32}}\b|\b{_HEX}{{32}}-us\d{{1,2}}\b",
        rf"\bxkeysib-{_HEX}{{60,}}-{_A}{{16}}|\b(?:SK|AC)[0-9a-f]{{32}}\b",
        rf"(?:\b|\bbot)\d{{8,10}}:AA{_W}{{32,}}|\b[MNO]{_W}{{23,27}}\.{_W}{{6,7}}\.{_W}{{27,}}",
        # Infrastructure.
        rf"\bdo[opr]_v1_{_HEX}{{64}}|\bdapi{_HEX}{{32}}|\bHRKU-{_W}{{50,}}|\bdckr_(?:pat|oat)_{_W}{{20,}}",
        rf"\b(?:hvs|hvb|hvr)\.{_W}{{20,}}|\bs\.{_A}{{24}}\b|\b{_A}{{14}}\.atlasv1\.{_W}{{60,}}|\bpul-{_HEX}{{40}}",
        rf"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]+\.)?{_A}{{40,}}|\bdt0c01\.{_A}{{24}}\.{_A}{{64}}",
        rf"\bgl(?:sa_{_A}{{32}}_[A-Fa-f0-9]{{8}}|c_[A-Za-z0-9+/]{{32,}}={{0,3}})|\beyJrIjoi{_A}{{60,}}={{0,2}}",
        rf"\bNR(?:AK|JS|II|IQ|RA|SP)-{_W}{{19,}}|\bsntry[su]_{_W}{{40,}}|\btskey-[a-z]+-{_W}{{16,}}|\bsbp_{_HEX}{{40}}",
        rf"\bnfp_{_A}{{36,}}|\bfo1_{_W}{{43}}|(?:\b|_)fm[12][ar]?_[A-Za-z0-9+/=]{{100,}}|\bv1\.0-{_HEX}{{24}}-{_HEX}{{146}}",
        rf"\bLTAI{_A}{{12,}}|\bAKID{_A}{{32}}|\bAQVN{_W}{{35,}}|\bt\d\.[A-Z0-9a-z_-]+=?\.{_W}{{60,}}|\b4b1d{_A}{{38}}\b",
        rf"\bpscale_(?:tkn|pw|oauth)_{_W}{{32,}}|\bsha256~{_W}{{43}}|\bpnu_{_A}{{36}}|\bops_ey{_A}{{100,}}={{0,3}}",
        r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}\b",
        # Code and work.
        rf"\bgh[pousr]_{_A}{{30,}}|\bgithub_pat_[A-Za-z0-9_]{{50,}}",
        rf"\bgl(?:pat|ptt|dt|rt|ft|agent|oas|cbt|imt|soat|ffct|wt)-{_W}{{20,}}|\bGR1348941{_W}{{20}}|\b_gitlab_session=[0-9a-z]{{32}}",
        rf"\bnpm_{_A}{{36}}|\bpypi-A{_W}{{50,}}|\brubygems_{_HEX}{{48}}|\bcio{_A}{{32}}\b|\boy2[a-z0-9]{{43}}\b|\bCLOJARS_[a-z0-9]{{60}}",
        rf"\bATATT3{_W}{{60,}}=?{_HEX}*|\bATBB{_A}{{28,}}|\bATCTT3{_W}{{60,}}|\blin_(?:api|oauth)_{_A}{{32,}}",
        rf"\bntn_{_A}{{40,}}|\bsecret_{_A}{{43}}\b|\bpat{_A}{{14}}\.{_HEX}{{64}}|\bfig[dou][rh]?_{_W}{{35,}}|\bPMAK-{_HEX}{{24}}-{_HEX}{{34}}",
        rf"\bsgp_(?:[A-Fa-f0-9]{{16}}_|local_)?[A-Fa-f0-9]{{40}}|\bsq[apu]_{_HEX}{{40}}|\bAKCp{_A}{{60,}}|\bcmVmd{_A}{{59}}\b",
        rf"\brdme_[a-z0-9]{{70}}|\bCFPAT-{_W}{{40,}}|\bAPI-[A-Z0-9]{{26}}\b|\bfio-u-{_W}{{60,}}|\bico-{_A}{{32}}\b",
        rf"\bp8e-[a-zA-Z0-9]{{32}}\b|\b{_A}{{6}}_{_A}{{29}}_mmk\b|\bsm_[aps]at_{_A}{{16}}\b|\b[ps]at\.{_W}{{22}}\.{_A}{{24}}\.{_A}{{20}}",
        rf"\bEAA[A-Z]{_A}{{60,}}|\bIG[A-Za-z]{{2}}{_W}{{100,}}|\bAAAAAAAAA{_A}+%[A-Za-z0-9%]{{40,}}|\bsl\.{_W}{{100,}}",
        rf"\bphc_{_A}{{40,}}|\bphx_{_A}{{40,}}|\bxoxe\.xox[bp]-\d-{_A}{{140,}}|\bcal_(?:live|test)_{_HEX}{{32}}",
        # Younger issuers of models, agents and databases.
        rf"\baio_{_A}{{28}}|\bbkua_{_HEX}{{40}}|\bcsk-[a-z0-9]{{40,}}|\bCCIPAT_{_A}{{20,}}_{_HEX}{{40}}|\bdb-{_A}{{29}}\b",
        rf"\bdbt[cusp]_{_W}{{30,}}|\bdnkey-[a-z0-9=_-]{{26}}-[a-z0-9=_-]{{52}}|\be2b_{_HEX}{{40}}|\bfc-{_HEX}{{32}}\b",
        rf"\blive_{_W}{{40}}|\bAQ\.Ab{_W}{{40,}}|\bhca[a-z]k_[a-z0-9]{{40,}}|\bpat-[a-z]{{2}}\d-{_UUID}|\b(?:sdk|mob)-{_UUID}",
        rf"\bst\.{_HEX}{{24}}\.{_HEX}{{32}}\.{_HEX}{{32}}|\bs-s4t2(?:ud|af)-{_HEX}{{64}}|\bpk_{_HEX}{{34}}\b|\bls__{_HEX}{{32}}",
        rf"\bpylf_v\d_[a-z]{{2}}_{_A}{{30,}}|\bmlsn\.{_HEX}{{64}}|\bmd-{_W}{{22}}\b|\b[sp]k\.eyJ{_A}{{30,}}\.{_W}{{20,}}",
        rf"\bmdb_sa_sk_{_W}{{30,}}|\bnapi_[a-z0-9]{{50,}}|\bSSWS 00{_W}{{38,}}|\brnd_{_A}{{28,}}|\bre_{_A}{{8}}_{_A}{{20,}}",
        rf"\btk-us-{_W}{{48}}|\bsb_(?:secret|publishable)_{_W}{{22,}}|\btgp_v\d_{_W}{{40,}}|\btfp_[A-Za-z0-9_.=-]{{59}}",
        rf"\bvercel_blob_rw_{_A}{{16}}_{_A}{{24,}}|\bvc[a-z]_{_A}{{40,}}|\bAKLT{_A}{{40,}}|\bbb_live_{_W}{{20,}}|\bBSA{_W}{{28}}\b",
        rf"\bBBDC-[A-Za-z0-9+/@_-]{{40,}}|\bATTA{_A}{{60,}}|\bxnd_(?:production|development)_{_A}{{40,}}|\bctx7sk-{_HEX}{{8}}",
        rf"\bAPP_USR-\d{{10,}}-\d{{6}}-{_HEX}{{32}}|\b{_A}{{76}}AZDO{_A}{{4}}\b|\b{_A}{{52}}JQQJ9[A-D9]{_A}{{20,}}",
        # Of tracing, scraping, mobile and cluster tools; tokens that name their own standard (PASETO, BIP-32).
        rf"\bsk-helicone-[a-z0-9-]{{20,}}|\brpa_[A-Z0-9]{{30,}}|\bxsmtpsib-{_HEX}{{60,}}-{_A}{{16}}|\bPMAT-01[A-Z0-9]{{20,}}",
        rf"\bCCIPRJ_{_A}{{20,}}_{_HEX}{{40}}|\bsecret-(?:test|live)-{_W}{{30,}}=?|\bsignkey-[a-z]+-{_HEX}{{40,}}",
        rf"\btr_(?:dev|prod|stg|pat|preview)_{_A}{{20,}}|\bunkey_{_A}{{20,}}|\b00D{_A}{{12,15}}![A-Za-z0-9._]{{60,}}",
        rf"\bGOOG1E[A-Z0-9]{{50,}}|\bAAAA{_W}{{7}}:APA91b{_W}{{100,}}|\bv[1-4]\.(?:local|public)\.{_W}{{60,}}",
        rf"\bdtn_{_HEX}{{60,}}|\bhb_{_HEX}{{40,}}|\bzpka_{_HEX}{{32}}_{_HEX}{{8}}|\b[xyz]prv{_A}{{100,}}",
        rf"\bSWMTKN-1-[a-z0-9]{{40,}}-[a-z0-9]{{20,}}|\bK10{_HEX}{{64}}::[a-z]+:{_HEX}{{32,}}|\bory_[a-z]{{2,3}}_{_W}{{30,}}",
        rf"\bAQE[A-Za-z0-9+/=]{{40,}}\.[A-Za-z0-9+/=_-]{{20,}}|\bapify_api_{_A}{{30,}}|\bwandb_v1_{_A}{{40,}}|\bm0-{_A}{{36,}}",
        rf"\b[12]/\d{{10,}}(?:/\d{{10,}})?:{_HEX}{{32}}\b|\bnk-{_W}{{40,}}|\bfigr_{_W}{{36,}}|\bnango_sk_{_A}{{30,}}",
        rf"\b4/0{_W}{{40,}}|\bvk1\.a\.{_W}{{60,}}|\bamzn1\.oa2-cs\.v1\.{_HEX}{{64}}|(?:\b|_)fm[12][ar]?_[A-Za-z0-9+/=]{{60,}}|\ba[ks]-{_A}{{22}}\b",
        rf"\b(?:sk|rk|api|key|secret|tok|token|pat)[-_]{_HEX}{{40,}}",
        # Whatever else begins like a key and goes on at random: letters and digits in both cases.
        rf"\b(?:sk|rk|ak|api|key|secret|tok|token)[-_](?:[a-z0-9]{{2,12}}[-_]){{0,3}}{_A}*(?:[0-9][A-Z]|[A-Z][0-9]){_A}{{14,}}",
    ),
    Rule(
        type="API_KEY",
        pattern=rf"\b([a-z][a-z0-9]{{1,11}}(?:[_-][a-z0-9]{{1,8}}){{0,2}}[_-]{_W}{{30,}})",
        check=is_drawn,
        known=True,
    ),
    *known("SLACK_TOKEN", r"\bxox[abcdeoprs]-[A-Za-z0-9%_-]{10,}", rf"\bxapp-\d-{_W}{{20,}}", rf"\bxoxe-\d-{_W}{{40,}}"),
    *known(
        "WEBHOOK",
        r"(?:https?://)?hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{20,}",
        r"https://[a-z0-9-]+\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/_-]{40,}",
        rf"https://(?:[a-z]+\.)?discord(?:app)?\.com/api/webhooks/\d+/{_W}{{40,}}",
        r"https://hooks\.zapier\.com/hooks/catch/[A-Za-z0-9/]{10,}",
        r"https://[0-9a-f]{32}(?::[0-9a-f]{32})?@[a-z0-9.-]*sentry\.io/\d+",
    ),
]  # fmt: skip
