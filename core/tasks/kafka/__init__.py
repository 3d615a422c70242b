"""Kafka: messages."""

from __future__ import annotations

from prefect.tasks.kafka.kafka import KafkaBatchConsume as KafkaBatchConsume
from prefect.tasks.kafka.kafka import KafkaBatchProduce as KafkaBatchProduce

__all__ = ["KafkaBatchConsume", "KafkaBatchProduce"]
