"""What each provider is asked: as the vendors' pages show it and their own libraries send it; what its answers mean."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from connectors.contract import Reply, Request
from lookups.contract import Found, Question
from lookups.registry import lookups
from settings.fields import clean
from settings.lookups import LANDLINE, LINE, MOBILE, SIM_SWAP, SPECIAL, UNKNOWN, VOIP
from tests.connectors.test_vonage_messages import KEY, PEM

NUMBER, DIGITS, SECRET = "+447772000001", "447772000001", "s3cr3t"
APPLICATION = "0192f3c4-0000-4000-8000-0123456789ab"
TYPED: dict[str, dict[str, str]] = {
    "twilio": {"key_id": "SK" + "c" * 32, "key_secret": SECRET},
    "vonage": {"application_id": APPLICATION, "private_key": PEM},
    "vonage_number_insight": {"key_id": "abcd1234", "api_secret": SECRET},
}
CAPTURES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "captures").iterdir()}
CAPTURED = {
    "twilio_line": ("twilio", LINE),
    "twilio_sim_swap": ("twilio", SIM_SWAP),
    "vonage_line": ("vonage", LINE),
    "vonage_sim_swap": ("vonage", SIM_SWAP),
    "vonage_number_insight_line": ("vonage_number_insight", LINE),
}


def config_of(name: str, **more: str) -> Mapping[str, Any]:
    config, problems = clean(lookups()[name].fields, TYPED[name] | more)
    assert not problems
    assert not lookups()[name].check(config)
    return config


def asked(name: str, what: str = LINE, **more: str) -> Request:
    return lookups()[name].build(config_of(name, **more), Question(what, NUMBER, 1_700_000_000, "a nonce"))


def found(name: str, status: int, body: Any) -> Found:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lookups()[name].read(config_of(name), Reply(status, {}, raw))


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{SECRET}".encode()).decode()


def test_each_provider_is_tried_here() -> None:
    assert set(lookups()) == set(TYPED)
    assert all(each.guide() for each in lookups().values())


@pytest.mark.parametrize(("what", "fields"), [(LINE, "line_type_intelligence"), (SIM_SWAP, "sim_swap")])
def test_twilio_is_asked_as_its_own_example_does(what: str, fields: str) -> None:
    request = asked("twilio", what)
    url = f"https://lookups.twilio.com/v2/PhoneNumbers/%2B{DIGITS}?Fields={fields}"
    assert (request.method, request.url) == ("GET", url)
    assert request.headers["Authorization"] == basic("SK" + "c" * 32)


def test_number_insight_is_asked_as_its_own_example_does() -> None:
    request = asked("vonage_number_insight")
    assert (request.method, request.url) == ("GET", f"https://api.nexmo.com/ni/standard/json?number={DIGITS}")
    assert request.headers["Authorization"] == basic("abcd1234")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        (LINE, {"phone_number": DIGITS, "insights": {"current_carrier": {}}}),
        (
            SIM_SWAP,
            {
                "phone_number": DIGITS,
                "purpose": "FraudPreventionAndDetection",
                "insights": {"sim_swap": {"period": 168}},
            },
        ),
    ],
)
def test_identity_insights_is_asked_as_its_own_example_does(what: str, body: dict[str, Any]) -> None:
    request = asked("vonage", what)
    assert (request.method, request.url) == ("POST", "https://api-eu.vonage.com/identity-insights/v1/requests")
    assert json.loads(request.body) == body
    token = request.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, RSAKey.import_key(KEY.public_key()), algorithms=["RS256"]).claims
    assert claims == {
        "application_id": APPLICATION,
        "iat": 1_700_000_000,
        "jti": "a nonce",
        "exp": 1_700_000_900,
    }


def test_every_capture_is_compared() -> None:
    assert CAPTURES.keys() == CAPTURED.keys()


@pytest.mark.parametrize("capture", CAPTURED)
def test_the_request_is_that_of_the_vendors_library(capture: str) -> None:
    """Its host too, but where the vendor's pages name one a region: there its library calls an older one."""
    name, what = CAPTURED[capture]
    ours, theirs = asked(name, what), CAPTURES[capture]["request"]
    assert ours.method == theirs["method"]
    mine, other = (urlsplit(unquote(url)) for url in (ours.url, theirs["url"]))
    assert (mine.path, mine.query) == (other.path, other.query)
    assert mine.hostname == other.hostname or name == "vonage"
    assert {key: ours.headers[key] for key in theirs["headers"]} == theirs["headers"]
    assert ours.body.decode() == theirs["body_raw"]


@pytest.mark.parametrize("capture", ["vonage_line", "vonage_sim_swap"])
def test_the_token_says_what_that_of_the_vendors_library_does(capture: str) -> None:
    ours, theirs = asked(*CAPTURED[capture]).headers["Authorization"].split(".")[:2], CAPTURES[capture]["token"]
    header, claims = (json.loads(base64.urlsafe_b64decode(part.split()[-1] + "==")) for part in ours)
    assert header == theirs["header"]
    assert claims.keys() == theirs["claims"].keys()
    assert claims["exp"] - claims["iat"] == theirs["claims"]["exp"] - theirs["claims"]["iat"]
    assert claims["application_id"] == theirs["claims"]["application_id"]


@pytest.mark.parametrize("name", TYPED)
def test_another_address_is_called_instead(name: str) -> None:
    assert asked(name, base_url="http://127.0.0.1:9/").url.startswith("http://127.0.0.1:9/")


