"""The same job on Celery with Redis: validation, mapping and POST per task. Imported by the Celery worker alone.

The settings are the best that are known for it: prefork, one `requests.Session` per child, late acknowledgement, no
results, no gossip. It seals nothing, keeps no ledger and no payload, and knows no leases: what it does is less.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import celery
import orjson
import requests  # noqa: TID251 - what a Celery project would use; the comparison is against that

from benchmarks.target import JSON, TOTAL_SECONDS, real_mapping

BROKER = "BENCH_BROKER"
URL = "BENCH_URL"
TARGET = "BENCH_TARGET"
"""Variables that the worker is started with."""

app = celery.Celery("bench", broker=os.environ.get(BROKER, "redis://127.0.0.1:6379/0"))
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=16,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600},
)


@cache
def _session() -> requests.Session:
    """One per child."""
    return requests.Session()


@app.task(name="deliver")
def deliver(source: dict[str, Any]) -> None:
    """Map, validate against the target's schema, POST. Raises where the target does not take it."""
    payload = real_mapping(os.environ[TARGET]).write(source)
    answer = _session().post(os.environ[URL], data=orjson.dumps(payload), headers=JSON, timeout=TOTAL_SECONDS)
    answer.raise_for_status()
    answer.json()
