"""``/receipts/<connector>/<secret>``: where providers report. Some use GET; the secret proves it.

Where the secret is right and the provider's own proof is not, the answer is 503: it is to report once more.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request

from flows import receipts
from flows.services import ProviderRequest, Services

bp = Blueprint("receipts", __name__, url_prefix="/receipts")


@bp.route("/<connector>/<secret>", methods=["GET", "POST"])
def take(connector: str, secret: str) -> Response:
    services: Services = current_app.extensions["doorcode"]
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    came = ProviderRequest(
        method=request.method,
        url=services.environment.public_url + request.path + query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(),
    )
    answer = receipts.take(services, connector, secret, came)
    if answer is None:
        abort(404)
    if not answer.proved:
        return Response(status=503)
    return Response(answer.body, mimetype="application/json" if answer.body else "text/plain")
