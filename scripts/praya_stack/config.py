# SPDX-License-Identifier: ISC
"""praya.conf of an instance. What the settings mean stands in src/tenant/settings.h."""
from .instance import DOMAIN


def write(instance, postgres, mail):
    share = instance.share
    settings = {
        "Base.Domain": DOMAIN,
        "Base.Port": instance.port,
        "Region": "hk",
        "Database.Directory": postgres.conninfo(user="praya_directory", dbname="praya_directory"),
        "Database.Cell": postgres.conninfo(user="praya_cell", dbname="praya_cell"),
        "Database.Tenant": postgres.conninfo(),
        "Database.Migrate": postgres.conninfo(user="praya_migrate"),
        "Database.Admin": postgres.conninfo(user="postgres"),
        "Keys.Master": instance.var / "secrets/master.key",
        "Files.Store": instance.var / "files",
        "Files.Scratch": instance.scratch / "work",
        "Metrics.Folder": instance.scratch / "metrics",
        # Tests move the clock, and ask for it themselves.
        "LeakTest.Hour": -1,
        "Mail.Relay": mail.relay,
        "Mail.From": f"praya@{DOMAIN}",
        "Mail.CA": instance.ca_cert,
        "Paths.Templates": share / "templates",
        "Paths.I18n": share / "i18n",
        "Paths.Assets": share / "www/assets.hdf",
        "Paths.Sql": share / "sql",
        "Paths.Passwords": share / "common_passwords",
    }
    lines = ["# Written by scripts/stack at every start; changes here are lost."]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    text = "\n".join(lines) + "\n"
    if not instance.config.exists() or instance.config.read_text() != text:
        instance.config.write_text(text)
        instance.config.chmod(0o600)
