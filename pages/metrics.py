"""``/metrics``, in Prometheus' text format: for whoever knows the operator's token, and nobody else.

Nothing else opens it, no address and no network: behind a proxy everybody may look like a neighbour.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import accumulate

from flask import Blueprint, Flask, Response, abort, current_app, request

from flows import metrics
from flows.metrics import COUNTER, HISTOGRAM, Metric, Sample
from pages.traffic import SECONDS, RouteTraffic, Traffic
from pages.visitor import services

bp = Blueprint("metrics", __name__)
FORMAT = "text/plain; version=0.0.4; charset=utf-8"
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prepare(app: Flask, processes: int) -> None:
    """Once every page has its route."""
    routes = (rule.rule for rule in app.url_map.iter_rules())
    app.extensions["doorcode_traffic"] = Traffic(routes, processes)


@bp.get("/metrics")
def show() -> Response:
    token = services().environment.metrics_token
    if not token:
        abort(404)
    if not _knows(token):
        return Response("Send the token as Authorization: Bearer.\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
    traffic: Traffic = current_app.extensions["doorcode_traffic"]
    found = [*metrics.read(services()), *_requests(traffic.read())]
    return Response("".join(map(_written, found)), content_type=FORMAT)


def _knows(token: str) -> bool:
    """As the header says it: a token with "=" in it would be taken for parameters by whoever reads schemes."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), token.encode())


def _requests(traffic: list[RouteTraffic]) -> Iterator[Metric]:
    yield Metric(
        "doorcode_requests_total",
        COUNTER,
        "Requests of this server's processes since it started.",
        tuple(
            Sample(times, {"route": each.route, "status": status})
            for each in traffic
            for status, times in each.statuses.items()
            if times
        ),
    )
    yield Metric(
        "doorcode_request_seconds",
        HISTOGRAM,
        "How long this server's processes took for them.",
        tuple(sample for each in traffic for sample in _histogram(each)),
    )


def _histogram(each: RouteTraffic) -> Iterator[Sample]:
    bounds = [*map(str, SECONDS), "+Inf"]
    for bound, times in zip(bounds, accumulate(each.times), strict=True):
        yield Sample(times, {"route": each.route, "le": bound}, "_bucket")
    yield Sample(each.seconds, {"route": each.route}, "_sum")
    yield Sample(sum(each.times), {"route": each.route}, "_count")


def _written(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
    lines += [f"{metric.name}{sample.end}{_labels(sample)} {sample.value:.15g}" for sample in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    pairs = [f'{name}="{value.translate(ESCAPES)}"' for name, value in sample.labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""
