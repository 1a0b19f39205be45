"""What Tencent posts, from bytes and query to XML, and an answer back: signature, freshness and encryption.

wechatpy does the encryption. The signature is compared here first, in constant time, for wechatpy compares it with
`!=`, and whatever it raises on what an attacker signed or an accident broke becomes a refusal.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import xmltodict
from wechatpy.utils import WeChatSigner

from bot.channels.model import BadMessage

FRESH_SECONDS = 600
MAX_BYTES = 64 * 1024
MAX_VALUE = 1024  # characters of a value in the query; an encrypted echostr has about 100
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Crypto(Protocol):
    """`wechatpy.crypto.WeChatCrypto` or that of `wechatpy.enterprise`."""

    def encrypt_message(self, msg: str, nonce: str, timestamp: str | None = None) -> str:
        """The XML of an encrypted answer."""

    def decrypt_message(self, msg: Mapping[str, str], signature: str, timestamp: str, nonce: str) -> str:
        """The XML inside; raises nearly anything on what is broken."""


@dataclass(frozen=True)
class Query:
    """The query of a request; what is not there is ""."""

    timestamp: str
    nonce: str
    signature: str = ""
    msg_signature: str = ""
    encrypt_type: str = ""
    echostr: str = ""


def read_query(given: Mapping[str, Sequence[str]], *, now: float | None = None) -> Query:
    """The query as Tencent sends it (`now` in seconds since 1970).

    Raises:
        BadMessage: a value is doubled, far too long or no timestamp, or the request is not fresh.
    """
    values: dict[str, str] = {}
    for name in Query.__dataclass_fields__:
        found = given.get(name, ())
        if len(found) > 1 or any(len(value) > MAX_VALUE for value in found):
            raise BadMessage("bad_query", f'"{name}" is doubled or too long. Send it once.')
        values[name] = found[0] if found else ""
    query = Query(**values)
    if not re.fullmatch(r"[0-9]{1,12}", query.timestamp) or not query.nonce:
        raise BadMessage("bad_query", "timestamp and nonce are needed. Send both in the query.")
    if abs((time.time() if now is None else now) - int(query.timestamp)) > FRESH_SECONDS:
        raise BadMessage("stale", "the timestamp is more than 10 minutes off. Check the clock.", 403)
    return query


def fields(xml: str | bytes) -> dict[str, str]:
    """The texts right under ``<xml>``; what has parts of its own is left out.

    Raises:
        BadMessage: it is no such XML, or a tag is there twice.
    """
    try:
        text = xml.decode("utf-8") if isinstance(xml, bytes) else xml
        # Entities are off in xmltodict: neither files nor expansions.
        root = xmltodict.parse(_NO_XML.sub("", text)).get("xml")
    except Exception:
        raise BadMessage("not_xml", "the body is not the XML of a message. Send it as documented.") from None
    if not isinstance(root, dict):
        raise BadMessage("not_xml", "the XML has no fields. Send it as documented.")
    if any(isinstance(value, list) for value in root.values()):
        raise BadMessage("doubled", "a tag is there twice. Send each once.")
    return {name: value or "" for name, value in root.items() if value is None or isinstance(value, str)}


class Envelope:
    """Opens and seals with one installation's token and key.

    Args:
        crypto: wechatpy's, made of the same token.
    """

    def __init__(self, token: str, crypto: Crypto) -> None:
        self._token = token
        self._crypto = crypto

    def check(self, signature: str, *signed: str) -> None:
        """Compare a signature over the token and `signed`.

        Raises:
            BadMessage: it is another one.
        """
        signer = WeChatSigner()
        try:
            signer.add_data(self._token, *signed)
            fits = hmac.compare_digest(signer.signature.encode(), signature.encode())
        except UnicodeEncodeError:  # a lone surrogate
            fits = False
        if not fits:
            raise BadMessage("bad_signature", "the signature is wrong. Check token and key.", 403)

    def open(self, body: bytes, query: Query) -> str:
        """The XML inside a signed, encrypted body.

        Raises:
            BadMessage: anything is wrong with it.
        """
        outer = fields(body)
        encrypted = outer.get("Encrypt", "")
        if not encrypted:
            raise BadMessage("not_encrypted", "there is no <Encrypt>. Set the account to safe mode.")
        self.check(query.msg_signature, query.timestamp, query.nonce, encrypted)
        return self._decrypted(outer, query)

    def echo(self, query: Query) -> str:
        """What an encrypted `echostr` holds.

        Raises:
            BadMessage: anything is wrong with it.
        """
        self.check(query.msg_signature, query.timestamp, query.nonce, query.echostr)
        return self._decrypted({"Encrypt": query.echostr}, query)

    def seal(self, xml: str) -> str:
        """`xml` encrypted and signed."""
        return self._crypto.encrypt_message(xml, secrets.token_hex(8), str(int(time.time())))

    def _decrypted(self, outer: Mapping[str, str], query: Query) -> str:
        try:
            return self._crypto.decrypt_message(outer, query.msg_signature, query.timestamp, query.nonce)
        except Exception:
            raise BadMessage("not_decrypted", "the message does not decrypt. Check key and id.") from None


def plain_text(content: str) -> str:
    """`content` for a CDATA section, which wechatpy writes as it is."""
    return _NO_XML.sub("", content).replace("]]>", "]]]]><![CDATA[>")
