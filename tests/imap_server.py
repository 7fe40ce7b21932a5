"""A real IMAP server for the tests: Dovecot as an ordinary process in a folder of its own."""

import contextlib
import datetime
import getpass
import grp
import ipaddress
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
USER, PASSWORD = "ana@example.org", 'p"ss\\wörd'

_CONFIG = """
protocols = imap
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
ssl = yes
ssl_cert = <{root}/certificate.pem
ssl_key = <{root}/key.pem
ssl_dh =
disable_plaintext_auth = {strict}
auth_mechanisms = plain login
auth_failure_delay = 0 secs
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_vsz_limit = 512M
first_valid_uid = 1
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {plain}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls}
    ssl = yes
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Papierkorb {{
    special_use = \\Trash
  }}
}}
protocol imap {{
  rawlog_dir = {root}/rawlog
}}
"""


class Dovecot:
    """A running server, and the Maildir that it serves."""

    def __init__(self, root: Path, plain: int, tls: int) -> None:
        """`plain` and `tls` are its ports."""
        self.root = root
        self.plain = plain
        self.tls = tls
        self.maildir = root / "home" / USER / "Maildir"
        self.certificate = root / "certificate.pem"

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Put a message into a folder, as a delivery does: `folder` as on disk, `name` with the flags."""
        place = (self.maildir / folder if folder else self.maildir) / "cur"
        for part in ("cur", "new", "tmp"):
            (place.parent / part).mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
        self.own()

    def own(self) -> None:
        """Give what the test wrote to the server's user."""
        if os.getuid() == 0:
            for path in [self.root / "home", *(self.root / "home").rglob("*")]:
                os.chown(path, *_ids())

    def state(self) -> Mapping[str, str]:
        """Give the messages' files and flags as they lie on disk, by file name without flags."""
        return {
            f"{path.parent.parent.name}/{path.name.partition(':')[0]}": path.name.partition(":")[2]
            for path in self.maildir.rglob("cur/*")
        }

    def commands(self) -> bytes:
        """Give all that clients said."""
        return b"".join(path.read_bytes() for path in sorted((self.root / "rawlog").glob("*.in")))


def _ids() -> tuple[int, int]:
    if os.getuid():
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")  # Dovecot serves no mail of root
    return nobody.pw_uid, nobody.pw_gid


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _certify(root: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (root / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (root / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextlib.contextmanager
def dovecot(*, strict: bool = False) -> Iterator[Dovecot]:
    """Start a server for one account; `strict` wants encryption before the login also from this machine."""
    assert DOVECOT, "dovecot is not installed"
    uid, gid = _ids()
    with tempfile.TemporaryDirectory(prefix="watchword-imap-") as name:  # its sockets' paths must be short
        root = Path(name).resolve()
        root.chmod(0o755)
        server = Dovecot(root, _free_port(), _free_port())
        for folder in ("run", "state", "rawlog", f"home/{USER}"):
            (root / folder).mkdir(parents=True)
        _certify(root)
        (root / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
        (root / "dovecot.conf").write_text(
            _CONFIG.format(
                root=root, user=pwd.getpwuid(uid).pw_name, group=grp.getgrgid(gid).gr_name, uid=uid, gid=gid,
                plain=server.plain, tls=server.tls, strict="yes" if strict else "no",
            ),
            "utf-8",
        )  # fmt: skip
        if os.getuid() == 0:
            for path in [root, *root.rglob("*")]:
                os.chown(path, uid, gid)
        as_user = {"user": uid, "group": gid, "extra_groups": []} if os.getuid() == 0 else {}
        process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(root / "dovecot.conf")],
            stderr=subprocess.PIPE,
            **as_user,  # type: ignore[call-overload]  # mypy cannot match a dict
        )
        try:
            _wait(process, server)
            yield server
        finally:
            process.terminate()
            process.wait(10)
            if process.stderr:
                process.stderr.close()


def _wait(process: "subprocess.Popen[bytes]", server: Dovecot) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.tls), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    log = server.root / "log"
    said = log.read_text("utf-8", "replace") if log.exists() else ""
    raise AssertionError(f"dovecot does not start as {getpass.getuser()}: {said[-2000:]}")
