"""Databases whose migrations are taken back and applied again."""

import secrets

import pytest
import sqlalchemy as sa

from tests.environment import clone


@pytest.fixture
async def at_head(server_url: sa.URL) -> sa.URL:
    """A database of this test alone with every migration, owned by a superuser."""
    return await clone(server_url, f"at_head_{secrets.token_hex(4)}")
