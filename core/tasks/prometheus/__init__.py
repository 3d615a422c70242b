"""Prometheus: metrics for a push gateway."""

from __future__ import annotations

from prefect.tasks.prometheus.pushgateway import PushAddGaugeToGateway as PushAddGaugeToGateway
from prefect.tasks.prometheus.pushgateway import PushGaugeToGateway as PushGaugeToGateway

__all__ = ["PushAddGaugeToGateway", "PushGaugeToGateway"]
