"""Neo4j: Cypher queries."""

from __future__ import annotations

from prefect.tasks.neo4j.neo4j_tasks import Neo4jRunCypherQueryTask as Neo4jRunCypherQueryTask

__all__ = ["Neo4jRunCypherQueryTask"]
