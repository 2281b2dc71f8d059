"""Organization commands for operators; the audit trail records them without a user."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from qgp import new_organization
from qgp.accounts.commands import invitation_delivery, invitations
from qgp.app import Application
from qgp.cli import context
from qgp.cli.context import operator, organization_id, run
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, step
from qgp.kit import ids
from qgp.kit.audit_verification import first_broken
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.transition_commands import TransitionCommand
from qgp.kit.work import Work
from qgp.mail.mailer import Mailer
from qgp.mail.message import Message
from qgp.mail.transport import MailFailure
from qgp.organizations import service
from qgp.standards.commands import oscal_import
from qgp.standards.loaders import standard_by_code
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
    """Print slug, status and name of every organization, by slug."""

    async def act(application: Application) -> str:
        rows = await service.all_organizations(application.database)
        return "\n".join(f"{row.slug}\t{row.status.value}\t{row.name}" for row in rows)

    typer.echo(run(act))


@organizations.command("create")
def create(
    slug: Annotated[str, typer.Option(help="Short unique name, such as acme.")],
    name: Annotated[str, typer.Option(help="Name of the organization.")],
    owner_email: Annotated[str, typer.Option(help="Email address of its owner, who is invited.")],
    owner_name: Annotated[str, typer.Option(help="Name of the owner.")] = "Owner",
    time_zone: Annotated[str, typer.Option(help="IANA time zone of the organization.")] = "UTC",
) -> None:
    """Create an organization with the default cause categories, and invite its owner."""

    async def act(application: Application) -> str:
        async with operating(
            application.database, ids.uuid7(), OperatorAction.ORGANIZATION_CREATE
        ) as work:
            await new_organization.create(work, slug=slug, name=name, time_zone=time_zone)
            owner = await invitations.invite(
                work, email=owner_email, name=owner_name, role=Role.OWNER
            )
            message = await _message(application, work, owner)
        return await _invite(application, owner, message)

    typer.echo(run(act))


@people.command("invite")
def invite(
    slug: Slug,
    email: Annotated[str, typer.Option(help="Email address to sign in with.")],
    name: Annotated[str, typer.Option(help="Name of the user.")],
    role: Annotated[Role, typer.Option(case_sensitive=False, help="Role of the user.")],
) -> None:
    """Invite a user, or renew the invitation, by mail or with a token that is printed."""

    async def act(application: Application) -> str:
        async with operator(application, slug, OperatorAction.USER_INVITE) as work:
            user = await users.pending(work, email)
            if user is None:
                user = await invitations.invite(work, email=email, name=name, role=role)
            else:
                renew = TransitionCommand(USER, "userInvitationRenew")
                await renew(work, id=user.id, expected_version=user.version)
            message = await _message(application, work, user)
        return await _invite(application, user, message)

    typer.echo(run(act))


@standards.command("import")
def import_standard(
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="OSCAL catalog in JSON.")
    ],
    supersedes: Annotated[
        str | None,
        typer.Option(help="Code of the standard that it supersedes, if it is not recognized."),
    ] = None,
) -> None:
    """Import an OSCAL catalog to the standards library; a second import changes nothing."""

    async def act(application: Application) -> str:
        with step(f"Importing {file.name}"):
            async with operator(application, slug, OperatorAction.STANDARD_IMPORT) as work:
                older = await work.load(standard_by_code, supersedes) if supersedes else None
                if supersedes and older is None:
                    raise CommandFailed(f"The library of {slug} has no standard {supersedes}.")
                standard, tally = await oscal_import.import_oscal(
                    work, file.read_bytes(), older.id if older else None
                )
        return (
            f"{standard.family_code}:{standard.edition} {standard.public_id}: {tally.added} added, "
            f"{tally.changed} changed, {tally.withdrawn} withdrawn"
        )

    typer.echo(run(act))


@trail.command("verify")
def verify(slug: context.Slug = None, everyone: context.Everyone = False) -> None:
    """Verify the hash chain of an organization's audit trail; fail at the first broken entry."""

    async def walk(application: Application, slug: str) -> str:
        scope = Scope(await organization_id(application, slug))
        with step("Verifying the audit trail"):
            async with application.database.read(scope) as session:
                broken = await first_broken(session)
        if broken is not None:
            message = f"The audit trail of {slug} is broken at entry {broken.sequence}."
            raise CommandFailed(f"{message} {broken.problem.meaning}")
        return f"The audit trail of {slug} is intact."

    run(
        lambda application: context.for_each(
            application, slug, everyone, partial(walk, application)
        )
    )


async def _message(application: Application, work: Work, user: User) -> Message:
    keyring = application.services.signer.keyring
    return await invitation_delivery.message_to(
        work.session, _mailer(application), keyring, user, id=ids.uuid7()
    )


async def _invite(application: Application, user: User, message: Message) -> str:
    """Send an invitation where mail is set up; return what the operator has to know or pass on."""
    invited, mailer = (
        f"{user.name} <{user.address}> is invited as {user.role.value}.",
        _mailer(application),
    )
    if mailer.transport is not None:
        try:
            await mailer.send(message)
        except MailFailure as failure:
            invited += f"\nThe message could not be sent ({failure})."
        else:
            if mailer.delivers:
                return f"{invited}\nThe invitation was sent by mail."
    return f"{invited}\n{_instructions(application, user)}"


def _mailer(application: Application) -> Mailer:
    return application.services.by_type[Mailer]


def _instructions(application: Application, user: User) -> str:
    token = invitations.issue(application.services.signer.keyring, user)
    return f"""The invitation is accepted once, within 7 days, with this token and a password:

mutation {{
  invitationAccept(input: {{ token: "{token}", password: "…" }}) {{
    email organization errors {{ message }}
  }}
}}"""
