"""Typed messages: what builds, reviews, alerts and the system's own numbers look like as `data`.

A message is checked when it is made, so that a wrong field is found in the code that made it and not in a dashboard.
Types that are not in `MESSAGES` stay free-form: a publisher may send any JSON under any other name. Schemas only grow:
a new optional field leaves the version as it is, anything else raises it.
"""

from channels.messages.analysis import (
    AnalysisCancelled,
    AnalysisCompleted,
    AnalysisFailed,
    AnalysisFinding,
    AnalysisProgress,
    AnalysisStarted,
)
from channels.messages.builds import BuildStatus, CodePush, CodeReview
from channels.messages.catalog import MESSAGES, InvalidMessage, json_schemas, parse_message
from channels.messages.fields import Message
from channels.messages.firewall import (
    ErrorBlocked,
    ErrorOverridden,
    ErrorPassed,
    ErrorRecorded,
    ErrorWarned,
    SolutionConfirmed,
)
from channels.messages.hub import HubStats
from channels.messages.memory import (
    MemoryChanged,
    MemoryCounts,
    MemoryCreated,
    MemoryDeleted,
    MemoryNearlyFull,
    MemoryPruned,
)
from channels.messages.pool import PoolLeakSuspected, PoolResized, PoolStats, SlowQuery
from channels.messages.search import SearchCompleted, SearchFailed, SearchProgress
from channels.messages.system import HostStats, SystemAlert, SystemStats
from channels.messages.training import StageUpdate

__all__ = [
    "MESSAGES",
    "AnalysisCancelled",
    "AnalysisCompleted",
    "AnalysisFailed",
    "AnalysisFinding",
    "AnalysisProgress",
    "AnalysisStarted",
    "BuildStatus",
    "CodePush",
    "CodeReview",
    "ErrorBlocked",
    "ErrorOverridden",
    "ErrorPassed",
    "ErrorRecorded",
    "ErrorWarned",
    "HostStats",
    "HubStats",
    "InvalidMessage",
    "MemoryChanged",
    "MemoryCounts",
    "MemoryCreated",
    "MemoryDeleted",
    "MemoryNearlyFull",
    "MemoryPruned",
    "Message",
    "PoolLeakSuspected",
    "PoolResized",
    "PoolStats",
    "SearchCompleted",
    "SearchFailed",
    "SearchProgress",
    "SlowQuery",
    "SolutionConfirmed",
    "StageUpdate",
    "SystemAlert",
    "SystemStats",
    "json_schemas",
    "parse_message",
]