def of_twilio(**packages: Any) -> dict[str, Any]:
    packages = {"line_type_intelligence": None, "sim_swap": None} | packages
    return {"calling_country_code": "44", "phone_number": NUMBER, "valid": True, "caller_name": None} | packages


def line_of_twilio(kind: str | None, **more: Any) -> dict[str, Any]:
    found = {"carrier_name": "Vodafone UK", "error_code": None, "mobile_country_code": "234", "type": kind}
    return of_twilio(line_type_intelligence=found | more)


def swap_of_twilio(**found: Any) -> dict[str, Any]:
    swap = {"last_sim_swap": found, "carrier_name": "Vodafone UK", "mobile_network_code": "02", "error_code": None}
    return of_twilio(sim_swap=swap)


def of_insights(**insights: Any) -> dict[str, Any]:
    return {"request_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "insights": insights}


def carrier(kind: str | None, code: str = "OK") -> dict[str, Any]:
    named = {"name": "Orange", "network_type": kind, "country_code": "FR", "network_code": "20801"} if kind else {}
    return of_insights(current_carrier=named | {"status": {"code": code, "message": "words"}})


def standard(kind: str | None, **more: Any) -> dict[str, Any]:
    current = {"network_code": "310004", "name": "Verizon Wireless", "country": "US", "network_type": kind}
    return {"status": 0, "status_message": "Success", "request_price": "0.005", "current_carrier": current} | more


ANSWERS: list[tuple[str, int, Any, Found]] = [
    ("twilio", 200, line_of_twilio("mobile"), Found(MOBILE, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("landline"), Found(LANDLINE, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("fixedVoip"), Found(VOIP, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("nonFixedVoip"), Found(VOIP, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("premium"), Found(SPECIAL, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("tollFree"), Found(SPECIAL, "Vodafone UK")),
    ("twilio", 200, line_of_twilio("of another world"), Found(UNKNOWN, "Vodafone UK")),
    ("twilio", 200, line_of_twilio(None, error_code=60601), Found(code="60601")),
    ("twilio", 200, of_twilio(valid=False, validation_errors=["TOO_LONG"]), Found(UNKNOWN)),
    ("twilio", 200, swap_of_twilio(swapped_period="PT24H", swapped_in_period=True), Found("", "Vodafone UK", True)),
    ("twilio", 200, swap_of_twilio(swapped_in_period=False), Found("", "Vodafone UK", False)),
    ("twilio", 200, of_twilio(sim_swap={"last_sim_swap": None, "error_code": 60607}), Found(code="60607")),
    ("twilio", 401, {"code": 20003, "message": "Authenticate"}, Found(code="20003", detail="Authenticate")),
    ("twilio", 429, b"slow down", Found(code="429")),
    ("vonage", 200, carrier("MOBILE"), Found(MOBILE, "Orange")),
    ("vonage", 200, carrier("VIRTUAL"), Found(VOIP, "Orange")),
    ("vonage", 200, carrier("LANDLINE_PREMIUM"), Found(SPECIAL, "Orange")),
    ("vonage", 200, carrier("SATELLITE"), Found(UNKNOWN, "Orange")),
    ("vonage", 200, carrier(None, "NOT_FOUND"), Found(UNKNOWN, "", None, "NOT_FOUND", "words")),
    ("vonage", 200, carrier(None, "NO_COVERAGE"), Found("", "", None, "NO_COVERAGE", "words")),
    ("vonage", 200, of_insights(sim_swap={"is_swapped": True, "status": {"code": "OK"}}), Found(swapped=True)),
    ("vonage", 200, of_insights(sim_swap={"status": {"code": "UNAUTHORIZED"}}), Found(code="UNAUTHORIZED")),
    ("vonage", 200, of_insights(sim_swap={"status": {"code": "NOT_FOUND"}}), Found(code="NOT_FOUND")),
    ("vonage", 401, {"title": "Unauthorized"}, Found(code="401", detail="Unauthorized")),
    ("vonage_number_insight", 200, standard("mobile"), Found(MOBILE, "Verizon Wireless")),
    ("vonage_number_insight", 200, standard("virtual"), Found(VOIP, "Verizon Wireless")),
    ("vonage_number_insight", 200, standard("landline_tollfree"), Found(SPECIAL, "Verizon Wireless")),
    ("vonage_number_insight", 200, standard("unknown"), Found(UNKNOWN, "Verizon Wireless")),
    ("vonage_number_insight", 200, {"status": 3, "status_message": "Invalid request"}, Found(UNKNOWN)),
    (
        "vonage_number_insight",
        200,
        {"status": 4, "status_message": "Invalid credentials"},
        Found(code="4", detail="Invalid credentials"),
    ),
    ("vonage_number_insight", 503, b"", Found(code="503")),
]


@pytest.mark.parametrize(("name", "status", "body", "expected"), ANSWERS)
def test_an_answer_is_understood(name: str, status: int, body: Any, expected: Found) -> None:
    assert found(name, status, body) == expected


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"insights": [], "status": {}}', b"\xff" * 9, b"[" * 9999])
def test_whatever_comes_back_is_read(name: str, body: bytes) -> None:
    assert found(name, 200, body).line == ""


@pytest.mark.parametrize("key", ["", "no key", PEM[:200]])
def test_a_key_that_could_not_sign_is_told(key: str) -> None:
    assert "private_key" in lookups()["vonage"].check({"private_key": key})
