"""Who makes an HTTP request: its address, and its principal."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.auth import OPERATOR, Authenticator, token_from


class Access:
    """Finds address and principal of requests.

    Args:
        trusted_proxies: addresses or networks whose `X-Forwarded-For` is believed.
    """

    def __init__(self, authenticator: Authenticator, trusted_proxies: tuple[str, ...]) -> None:
        self.authenticator = authenticator
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(text, strict=False) for text in trusted_proxies]

    def address(self, request: web.BaseRequest) -> str:
        """Return the client's address: the last hop in `X-Forwarded-For` that no trusted proxy made."""
        address = request.remote or ""
        if not self._proxies or not self._is_proxy(address):
            return address
        for hop in reversed(
            [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
        ):
            if hop and not self._is_proxy(hop):
                return hop
        return address

    def _is_proxy(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    def principal(self, request: web.BaseRequest) -> Principal:
        """Return who makes an API request.

        Raises:
            ReplyError: `unauthenticated` without a token where one is needed; `invalid_token`.
        """
        found = token_from(request.headers)
        if found is not None:
            return self.authenticator.authenticate(found.token)
        if self.authenticator.is_open:
            return OPERATOR
        if self.authenticator.principal_without_token("") is ANONYMOUS:
            return ANONYMOUS
        raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected a token in the header `Authorization: Bearer TOKEN`")

    def operator(self, request: web.BaseRequest) -> Principal:
        """Return who makes a request that only operators may make.

        Raises:
            ReplyError: `unauthenticated`, `invalid_token` or `permission_denied`.
        """
        principal = self.principal(request)
        if not principal.admin:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, "expected a token with the claim admin: true")
        return principal
