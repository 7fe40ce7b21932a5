"""rspamd as it is installed, without what asks the network or needs a database of its own (redis, so no Bayes)."""

import http.client
import json
from pathlib import Path

from bench.peers.filters import AT_ONCE, Filter

# Lists and records in the DNS, services, and what is remembered of other mail.
AWAY = (
    "antivirus arc asn bimi dcc dkim dmarc external_services fuzzy_check greylist hfilter history_redis mx_check neural"
    " ratelimit rbl replies reputation rspamd_update spf surbl url_redirector"
).split()


def _settings(folder: Path, port: int) -> dict[str, str]:
    off = "enabled = false;\n"
    files = dict.fromkeys(AWAY, off) | {
        "options.inc": 'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }\n'
        f'control_socket = "{folder}/control.sock mode=0600";\n',
        "worker-normal.inc": f'bind_socket = "127.0.0.1:{port}"; count = {AT_ONCE};\n',
        "worker-proxy.inc": f"{off}count = -1;\n",
        "worker-controller.inc": f"{off}count = -1;\n",
        "logging.inc": 'type = "console"; level = "error";\n',
    }
    return {f"local.d/{name if '.' in name else name + '.conf'}": content for name, content in files.items()}


def _command(folder: Path, _port: int) -> list[str]:
    places = [f"--var={name}={folder}" for name in ("LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR")]
    return ["--no-fork", "--insecure", "--config=/etc/rspamd/rspamd.conf", *places]


def _ask(port: int, data: bytes) -> float:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        server.request("POST", "/checkv2", data)
        answer = json.loads(server.getresponse().read())
    finally:
        server.close()
    if "score" not in answer:
        raise ValueError(str(answer)[:200])
    return float(answer["score"])


FILTER = Filter("rspamd", "rspamd", _command, _settings, _ask)
