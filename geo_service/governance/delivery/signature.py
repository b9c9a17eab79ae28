"""Secrets and signatures of webhooks as Standard Webhooks describes them (version 1, symmetric).

https://www.standardwebhooks.com: the receiver checks them with the libraries listed there.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from geo_service.errors import InvalidValue

_PREFIX = "whsec_"
_BYTES = 32
_FEWEST, _MOST = 24, 64
"""Bytes that the scheme wants a secret to have."""


def new_secret() -> str:
    """Return a secret that nobody has seen."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def read_secret(text: str) -> str:
    """Return a secret as it is kept, from what an operator gives.

    Raises
    ------
    InvalidValue
        It is not ``whsec_`` and 24 to 64 bytes in base64; the text is not repeated.
    """
    try:
        is_usable = text.startswith(_PREFIX) and _FEWEST <= len(_key(text)) <= _MOST
    except (binascii.Error, ValueError):
        is_usable = False
    if not is_usable:
        raise InvalidValue(
            "secret",
            f"{_PREFIX} 加 base64 写的 {_FEWEST} 到 {_MOST} 个字节，或不写（由本服务生成）",
            f"{_PREFIX} and {_FEWEST} to {_MOST} bytes in base64, or none: then one is made",
        )
    return text


def signed_headers(
    keys: Sequence[str], *, message_id: str, body: bytes, at_s: int
) -> dict[str, str]:
    """Return the headers that prove who sent a message, unchanged, and when (1970 UTC).

    One signature for each of the secrets: a receiver that knows any of them can check it.
    """
    signed = f"{message_id}.{at_s}.".encode() + body
    digests = [hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in digests),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
