# SPDX-License-Identifier: ISC
"""nginx and the certificate of an instance."""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import http.client
from pathlib import Path

from .instance import DOMAIN, StackError, make_folder, run
from .process import Daemon, signal_proc, wait_until

NGINX = "/usr/sbin/nginx"
RENEW_SECONDS = 30 * 24 * 3600
OURS = ("praya-http", "praya-server", "praya-tls", "praya-headers", "praya-fastcgi", "praya-errors")

# Good for nothing but these hosts, so trusting it in a browser risks nothing.
CA_CONFIG = """[req]
prompt = no
distinguished_name = name
x509_extensions = ca
[name]
CN = Praya demo authority ({id})
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:{domain}
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:{domain}, DNS:*.{domain}
"""


class Certificate:
    """A local authority and one certificate of all demo hosts."""

    def __init__(self, instance):
        self.folder = instance.var / "tls"
        self.ca = instance.ca_cert
        self.server = self.folder / "server.pem"
        self.config = CA_CONFIG.format(id=instance.id, domain=DOMAIN)

    def up(self):
        """True when the server's certificate is new."""
        if self._good(self.ca) and self._good(self.server):
            return False
        config = self.folder / "openssl.cnf"
        config.write_text(self.config)
        if not self._good(self.ca):
            self._make_ca(config)
        self._make_server(config)
        return True

    def _good(self, file):
        argv = ["openssl", "x509", "-noout", "-checkend", str(RENEW_SECONDS), "-in", str(file)]
        return file.exists() and subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def _key(self, name):
        file = self.folder / name
        old = os.umask(0o077)
        try:
            run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out".split() + [file])
        finally:
            os.umask(old)
        return file

    def _make_ca(self, config):
        key = self._key("ca.key")
        argv = ["openssl", "req", "-x509", "-new", "-sha256", "-days", "3650"]
        run([*argv, "-key", key, "-config", config, "-out", self.ca])

    def _make_server(self, config):
        key = self._key("server.key")
        request = self.folder / "server.csr"
        run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={DOMAIN}", "-out", request])
        argv = ["openssl", "x509", "-req", "-sha256", "-days", "397", "-in", request]
        argv += ["-CA", self.ca, "-CAkey", self.folder / "ca.key", "-CAcreateserial"]
        run([*argv, "-extfile", config, "-extensions", "server", "-out", self.server])


class Nginx:
    def __init__(self, instance):
        self.instance = instance
        self.folder = instance.var / "nginx"
        self.config = self.folder / "nginx.conf"
        self.start_log = instance.var / "log/nginx-start.log"
        self.log_filter = Daemon(
            instance,
            "nginx-error",
            [instance.installed / "libexec/praya/praya-log-filter", instance.run_dir / "nginx-log.sock"],
        )
        self.daemon = Daemon(
            instance,
            "nginx",
            [NGINX, "-c", self.config, "-e", self.start_log],
            about=[instance.port, instance.record["listen"]],
            stop=signal.SIGQUIT,
        )

    def up(self, certificate_is_new):
        changed = self._configure()
        self.log_filter.ensure()
        if not self.daemon.current():
            # Its old self holds the port.
            self.daemon.stop()
            self._check_port()
            self.start_log.unlink(missing_ok=True)
            self.daemon.start()
            wait_until(lambda: self._listens() or not self.daemon.leader(), 20)
            if not (self.daemon.leader() and self._listens()):
                raise StackError("nginx does not start\n" + self._why())
        elif changed or certificate_is_new:
            run([NGINX, "-t", "-q", "-c", self.config, "-e", self.start_log])
            signal_proc(self.daemon.leader().pid, signal.SIGHUP)

    def down(self):
        self.daemon.stop()
        self.log_filter.stop()

    def _configure(self):
        instance = self.instance
        make_folder(self.folder, 0o700)
        source = instance.share / "nginx"
        text = (source / "demo.conf.in").read_text()
        for name, value in {
            "USER": "user www-data;" if instance.root else "",
            "WORKERS": str(min(os.cpu_count() or 1, 4)),
            "VAR": str(instance.var),
            "RUN": str(instance.run_dir),
            "SCRATCH": str(instance.scratch),
            "WWW": str(instance.share / "www"),
            "DOMAIN": DOMAIN,
            "LISTEN_DEFAULT": self._listen_lines(" default_server"),
            "LISTEN": self._listen_lines(""),
        }.items():
            text = text.replace(f"@{name}@", value)
        wanted = {f"{name}.conf": (source / f"{name}.conf").read_text() for name in OURS}
        wanted["nginx.conf"] = text
        changed = False
        for name, content in wanted.items():
            file = self.folder / name
            if not file.exists() or file.read_text() != content:
                file.write_text(content)
                changed = True
        return changed

    def _listen_lines(self, suffix):
        addresses = list(self.instance.record["listen"])
        if "127.0.0.1" in addresses and has_ipv6_loopback():
            addresses.append("[::1]")
        return " ".join(f"listen {a}:{self.instance.port} ssl http2{suffix};" for a in addresses)

    def _check_port(self):
        port = self.instance.port
        for address in self.instance.record["listen"]:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((address, port))
                except OSError as error:
                    raise StackError(
                        f"port {port} cannot be used ({error.strerror}); "
                        "choose another: PRAYA_PORT=9443 ./demo up"
                    ) from None

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.instance.port), 1).close()
        except OSError:
            return False
        return True

    def _why(self):
        lines = []
        if self.start_log.exists():
            lines = self.start_log.read_text(errors="replace").splitlines()[-5:]
        return "\n".join("  " + line for line in lines)


def has_ipv6_loopback():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def get(instance, host, path, timeout=5):
    """GET as a browser on this machine would: status and body. Any failure to
    get an answer is an OSError."""
    context = ssl.create_default_context(cafile=str(instance.ca_cert))
    raw = socket.create_connection(("127.0.0.1", instance.port), timeout)
    try:
        with context.wrap_socket(raw, server_hostname=host) as tls:
            request = f"GET {path} HTTP/1.1\r\nHost: {host}:{instance.port}\r\nConnection: close\r\n\r\n"
            tls.sendall(request.encode())
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        raw.close()
