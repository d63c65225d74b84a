"""What every reply carries, errors included: headers that keep a page to itself, and compression."""

from __future__ import annotations

import zlib

from flask import Flask, Response, request

from pages.visitor import services

NO_FRAME = "frame-ancestors 'none'"
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        NO_FRAME,
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), otp-credentials=(self)",
}
HSTS = "max-age=63072000; includeSubDomains"
COMPRESSED = ("text/html", "application/json", "text/css", "text/javascript", "image/svg+xml")
WORTH_COMPRESSING = 1000  # bytes
LEVEL = 5  # 6 costs a third more for one per cent less


def prepare(app: Flask) -> None:
    app.after_request(complete)


def complete(response: Response) -> Response:
    given = set(response.headers.keys(lower=True))
    for name, value in HEADERS.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if NO_FRAME in response.headers["Content-Security-Policy"]:  # the older header knows no list of sites
        response.headers.add("X-Frame-Options", "DENY")
    if services().environment.secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return compress(response)


def compress(response: Response) -> Response:
    """Gzip what is text and long enough.

    Secrets beside reflected input could be guessed from the length of a compressed page (BREACH): the only secret in
    a page is its CSRF token, which is signed anew, and what is reflected came in a form that carried a good one.
    """
    if (
        response.status_code == 304
        or response.mimetype not in COMPRESSED
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or "Content-Encoding" in response.headers
    ):
        return response
    response.direct_passthrough = False  # a static file is read whole: it is small, and browsers keep it for a year
    source = response.response
    body = response.get_data()
    if hasattr(source, "close"):
        source.close()
    if len(body) < WORTH_COMPRESSING:
        return response
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    response.set_data(compressor.compress(body) + compressor.flush())
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    return response
