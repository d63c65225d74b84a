"""Alembic's entry: migrates through the connection that ``run.py`` hands over."""

from alembic import context

import storage.api_tables
import storage.guard_tables
import storage.look_up_tables
import storage.openid_tables
import storage.organization_tables
import storage.upstream_tables
import storage.webhook_tables  # noqa: F401 - these tables belong to the same metadata
from storage.message_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
context.run_migrations()
