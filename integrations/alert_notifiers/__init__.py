"""Alerts to people and to other systems: Slack, e-mail, PagerDuty, and any URL by a signed webhook.

The `Dispatcher` takes alerts without waiting and gives them to one lane per notifier. A lane filters, keeps to its
rate, tries again, and counts what became of each alert. Notifiers only know how to say a `Notice` once.
"""

from integrations.alert_notifiers.dispatcher import Dispatcher
from integrations.alert_notifiers.email import EmailNotifier, MailServer
from integrations.alert_notifiers.filter import Filter
from integrations.alert_notifiers.lane import Lane, Limits
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.notifier import Notifier, Refused, Unreachable
from integrations.alert_notifiers.pagerduty import PagerDutyNotifier
from integrations.alert_notifiers.pauses import Pauses
from integrations.alert_notifiers.slack import SlackNotifier
from integrations.alert_notifiers.webhook import WebhookNotifier

__all__ = [
    "Dispatcher",
    "EmailNotifier",
    "Filter",
    "Lane",
    "Limits",
    "MailServer",
    "Notice",
    "Notifier",
    "PagerDutyNotifier",
    "Pauses",
    "Refused",
    "SlackNotifier",
    "Unreachable",
    "WebhookNotifier",
]
