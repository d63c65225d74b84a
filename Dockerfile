# One image for `serve` and `worker`; docs/operating.md says how it is run.
FROM debian:bookworm-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates make python3-venv \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /doorcode
# What changes seldom comes first, so that a new version need not install it again.
COPY requirements.txt ./
COPY tools tools
RUN tools/environment requirements.txt
COPY . .
RUN make setup && .venv/bin/python -m compileall -q -x '[.]venv' .

RUN useradd --system --home-dir /doorcode doorcode && install --directory --owner doorcode --mode 700 /var/lib/doorcode
USER doorcode
VOLUME /var/lib/doorcode

ENV DOORCODE_ENV=production DOORCODE_HOST=0.0.0.0 DOORCODE_PORT=8000 DOORCODE_INSTANCE=/var/lib/doorcode MALLOC_ARENA_MAX=2
EXPOSE 8000
ENTRYPOINT [".venv/bin/flask", "--app", "app"]
CMD ["serve"]
