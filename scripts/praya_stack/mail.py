# SPDX-License-Identifier: ISC
"""The mail catcher of an instance: takes every mail, sends none on."""
from .instance import SOURCE, StackError
from .process import Daemon, wait_until


class MailCatcher:
    def __init__(self, instance):
        self.port_file = instance.pids / "mail.port"
        folder = instance.var / "mail"
        script = SOURCE / "scripts/mail_catcher"
        self.daemon = Daemon(instance, "mail", [script, folder, self.port_file])

    @property
    def port(self):
        return int(self.port_file.read_text())

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
