"""Tasks for topics of Kafka.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class KafkaBatchConsume(
    OutsideTask,
    init=(
        "bootstrap_servers=None, group_id=None, topics=None, request_timeout=1.0, "
        "auto_offset_reset='earliest', message_consume_limit=None, kafka_configs=None"
    ),
    run=(
        "bootstrap_servers=None, group_id=None, topics=None, request_timeout=1.0, "
        "auto_offset_reset='earliest', message_consume_limit=None, kafka_configs=None, **kwargs"
    ),
):
    """Reads messages."""


class KafkaBatchProduce(
    OutsideTask,
    init="bootstrap_servers=None, topic=None, messages=None, flush_threshold=None, callback=None, kafka_configs=None",
):
    """Writes messages."""
