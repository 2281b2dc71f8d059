"""Command line `qgp`: the tree of commands, which call services."""

from qgp.cli.accounts import accounts
from qgp.cli.backup import backups
from qgp.cli.csv_files import export_list, import_list
from qgp.cli.daily_jobs import capas, findings, security_log
from qgp.cli.files import files
from qgp.cli.maintenance import configuration, migrate, schemas, seeding
from qgp.cli.organizations import organizations, people, standards, trail
from qgp.cli.serving import dev, serve, worker
from qgp.cli.terminal import command_group

app = command_group("Quality Governance Platform.")
for command in (serve, dev, worker, migrate):
    app.command()(command)
app.command("export")(export_list)
app.command("import")(import_list)
for name, group in {
    "seed": seeding,
    "schema": schemas,
    "organization": organizations,
    "user": people,
    "account": accounts,
    "standards": standards,
    "audit": trail,
    "config": configuration,
    "files": files,
    "findings": findings,
    "capas": capas,
    "backup": backups,
    "security-log": security_log,
}.items():
    app.add_typer(group, name=name)

__all__ = ["app"]
