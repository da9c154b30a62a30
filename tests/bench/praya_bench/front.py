# SPDX-License-Identifier: ISC
"""A second pool behind an nginx of its own that is configured like the
instance's: for programs that are compared with praya-web, and for pools of
another size."""
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import harness
from praya_stack.process import Daemon, children, wait_until


class Front:
    def __init__(self, stand, program, processes):
        self.stand = stand
        self.program = Path(program)
        self.processes = processes
        self.folder = Path(tempfile.mkdtemp(prefix="praya-bench-"))
        self.folder.chmod(0o711)
        self.port = harness.free_port()
        instance = stand.instance
        name = f"bench-{self.port}"
        self.socket = self.folder / "web.sock"
        bin_dir = self.folder / "bin"
        bin_dir.mkdir()
        (bin_dir / "praya-web").symlink_to(self.program)
        env = {
            "PRAYA_CONF": str(instance.config),
            "PRAYA_BINDIR": str(bin_dir),
            "PRAYA_MULTIWATCH_CONF": str(instance.share / "nginx/multiwatch.conf"),
            "PRAYA_WEB": str(processes),
        }
        if instance.root:
            env["PRAYA_SOCKET_GROUP"] = "www-data"
        pool = [instance.installed / "libexec/praya/praya-pool", "web", self.socket]
        self.pool = Daemon(instance, name + "-pool", pool, env=env)
        self.config = self._nginx_config(instance)
        argv = ["/usr/sbin/nginx", "-c", self.config, "-e", self.folder / "start.log"]
        self.nginx = Daemon(instance, name + "-nginx", argv, stop=signal.SIGQUIT)

    def _nginx_config(self, instance):
        """The instance's own, at another port and with another pool."""
        source = instance.var / "nginx"
        text = (source / "nginx.conf").read_text()
        for old, new in (
            (f":{instance.port} ", f":{self.port} "),
            (f"{instance.run_dir}/web.sock", str(self.socket)),
            (f"{instance.run_dir}/nginx.pid", f"{self.folder}/nginx.pid"),
            (f"access_log {instance.var}/log/access.log", f"access_log {self.folder}/access.log"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        for name in ("body", "fastcgi", "unused-proxy", "unused-scgi", "unused-uwsgi"):
            text = text.replace(f"{instance.scratch}/{name}", f"{self.folder}/{name}")
        for file in source.glob("praya-*.conf"):
            shutil.copy(file, self.folder)
        config = self.folder / "nginx.conf"
        config.write_text(text)
        return config

    def origin(self, space):
        return space.origin.rsplit(":", 1)[0] + f":{self.port}"

    def pids(self):
        return [child.pid for child in children(self.pool.leader().pid)]

    def nginx_pids(self):
        return [child.pid for child in children(self.nginx.leader().pid)]

    def __enter__(self):
        self.pool.start()
        self.nginx.start()
        good = wait_until(lambda: len(self.pids()) == self.processes and self._listens(), 20)
        if not good:
            said = f"{self.pool.tail()}\n{self.nginx.tail()}"
            self.__exit__()
            raise RuntimeError(f"{self.program.name} does not start\n{said}")
        return self

    def _listens(self):
        argv = ["/usr/bin/bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{self.port}"]
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def __exit__(self, *what):
        self.nginx.stop()
        self.pool.stop(30)
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in (self.nginx, self.pool):
            Path(part.log).unlink(missing_ok=True)
