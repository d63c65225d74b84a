"""What the migrations make is what the tables say, on both databases."""

from __future__ import annotations

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import storage
from storage.tables import metadata
from tests.kit import House


def test_the_migrations_make_the_tables_as_they_are_declared(house: House) -> None:
    for module in pkgutil.iter_modules(storage.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"storage.{module.name}")
    with house.services.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
