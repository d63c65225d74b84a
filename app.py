"""Doorcode, put together: settings, storage, services, pages, in that order. Nobody imports this."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, cast

from flask import Flask
from flask_wtf import CSRFProtect
from limits.errors import StorageError
from werkzeug.middleware.proxy_fix import ProxyFix

from api import account as account_api
from api import documents, origins, problems
from api import manage as manage_api
from api import receipts as receipts_api
from cli import admin, client, connector, database, guard, keys, numbers, serving, users
from cli import settings as settings_commands
from connectors.contract import Answer
from connectors.receipts import Notice
from connectors.registry import Connector, connectors
from delivery import look_up, receipts, trial
from delivery.upstream import CODE_ERRORS, Asker
from delivery.worker import Worker
from flows.services import (
    ProviderRequest,
    ReceiptAnswer,
    Services,
    ShownMessage,
    TestAnswer,
    UpstreamIdentity,
    UpstreamProblem,
    UpstreamVisit,
)
from lookups.registry import lookups
from oidc import endpoints
from pages import (
    account,
    applications,
    challenge,
    complete,
    console,
    contacts,
    dev,
    device,
    door,
    embedding,
    enrol,
    errors,
    filters,
    forgot_password,
    front,
    gate,
    headers,
    invitation,
    language,
    linked,
    linking,
    logout,
    memberships,
    metrics,
    mfa,
    openid,
    organization,
    password,
    proof,
    request_log,
    security,
    sign_in,
    sign_up,
    upstream,
    username,
    words,
)
from pages.console import reference
from pages.web import Web
from rules.passkeys import Library
from settings.environment import Environment, read_environment
from settings.keys import Keys, Use
from settings.upstreams import kind_of
from storage import door as door_storage
from storage.current_settings import CurrentSettings
from storage.database import DATABASE_AWAY, Database, open_database
from upstream.protocol import Asked, UnprovedError
from upstream.registry import Provider, providers

COMMAND_GROUPS = (
    settings_commands.group,
    *(module.group for module in (admin, client, connector, database, guard, keys, numbers, users)),
)
BLUEPRINTS = (
    front.bp,
    metrics.bp,
    sign_in.bp,
    sign_up.bp,
    forgot_password.bp,
    challenge.bp,
    complete.bp,
    account.bp,
    password.bp,
    username.bp,
    proof.bp,
    mfa.bp,
    enrol.bp,
    security.bp,
    contacts.bp,
    upstream.bp,
    linking.bp,
    linked.bp,
    language.bp,
    console.bp,
    dev.bp,
    receipts_api.bp,
    account_api.bp,
    manage_api.bp,
    openid.bp,
    organization.bp,
    invitation.bp,
    memberships.bp,
    applications.bp,
    logout.bp,
    device.bp,
    embedding.bp,
    gate.bp,
)
LARGEST_FORM = 128 * 1024  # bytes
REDIS_SECONDS = 0.2  # a store that hangs must not hang the page


def create_app(environment: Environment | None = None, clock: Callable[[], float] = time.time) -> Flask:
    """The application of an environment, by default the process's own. Opens no connection and sends nothing yet."""
    environment = environment or read_environment()
    app = Web(__name__)
    configure(app, environment)
    services, worker = furnish(environment, clock)
    app.extensions["doorcode"] = services
    app.extensions["doorcode_worker"] = worker
    open_pages(app, services)
    for command in (*serving.COMMANDS, *COMMAND_GROUPS):
        app.cli.add_command(command)
    return app


