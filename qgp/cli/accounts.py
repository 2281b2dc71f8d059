"""Account commands: `qgp account`, for operators; accounts belong to no organization."""

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
    email: Annotated[str, typer.Option(help="Email address of the account.")],
) -> None:
    """Set a user's password and end all their sign-ins; prompts, or reads standard input."""
    new_password = _read_password()

    async def act(application: Application) -> None:
        hasher = application.services.hasher
        await reset_password(application.database, hasher, email=email, password=new_password)

    run(act)
    typer.echo(f"The password of {email} is set; all earlier sign-ins have ended.")


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
