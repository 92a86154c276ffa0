"""The error firewall's store on PostgreSQL, shared by several processes."""

from integrations.error_firewall.postgres.access import Connect, Pool
from integrations.error_firewall.postgres.resources import Resource
from integrations.error_firewall.postgres.store import PostgresStore

__all__ = ["Connect", "Pool", "PostgresStore", "Resource"]
