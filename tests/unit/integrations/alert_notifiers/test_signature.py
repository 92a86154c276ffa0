"""Signed webhooks."""

from __future__ import annotations

import base64

import pytest

from integrations.alert_notifiers.signature import key_of, sign, verify

KEY = b"0123456789abcdef0123456789abcdef"
NOW = 1_795_256_100
BODY = b'{"version": 1}'


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The example of their specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    headers = sign(key_of(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_verifies() -> None:
    """Within the window, in both directions: clocks differ."""
    headers = sign(KEY, "m-1", NOW, BODY)
    assert all(verify(KEY, headers, BODY, NOW + late) for late in (-300, 0, 300))
    assert not any(verify(KEY, headers, BODY, NOW + late) for late in (-301, 301, 1e9))


def test_any_of_several_signatures_will_do() -> None:
    """While a secret is replaced."""
    headers = sign(KEY, "m-1", NOW, BODY)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"
    assert verify(KEY, headers, BODY, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "m-2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,"},
        {"webhook-signature": "v1,é"},
    ],
    ids=str,
)
def test_what_was_changed_does_not_verify(changed: dict[str, str]) -> None:
    """Id, time and signature belong together."""
    assert not verify(KEY, sign(KEY, "m-1", NOW, BODY) | changed, BODY, NOW)


def test_body_and_key_count() -> None:
    """And nothing at all verifies without headers."""
    headers = sign(KEY, "m-1", NOW, BODY)
    assert not verify(KEY, headers, BODY + b" ", NOW)
    assert not verify(b"another key of thirty-two bytes!", headers, BODY, NOW)
    assert not verify(KEY, {}, BODY, NOW)


def test_secrets() -> None:
    """Text is taken as it is, base64 after its prefix; what is wrong isn't repeated."""
    assert key_of("plain") == b"plain"
    assert key_of("whsec_" + base64.b64encode(KEY).decode()) == KEY
    with pytest.raises(ValueError, match="expected base64 after whsec_") as error:
        key_of("whsec_not-base64!")
    assert "not-base64" not in str(error.value)
