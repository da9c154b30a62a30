# SPDX-License-Identifier: ISC
"""praya.conf of an instance. What the settings mean stands in src/tenant/settings.h."""
from .instance import DOMAIN
from .region import REGIONS


def write(instance, region, postgres, mail):
    """postgres: of the region. The directory lies in the first region's cluster."""
    share = instance.share
    settings = {
        "Base.Domain": DOMAIN,
        "Base.Port": instance.port,
        "Base.SignUpHost": f"{region.of('app')}.{DOMAIN}",
        "Region": region.name,
        **{f"Regions.{r.name}": r.config(instance) for r in REGIONS},
        **{f"SignUp.Hosts.{r.name}": f"{r.of('app')}.{DOMAIN}" for r in REGIONS},
        "Database.Directory": postgres.directory(user="praya_directory", dbname="praya_directory"),
        "Database.DirectoryPasswordFile": instance.directory_password,
        "Database.Cell": postgres.conninfo(user="praya_cell", dbname="praya_cell"),
        "Database.Tenant": postgres.conninfo(),
        "Database.Migrate": postgres.conninfo(user="praya_migrate"),
        "Database.Admin": postgres.conninfo(user="postgres"),
        "Keys.Master": instance.var / f"secrets/{region.of('master')}.key",
        "Limits.Connections": instance.record["connections"],
        "Files.Store": instance.var / region.of("files"),
        "Files.Scratch": instance.scratch / region.of("work"),
        "Metrics.Folder": instance.scratch / region.of("metrics"),
        # Tests move the clock, and ask for it themselves.
        "LeakTest.Hour": -1,
        "Mail.Relay": mail.relay,
        "Mail.From": f"praya@{DOMAIN}",
        "Mail.CA": instance.ca_cert,
        "Mail.Results": f"mx.{DOMAIN}",
        "Paths.Templates": share / "templates",
        "Paths.I18n": share / "i18n",
        "Paths.Assets": share / "www/assets.hdf",
        "Paths.Sql": share / "sql",
        "Paths.Passwords": share / "common_passwords",
    }
    lines = ["# Written by scripts/stack at every start; changes here are lost."]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    text = "\n".join(lines) + "\n"
    file = region.config(instance)
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
        file.chmod(0o600)
