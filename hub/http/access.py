"""Who makes an HTTP request: its address, and its principal."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.auth import Authenticator, token_from


class Access:
    """Finds address and principal of requests.

    Args:
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, authenticator: Authenticator, trusted_proxies: tuple[str, ...]) -> None:
        self.authenticator = authenticator
        self.trust(trusted_proxies)

    def trust(self, trusted_proxies: tuple[str, ...]) -> None:
        """Believe these proxies, and no others, from now on."""
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(text, strict=False) for text in trusted_proxies]

    def address(self, request: web.BaseRequest) -> str:
        """Return the client's address: the last hop in `X-Forwarded-For` that is no trusted proxy.

        What is no address ends the search: limits count by address, and garbage would be a new client each time.
        """
        address = request.remote or ""
        if not self._proxies or not self._is_proxy(_parsed(address)):
            return address
        for text in reversed(",".join(request.headers.getall("X-Forwarded-For", [])).split(",")):
            if not text.strip():
                continue
            hop = _parsed(text)
            if hop is None:
                break
            address = str(hop)
            if not self._is_proxy(hop):
                break
        return address

    def _is_proxy(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)

    def principal(self, request: web.BaseRequest) -> Principal:
        """Return who makes an API request.

        Raises:
            ReplyError: `unauthenticated` without a token where one is needed; `invalid_token`.
        """
        found = token_from(request.headers)
        if found is not None:
            return self.authenticator.authenticate(found.token)
        if self.authenticator.is_open:
            return self.authenticator.operator()
        if self.authenticator.principal_without_token("") is ANONYMOUS:
            return ANONYMOUS
        raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected a token in the header `Authorization: Bearer TOKEN`")

    def member(self, request: web.BaseRequest) -> Principal:
        """Return the user who makes a request for what is the user's own. There is no such user without a token, also
        on an open hub.

        Raises:
            ReplyError: `unauthenticated` or `invalid_token`.
        """
        found = token_from(request.headers)
        if found is None:
            message = "expected a user's token in the header `Authorization: Bearer TOKEN`; POST /auth/login gives one"
            raise ReplyError(ErrorCode.UNAUTHENTICATED, message)
        return self.authenticator.authenticate(found.token)

    def operator(self, request: web.BaseRequest) -> Principal:
        """Return who makes a request that only operators may make.

        Raises:
            ReplyError: `unauthenticated`, `invalid_token` or `permission_denied`.
        """
        principal = self.principal(request)
        if not principal.admin:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, "expected a token with the claim admin: true")
        return principal


_hop = re.compile(r"\[([0-9a-f:.]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+", re.ASCII | re.IGNORECASE).fullmatch


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; some proxies write its port behind it."""
    text = text.strip()
    match = _hop(text)
    try:
        address = ip_address((match[1] or match[2]) if match else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
