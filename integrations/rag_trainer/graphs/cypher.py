"""The statements that the Neo4j store sends. Values are always parameters."""

from __future__ import annotations

from typing import Final

DOCUMENT_ID: Final = "CREATE CONSTRAINT tocsin_document IF NOT EXISTS FOR (d:TocsinDocument) REQUIRE d.name IS UNIQUE"
WORK_ID: Final = "CREATE CONSTRAINT tocsin_work IF NOT EXISTS FOR (w:TocsinWork) REQUIRE w.uid IS UNIQUE"

# Writing to the document's node first takes its lock, so two writers of one document come one after the other.
DOCUMENT: Final = "MERGE (d:TocsinDocument {name: $document}) SET d.log = $log"
CLEAR: Final = "MATCH (d:TocsinDocument {name: $document})-[:HAS_WORK|HAS_SEQUENCE|HAS_ENTITY]->(n) DETACH DELETE n"
REMOVE: Final = "MATCH (d:TocsinDocument {name: $document}) DETACH DELETE d"
WORKS: Final = (
    "MATCH (d:TocsinDocument {name: $document}) UNWIND $rows AS row CREATE (d)-[:HAS_WORK]->(w:TocsinWork) SET w = row"
)
DEPENDENCIES: Final = (
    "UNWIND $rows AS row MATCH (a:TocsinWork {uid: row.after}), (b:TocsinWork {uid: row.before}) "
    "CREATE (a)-[:DEPENDS_ON {rule: row.rule, confidence: row.confidence}]->(b)"
)
ENTITIES: Final = (
    "MATCH (d:TocsinDocument {name: $document}) UNWIND $rows AS row "
    "CREATE (d)-[:HAS_ENTITY]->(e:TocsinEntity) SET e = row"
)
SEQUENCES: Final = (
    "MATCH (d:TocsinDocument {name: $document}) UNWIND $rows AS row "
    "CREATE (d)-[:HAS_SEQUENCE]->(s:TocsinSequence) "
    "SET s.rank = row.rank, s.name = row.name, s.priority = row.priority, s.quality = row.quality "
    "WITH s, row UNWIND row.steps AS step MATCH (w:TocsinWork {uid: step.uid}) "
    "CREATE (s)-[:HAS_STEP {place: step.place, name: step.name, depends_on: step.depends_on, "
    "duration_days: step.duration_days}]->(w)"
)
READ_DOCUMENT: Final = "MATCH (d:TocsinDocument {name: $document}) RETURN d.log AS log"
READ_STEPS: Final = (
    "MATCH (:TocsinDocument {name: $document})-[:HAS_SEQUENCE]->(s:TocsinSequence)-[t:HAS_STEP]->(w:TocsinWork) "
    "RETURN s.rank AS rank, s.name AS sequence, s.priority AS priority, s.quality AS quality, w.id AS work, "
    "t.name AS name, t.place AS place, t.depends_on AS depends_on, t.duration_days AS duration_days "
    "ORDER BY rank, place"
)
