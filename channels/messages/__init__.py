"""Typed messages: what builds, reviews, alerts and the system's own numbers look like as `data`.

A message is checked when it is made, so that a wrong field is found in the code that made it and not in a dashboard.
Types that are not in `MESSAGES` stay free-form: a publisher may send any JSON under any other name. Schemas only grow:
a new optional field leaves the version as it is, anything else raises it.
"""

from channels.messages.builds import BuildStatus, CodeReview
from channels.messages.catalog import MESSAGES, InvalidMessage, json_schemas, parse_message
from channels.messages.fields import Message
from channels.messages.system import SystemAlert, SystemStats

__all__ = [
    "MESSAGES",
    "BuildStatus",
    "CodeReview",
    "InvalidMessage",
    "Message",
    "SystemAlert",
    "SystemStats",
    "json_schemas",
    "parse_message",
]
