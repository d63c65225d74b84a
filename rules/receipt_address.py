"""Where a provider reports on a connector's messages. The secret in the address is derived, so that none is stored."""

from __future__ import annotations

import hmac
from urllib.parse import quote

from settings.environment import Environment
from settings.keys import Keys, Use


def receipt_address(environment: Environment, keys: Keys, connector: str) -> str:
    """The whole address. It stays the same while the operator's newest secret does."""
    secret = _secret(keys.all(Use.RECEIPTS)[0], connector)
    return f"{environment.public_url}/receipts/{quote(connector, safe='')}/{secret}"


def is_right_secret(keys: Keys, connector: str, secret: str) -> bool:
    """Whether it is the connector's, under the newest of the operator's secrets or an older one."""
    given = secret.encode()
    return any([hmac.compare_digest(_secret(key, connector).encode(), given) for key in keys.all(Use.RECEIPTS)])  # noqa: C419 - all


def _secret(key: bytes, connector: str) -> str:
    return hmac.digest(key, connector.encode(), "sha256").hex()[:40]
