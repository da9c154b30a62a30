# SPDX-License-Identifier: ISC
"""The mail catcher of an instance: Praya's relay, which sends nothing on."""
from .instance import DOMAIN, SOURCE, StackError
from .process import Daemon, wait_until


class MailCatcher:
    def __init__(self, instance):
        self.port_file = instance.pids / "mail.port"
        folder = instance.var / "mail"
        script = SOURCE / "scripts/mail_catcher"
        tls = [instance.var / "tls/server.pem", instance.var / "tls/server.key"]
        # A new certificate is read by a new process.
        about = tls[0].read_text() if tls[0].exists() else ""
        self.daemon = Daemon(instance, "mail", [script, folder, self.port_file, *tls], about=about)

    @property
    def port(self):
        return int(self.port_file.read_text())

    @property
    def relay(self):
        """host:port, by a name that the certificate is good for."""
        return f"mail.{DOMAIN}:{self.port}"

    def up(self):
        if self.daemon.current():
            return
        self.port_file.unlink(missing_ok=True)
        self.daemon.start()
        if not wait_until(lambda: self.port_file.exists() or not self.daemon.leader(), 20):
            raise StackError("the mail catcher does not start\n" + self.daemon.tail())
        if not self.port_file.exists():
            raise StackError("the mail catcher does not start\n" + self.daemon.tail())

    def down(self):
        self.daemon.stop()
