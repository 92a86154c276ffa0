"""Who signed a request."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.forges.delivery import Forged, Unsigned
from integrations.forges.signatures import check_hex, check_signed_time, check_token
from tests.unit.integrations.forges.payloads import NOW, SECRET, TOKEN, github_headers, signed_headers

BODY = b'{"zen": "Keep it logically awesome."}'


def test_githubs_documented_example() -> None:
    """The one by which implementations are checked."""
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    check_hex(expected, "sha256=", b"Hello, World!", "It's a Secret to Everybody")


def test_a_signature_of_the_body() -> None:
    """Another body, another secret, another algorithm: forged. None, or one of nothing: unsigned."""
    right = github_headers("ping", BODY)["x-hub-signature-256"]
    check_hex(right, "sha256=", BODY, SECRET)
    for body, secret, given in (
        (BODY + b" ", SECRET, right),
        (BODY, SECRET + "x", right),
        (BODY, SECRET, right[:-1]),
        (BODY, SECRET, right.upper()),
        (BODY, SECRET, right.removeprefix("sha256=")),
        (BODY, SECRET, "sha1=" + right[7:]),
        (BODY, SECRET, "sha256=\ud800é"),
    ):
        with pytest.raises(Forged):
            check_hex(given, "sha256=", body, secret)
    for given in ("", "sha256="):
        with pytest.raises(Unsigned):
            check_hex(given, "sha256=", BODY, SECRET)


def test_a_token() -> None:
    """The very secret, and nothing else."""
    check_token(SECRET, SECRET)
    for given in ("x", SECRET + " ", SECRET[:-1], "é"):
        with pytest.raises(Forged):
            check_token(given, SECRET)
    with pytest.raises(Unsigned):
        check_token("", SECRET)


def test_a_signature_with_a_time() -> None:
    """Within five minutes; one of several will do."""
    headers = signed_headers(BODY)
    for now in (NOW - 300, NOW, NOW + 300):
        check_signed_time(headers, BODY, TOKEN, now)
    both = headers | {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    check_signed_time(both, BODY, TOKEN, NOW)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"webhook-id": "other"}, Forged),
        ({"webhook-timestamp": str(int(NOW) - 301)}, Forged),
        ({"webhook-timestamp": "soon"}, Forged),
        ({"webhook-timestamp": "9" * 5000}, Forged),
        ({"webhook-signature": "v1,AAAA"}, Forged),
        ({"webhook-signature": "v1,é"}, Forged),
        ({"webhook-id": ""}, Unsigned),
        ({"webhook-timestamp": ""}, Unsigned),
        ({"webhook-signature": ""}, Unsigned),
    ],
    ids=str,
)
def test_what_was_changed_is_refused(changed: dict[str, Any], fault: type[Exception]) -> None:
    """Id, time and body are signed together."""
    with pytest.raises(fault):
        check_signed_time(signed_headers(BODY) | changed, BODY, TOKEN, NOW)


def test_what_is_recorded_can_not_be_played_later() -> None:
    """Nor with another body, nor under another token."""
    headers = signed_headers(BODY)
    for body, token, now in ((BODY, TOKEN, NOW + 301), (BODY + b" ", TOKEN, NOW), (BODY, "whsec_AAAA", NOW)):
        with pytest.raises(Forged):
            check_signed_time(headers, body, token, now)
    with pytest.raises(Forged):
        check_signed_time(headers, BODY, "whsec_???", NOW)
