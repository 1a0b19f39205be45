"""Tencent's web service: an access token that is kept while it holds, calls that tell why they failed.

The client of wechatpy is synchronous, without a timeout, and repeats a refused token for ever; this is a small one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from bot.channels.courier import TryLater, Undeliverable

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
TOKEN_MARGIN = 300  # seconds before its end from which a token is not used any more
MAX_MEDIA = 10 * 1024 * 1024
_TOKEN_REFUSED = {40001, 40014, 42001}
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NOT_TAKEN = {429, 502, 503}  # said by what stands in front of the service


class ApiError(Exception):
    """The service refused: its `errcode`; its words stay out of logs, for they can name a person."""

    def __init__(self, code: int) -> None:
        super().__init__(f"errcode {code}")
        self.code = code


class Api:
    """One account's calls. Subclasses say how a token is asked for.

    Args:
        base_url: without a slash at the end.
    """

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url.rstrip("/"), timeout=TIMEOUT)
        self._token = ""
        self._token_until = 0.0
        self._lock = asyncio.Lock()

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def token_answer(self, *, again: bool) -> Mapping[str, Any]:
        """The service's answer to the request for a token; `again`: the one it gave was refused."""
        raise NotImplementedError

    async def post(self, path: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post JSON.

        Raises:
            TryLater, Undeliverable: as for a message that was to be sent.
            ApiError: the service refused.
        """
        return await self._with_token(path, payload)

    async def get_media(self, path: str, media_id: str) -> bytes:
        """The bytes of what a person sent, at most `MAX_MEDIA`.

        Raises:
            TryLater, Undeliverable, ApiError: it cannot be had.
        """
        for again in (False, True):
            token = await self._current(refused=self._token if again else "")
            params = {"access_token": token, "media_id": media_id}
            content, is_json = await download(self._client, path, params)
            code = _object(content).get("errcode", 0) if is_json else 0
            if not code:
                return content
            if code not in _TOKEN_REFUSED or again:
                raise ApiError(code)
        raise ApiError(0)

    async def request(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        """One request and its JSON object, without a token.

        Raises:
            TryLater, Undeliverable: it was surely not taken, or nobody knows.
        """
        try:
            response = await self._client.request(method, path, **options)
        except _NO_CONNECTION as error:
            raise TryLater(f"no connection: {type(error).__name__}", counts=False) from None
        except httpx.HTTPError as error:
            raise Undeliverable(f"unsure: {type(error).__name__}") from None
        if response.status_code in _NOT_TAKEN:
            raise TryLater(f"HTTP {response.status_code}", counts=False)
        if response.status_code != 200:
            raise Undeliverable(f"unsure: HTTP {response.status_code}")
        answer = _object(response.content)
        if not answer:
            raise Undeliverable("unsure: the answer is no JSON object")
        return answer

    async def _with_token(self, path: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        # Chinese as it is: some clients show \uXXXX to people as it stands.
        body = json.dumps(payload, ensure_ascii=False).encode()
        refused = ""
        while True:
            token = await self._current(refused=refused)
            answer = await self.request("POST", path, params={"access_token": token}, content=body)
            code = answer.get("errcode", 0)
            if not code:
                return answer
            if code not in _TOKEN_REFUSED or refused:
                raise ApiError(code if isinstance(code, int) else -2)
            refused = token

    async def _current(self, *, refused: str) -> str:
        """The token in force; a new one where it ends soon or is the `refused` one."""
        async with self._lock:
            if self._token and self._token != refused and time.monotonic() < self._token_until:
                return self._token
            try:
                answer = await self.token_answer(again=False)
                if refused and answer.get("access_token") == refused:
                    answer = await self.token_answer(again=True)
            except Undeliverable as error:  # no message was on its way
                raise TryLater(f"no access token: {error}", counts=False) from None
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(seconds, int):
                raise TryLater(f"no access token: errcode {answer.get('errcode')}", 60, counts=False)
            self._token, self._token_until = token, time.monotonic() + max(seconds - TOKEN_MARGIN, 30)
            return token


async def download(
    client: httpx.AsyncClient, url: str, params: Mapping[str, str] | None = None
) -> tuple[bytes, bool]:
    """At most `MAX_MEDIA` bytes, and whether they are JSON; redirects are not followed.

    Raises:
        Undeliverable: they cannot be had.
    """
    content = bytearray()
    try:
        async with client.stream("GET", url, params=params, follow_redirects=False) as response:
            if response.status_code != 200:
                raise Undeliverable(f"HTTP {response.status_code}")
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > MAX_MEDIA:
                    raise Undeliverable("the photo is larger than 10 MB")
            kind = response.headers.get("content-type", "")
    except httpx.HTTPError as error:
        raise Undeliverable(f"no photo: {type(error).__name__}") from None
    return bytes(content), "json" in kind or kind.startswith("text/")


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
