"""Commands of the operator on accounts, which belong to no organization."""

import sys
from typing import Annotated

import typer

from qgp.accounts.commands.accounts import reset_password
from qgp.app import Application
from qgp.cli.context import run
from qgp.cli.terminal import command_group

accounts = command_group("Accounts.")


@accounts.command("password")
def password(
    email: Annotated[str, typer.Option(help="The address they sign in with.")],
) -> None:
    """Choose a password for somebody, and end all their sign-ins; asks, or reads a line."""
    chosen = _asked()

    async def act(application: Application) -> None:
        hasher = application.services.hasher
        await reset_password(application.database, hasher, email=email, password=chosen)

    run(act)
    typer.echo(f"{email} signs in with the new password; every sign-in before has ended.")


def _asked() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
