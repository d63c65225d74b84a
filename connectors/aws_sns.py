"""Amazon SNS: Publish straight to a phone number.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html           the attributes of a text
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html

SNS has neither a period of validity, nor a reference of ours, nor receipts: what became of a text is in CloudWatch.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.parsers import expat

from connectors.contract import (
    Answer,
    CannotBuildError,
    Message,
    Refusal,
    Reply,
    Request,
    accepted,
    by_status,
    refused,
    retry_after,
)
from settings.fields import N_, Field, Kind

TITLE = "Amazon SNS"
SUMMARY = N_("SMS to almost every country, with an account at Amazon Web Services.")

FIELDS = (
    Field(
        "region",
        N_("Region"),
        required=True,
        pattern=r"[a-z]{2}(-[a-z]+){1,3}-[0-9]",
        hint=N_("Type a region as AWS writes it, such as eu-central-1."),
        help=N_("One that can send SMS. The sandbox, the limits and the senders are those of the region."),
    ),
    Field(
        "access_key_id",
        N_("Access key ID"),
        required=True,
        pattern=r"AKIA[0-9A-Z]{4,124}",
        hint=N_("An access key ID begins with AKIA. Keys that begin with ASIA die within hours and cannot be used."),
        help=N_("Of an IAM user that may sns:Publish and nothing else."),
    ),
    Field(
        "secret_access_key",
        N_("Secret access key"),
        required=True,
        secret=True,
        pattern=r"[!-~]+",
        hint=N_("A secret access key has no spaces."),
    ),
    Field(
        "sender_id",
        N_("Sender ID"),
        pattern=r"(?=.*[A-Za-z])[A-Za-z0-9]{3,11}",
        hint=N_("Type 3 to 11 letters and digits, at least one letter, without spaces."),
        help=N_("The name that messages come from, where the country allows one. Many want it registered."),
    ),
    Field(
        "origination_number",
        N_("Origination number"),
        pattern=r"\+[1-9][0-9]{6,14}|[0-9]{3,8}",
        hint=N_("Type a number of yours at AWS with + and country code, or a short code."),
        help=N_("The number of yours at AWS that messages come from. Empty: SNS chooses."),
    ),
    Field(
        "max_price",
        N_("Highest price of a message"),
        Kind.MONEY,
        0.0,
        minimum=0,
        maximum=100,
        help=N_("In US dollars. SNS drops a dearer message without a word. 0: no limit."),
    ),
    Field(
        "base_url",
        N_("Another address"),
        Kind.URL,
        pattern=r"[^?#]+",
        hint=N_("Type the address without ? and #."),
        help=N_("For tests: what to call instead of https://sns.REGION.amazonaws.com."),
    ),
)

ERRORS = {
    # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
    **dict.fromkeys(("AuthorizationError", "InvalidSecurity"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("InvalidParameter", "InvalidParameterValue", "ValidationException"), Refusal.SENDER_OR_TEMPLATE),
    "OptedOut": Refusal.BLOCKED,
    **dict.fromkeys(("Throttled", "Throttling", "ThrottlingException"), Refusal.THROTTLED),
    # https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
    **dict.fromkeys(("InvalidClientTokenId", "SignatureDoesNotMatch", "IncompleteSignature"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "NotAuthorized"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken"), Refusal.BAD_CREDENTIALS),
    **dict.fromkeys(("OptInRequired", "UnrecognizedClientException"), Refusal.BAD_CREDENTIALS),
    "RequestExpired": Refusal.BAD_CREDENTIALS,  # this computer's clock is wrong
    "ServiceUnavailable": Refusal.TEMPORARY,
}
ABOUT_THE_NUMBER = "PhoneNumber Reason"  # how the words of InvalidParameter begin that mean the number

LONGEST = 1600  # bytes of a text, of however many parts
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


def build(config: Mapping[str, Any], message: Message) -> Request:
    """The parameters in the order of Amazon's own libraries."""
    if len(message.text.encode()) > LONGEST:
        raise CannotBuildError(f"Amazon SNS takes texts of up to {LONGEST} bytes.")
    parameters = {
        "Action": "Publish",
        "Version": "2010-03-31",
        "PhoneNumber": message.to,
        "Message": message.text,
        **_attributes(config),
    }
    base = config["base_url"].rstrip("/") or f"https://sns.{config['region']}.amazonaws.com"
    body = urlencode(parameters).encode()
    return Request("POST", f"{base}/", _signed(config, f"{base}/", body, message.sent_at), body)


def _attributes(config: Mapping[str, Any]) -> dict[str, str]:
    attributes = (
        ("AWS.SNS.SMS.SMSType", "String", "Transactional"),
        ("AWS.SNS.SMS.SenderID", "String", config["sender_id"]),
        ("AWS.SNS.SMS.MaxPrice", "Number", f"{config['max_price']:.5f}" if config["max_price"] else ""),
        ("AWS.MM.SMS.OriginationNumber", "String", config["origination_number"]),
    )
    parameters: dict[str, str] = {}
    for number, (name, kind, value) in enumerate([each for each in attributes if each[2]], 1):
        entry = f"MessageAttributes.entry.{number}"
        parameters |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    return parameters


def _signed(config: Mapping[str, Any], url: str, body: bytes, at: int) -> dict[str, str]:
    """The headers with Signature Version 4. ``Host`` is signed too, as the caller will write it."""
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    parts = urlsplit(url)
    names = "content-type;host;x-amz-date"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{parts.netloc}\nx-amz-date:{stamp}\n"
    canonical = f"POST\n{parts.path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{config['region']}/sns/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{config['secret_access_key']}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    credential = f"{config['access_key_id']}/{scope}"
    return {
        "Content-Type": CONTENT_TYPE,
        "X-Amz-Date": stamp,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={key.hex()}",
    }


def read(_config: Mapping[str, Any], reply: Reply) -> Answer:
    """Accepted says little: a text that is over the price or the month's budget is accepted too, and dropped."""
    answer = _elements(reply.body)
    if reply.status == 200 and "PublishResponse" in answer and answer.get("MessageId"):
        return accepted(answer["MessageId"])
    code, words = answer.get("Code", ""), answer.get("Message", "")
    if reply.status >= 400 and code == "InvalidParameter" and ABOUT_THE_NUMBER in words:
        return refused(Refusal.BAD_NUMBER, code, words)
    if reply.status >= 400 and code in ERRORS:
        return refused(ERRORS[code], code, words, retry_after=retry_after(reply))
    return by_status(reply, code, words)


def _elements(body: bytes) -> dict[str, str]:
    """The text of each element of an XML document by its name; nothing where it is no XML or has a document type.

    Without a document type there are no entities, neither to expand nor to fetch.
    """
    found: dict[str, str] = {}
    inside: list[str] = []

    def start(name: str, _attributes: Any) -> None:
        inside.append(name)
        found.setdefault(name, "")

    def text(words: str) -> None:
        found[inside[-1]] += words

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _name: inside.pop()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):  # no XML; a document type; an encoding that nobody knows
        return {}
    return {name: words.strip() for name, words in found.items()}


def _refuse(*_declared: Any) -> None:
    raise ValueError
