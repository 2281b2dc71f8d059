"""Commands of the operator inside one organization; the trail names nobody behind them."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from qgp.accounts.commands import invitations
from qgp.app import Application
from qgp.cli import context
from qgp.cli.context import operator, organization_id, run
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, step
from qgp.findings.commands import default_cause_categories
from qgp.kit import ids
from qgp.kit.audit_verification import first_broken
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.work import operating
from qgp.organizations import service
from qgp.standards.commands import catalogue_import
from qgp.users import service as users
from qgp.users.model import User
from qgp.users.workflow import USER

organizations = command_group("Organizations.")
people = command_group("Users.")
standards = command_group("The standards library.")
trail = command_group("The audit trail.")

Slug = Annotated[str, typer.Option("--organization", help="Slug of the organization.")]


@organizations.command("list")
def list_organizations() -> None:
    """Print slug, state and name of every organization, by slug."""

    async def act(application: Application) -> str:
        rows = await service.every(application.database)
        return "\n".join(f"{row.slug}\t{row.status.value}\t{row.name}" for row in rows)

    typer.echo(run(act))


@organizations.command("create")
def create(
    slug: Annotated[str, typer.Option(help="Short and unique, as in acme.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    owner_email: Annotated[str, typer.Option(help="Whom to invite as its owner.")],
    owner_name: Annotated[str, typer.Option(help="The owner's name.")] = "Owner",
    time_zone: Annotated[str, typer.Option(help="IANA time zone of its calendar.")] = "UTC",
) -> None:
    """Create an organization with the usual tree of causes, and invite its owner."""

    async def act(application: Application) -> str:
        async with operating(
            application.database, ids.uuid7(), OperatorAction.ORGANIZATION_CREATE
        ) as work:
            await service.found(work, slug=slug, name=name, time_zone=time_zone)
            await default_cause_categories.create(work)
            owner = await invitations.invite(
                work, email=owner_email, name=owner_name, role=Role.OWNER
            )
        return _invitation(application, owner)

    typer.echo(run(act))


@people.command("invite")
def invite(
    slug: Slug,
    email: Annotated[str, typer.Option(help="The address they will sign in with.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What they will be.")],
) -> None:
    """Invite a person, once or again, and print the token with which they accept."""

    async def act(application: Application) -> str:
        async with operator(application, slug, OperatorAction.USER_INVITE) as work:
            user = await users.pending(work, email)
            if user is None:
                user = await invitations.invite(work, email=email, name=name, role=role)
            else:
                await work.take(
                    USER, "userInvitationRenew", id=user.id, expected_version=user.version
                )
        return _invitation(application, user)

    typer.echo(run(act))


@standards.command("import")
def import_standard(
    slug: Slug,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="OSCAL, as JSON.")],
) -> None:
    """Read an OSCAL catalog into the library; reading it again changes nothing."""

    async def act(application: Application) -> str:
        with step(f"Importing {file.name}"):
            async with operator(application, slug, OperatorAction.STANDARD_IMPORT) as work:
                standard, tally = await catalogue_import.import_oscal(work, file.read_bytes())
        return (
            f"{standard.family_code}:{standard.edition} {standard.public_id}: {tally.added} added, "
            f"{tally.changed} changed, {tally.withdrawn} withdrawn"
        )

    typer.echo(run(act))


@trail.command("verify")
def verify(slug: context.Slug = None, everyone: context.Everyone = False) -> None:
    """Walk an organization's chain of entries from the first; fail where one does not fit."""

    async def walk(application: Application, slug: str) -> str:
        scope = Scope(await organization_id(application, slug))
        with step("Reading the trail"):
            async with application.database.read(scope) as session:
                broken = await first_broken(session)
        if broken is not None:
            message = f"The trail of {slug} is broken at entry {broken.sequence}."
            raise CommandFailed(f"{message} {broken.problem.meaning}")
        return f"The trail of {slug} is whole."

    run(
        lambda application: context.for_each(
            application, slug, everyone, partial(walk, application)
        )
    )


def _invitation(application: Application, user: User) -> str:
    token = invitations.issue(application.services.signer.keyring, user)
    return f"""{user.name} <{user.address}> is invited as {user.role.value}.
They accept within 7 days, and once, with this token and a password:

mutation {{
  invitationAccept(input: {{ token: "{token}", password: "…" }}) {{
    email organization errors {{ message }}
  }}
}}"""
