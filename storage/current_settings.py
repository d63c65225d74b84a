"""The settings in force: read once a version, and every process follows a save within half a second."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from settings.connectors import ConnectorForm
from settings.console import Settings, first_settings, read_document
from settings.lookups import LookupForm
from settings.upstreams import UpstreamForm, kind_of
from storage import settings_versions
from storage.database import DATABASE_AWAY, Database
from storage.sealing import SealBrokenError, seal, unseal

log = logging.getLogger("doorcode.settings")

LOOK_EVERY = 0.5  # seconds


class CurrentSettings:
    """Call it for the settings in force. Costs a comparison, and a tiny read at most twice a second."""

    def __init__(
        self,
        database: Database,
        forms: Mapping[str, ConnectorForm],
        upstreams: Mapping[str, UpstreamForm],
        lookups: Mapping[str, LookupForm],
        sealing_keys: Sequence[bytes],
        *,
        production: bool,
    ) -> None:
        self._database = database
        self._forms = forms
        self._upstreams = upstreams
        self._lookups = lookups
        self._keys = sealing_keys
        self._production = production
        self._settings = first_settings(production=production)
        self._looked_at = float("-inf")

    def __call__(self) -> Settings:
        """Where the database is away, the last known ones stay in force."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            try:
                self.refresh()
            except DATABASE_AWAY:
                log.warning("the settings could not be read; version %s stays in force", self._settings.version)
        return self._settings

    def refresh(self) -> None:
        """Follow the newest version now. Raises where the database is away."""
        with self._database.read() as connection:
            version = settings_versions.newest_id(connection)
            if version == self._settings.version:
                return
            document = settings_versions.document(connection, version)
        settings, problems = read_document(
            self.open(document or {}), self._forms, self._upstreams, self._lookups, production=self._production
        )
        for path, problem in problems.items():
            log.error("settings version %s: %s: %s", version, path, problem)
        self._settings = replace(settings, version=version)

    def close(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with each secret sealed to its place."""
        return self.each_secret(document, lambda text, place: seal(self._keys, text, place))

    def open(self, document: dict[str, Any]) -> dict[str, Any]:
        """The reverse of :meth:`close`. A secret that does not open is left empty, and the log says which."""
        return self.each_secret(document, self._unseal)

    def _unseal(self, text: str, place: str) -> str:
        try:
            return unseal(self._keys, text, place)
        except SealBrokenError as error:
            log.error("%s", error)
            return ""

    def each_secret(self, document: dict[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
        """A copy of the document with ``change(secret, place)`` for each of its secrets."""
        changed = copy.deepcopy(document)
        groups = (("connectors", self._forms), ("upstreams", self._upstreams), ("lookups", self._lookups))
        for group, forms in groups:
            for name, values in changed.get(group, {}).get("configurations", {}).items():
                form = forms.get(kind_of(name) if group == "upstreams" else name)
                for field in form.fields if form else ():
                    if field.secret and values.get(field.name):
                        values[field.name] = change(values[field.name], f"{group}.configurations.{name}.{field.name}")
        return changed