def configure(app: Flask, environment: Environment) -> None:
    cookie_keys = [key.hex() for key in Keys(environment.secret_keys).all(Use.COOKIES)]
    app.config.update(
        SECRET_KEY=cookie_keys[0],
        SECRET_KEY_FALLBACKS=cookie_keys[1:],
        SESSION_COOKIE_NAME="__Host-doorcode" if environment.secure else "doorcode",
        SESSION_COOKIE_SECURE=environment.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        TEMPLATES_AUTO_RELOAD=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_I18N_ENABLED=False,  # its own sentences are never shown, and loading them costs a tenth of a page
        WTF_CSRF_SSL_STRICT=False,  # the token is bound to the session, and no-referrer leaves no Referer to compare
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    hops = environment.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def furnish(environment: Environment, clock: Callable[[], float]) -> tuple[Services, Worker]:
    """What flows work with, and the worker that empties their outbox."""
    keys, known = Keys(environment.secret_keys), connectors()
    database = open_database(environment.database_url, connections=environment.threads + 4)
    forms = (known, providers(), lookups())
    settings = CurrentSettings(database, *forms, keys.all(Use.SEALING), production=environment.production)
    worker = Worker(environment, database, settings, known, keys, clock)

    def send_test(name: str, config: Mapping[str, Any], to: str, country: str, locale: str) -> TestAnswer:
        recipient = trial.Recipient(to, country, locale)
        return test_answer(trial.send_test(known[name], config, recipient, settings(), environment, clock()))

    def shown_messages() -> list[ShownMessage]:
        rendered = trial.shown(database, settings(), environment, keys, clock())
        return [ShownMessage(message.to, message.text, at, message.subject) for message, at in rendered]

    return Services(
        environment=environment,
        keys=keys,
        database=database,
        settings=settings,
        connectors=known,
        clock=clock,
        wake_delivery=worker.wake,
        count_sent=worker.learning.count_sent,
        send_test=send_test,
        shown_messages=shown_messages,
        take_receipt=reception(database, settings, known, clock),
        passkeys=load_passkeys,
        **ask_others(environment.private_addresses, clock),
    ), worker


def reception(
    database: Database, settings: CurrentSettings, known: Mapping[str, Connector], clock: Callable[[], float]
) -> Callable[[str, ProviderRequest], ReceiptAnswer | None]:
    def take_receipt(name: str, came: ProviderRequest) -> ReceiptAnswer | None:
        notice = Notice(came.method, came.url, came.headers, came.body, clock())
        config, connector = settings().connectors.configurations.get(name), known[name]
        if config is None or not connector.reports:
            return None
        if connector.handshake and came.method == "GET":
            challenge = connector.handshake(config, notice)
            return None if challenge is None else ReceiptAnswer(challenge)
        return ReceiptAnswer(connector.receipt_reply, proved=receipts.take(database, connector, config, notice))

    return take_receipt


def test_answer(answer: Answer) -> TestAnswer:
    return TestAnswer(answer.outcome, answer.refusal or "", answer.code, answer.detail)


def ask_others(private: bool, clock: Callable[[], float]) -> dict[str, Any]:
    """Whom flows ask elsewhere, and how. ``private``: whether private addresses may be called."""
    asker = look_up.Asker(private, clock)
    numbers = {"lookups": lookups(), "look_up": asker.ask, "test_look_up": asker.try_out}
    return ask_upstream(Asker(private, clock), providers()) | numbers


def ask_upstream(asker: Asker, known: Mapping[str, Provider]) -> dict[str, Any]:
    """The providers that people come from, and the three things that flows ask of them."""

    def address(visit: UpstreamVisit) -> str | UpstreamProblem:
        try:
            return asker.address(known[kind_of(visit.name)], visit.config, _asked(visit))
        except UnprovedError as error:
            return UpstreamProblem(error.why)

    def identity(visit: UpstreamVisit, answer: Mapping[str, str]) -> UpstreamIdentity | UpstreamProblem:
        try:
            found = asker.identity(known[kind_of(visit.name)], visit.config, _asked(visit), answer)
        except UnprovedError as error:
            return UpstreamProblem(error.why)
        return UpstreamIdentity(**vars(found))

    def test(name: str, config: Mapping[str, Any]) -> TestAnswer:
        try:
            error, detail = asker.try_out(known[kind_of(name)], config)
        except UnprovedError as unproved:
            return TestAnswer("refused", code=unproved.why)
        return TestAnswer("accepted" if error in CODE_ERRORS else "refused", code=error, detail=detail)

    answers = {"upstream_address": address, "upstream_identity": identity, "test_upstream": test}
    return {"upstreams": known} | answers


def _asked(visit: UpstreamVisit) -> Asked:
    return Asked(visit.state, visit.nonce, visit.verifier, visit.back_to)


def load_passkeys() -> Library:
    """What checks passkeys: a quarter of a second to import, so only once somebody uses one."""
    return cast(Library, importlib.import_module("rules.passkey_library"))


def open_pages(app: Flask, services: Services) -> None:
    request_log.prepare(app)
    headers.prepare(app)
    language.prepare(app)
    filters.prepare(app)
    options: dict[str, Any] = {"database": services.database}
    if services.environment.redis_url:
        options = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    uri = services.environment.redis_url or f"{door_storage.SCHEME}://"
    limiter = door.prepare(app, uri, options | {"wrap_exceptions": True})
    csrf = CSRFProtect(app)  # after the door: a form that is refused counts too
    csrf.exempt(receipts_api.bp)  # providers carry no cookie
    away = (*DATABASE_AWAY, StorageError)
    errors.prepare(app, away)
    origins.prepare(app)
    problems.prepare(app, problems.Wiring(words.sentence, words.status, limiter.limiter, away), errors.http_error)
    url, apis = services.environment.public_url, (account_api.api, manage_api.api)
    reference.prepare(app, {each.name: partial(documents.document, each, url) for each in apis})
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    embedding.prepare(app)
    openid.prepare(app)  # its headers come first
    endpoints.prepare(app, services)
    metrics.prepare(app, services.environment.processes)
    # Programs carry no cookie; applications send forms here.
    for open_to_others in (
        upstream.arrive,
        endpoints.bp,
        openid.authorize,
        logout.end_session,
        account_api.bp,
        manage_api.bp,
    ):
        csrf.exempt(open_to_others)
