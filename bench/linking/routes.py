"""The way of a message: through whose servers it left, and what they tell of its writer."""

from dataclasses import dataclass
from random import Random

from bench.linking.letter import filled
from bench.linking.names import hexadecimal, letters


@dataclass(frozen=True, slots=True)
class Server:
    """A sending host: its name and its address."""

    host: str
    ip: str

    @property
    def network(self) -> str:
        """First three octets of its address."""
        return self.ip.rpartition(".")[0]


# Hosts that thousands share: whoever sends through them shares nothing with others who do.
SHARED_HOSTS = (
    Server("server217.web-hosting.com", "198.54.116.83"),
    Server("box5318.bluehost.com", "162.241.224.41"),
    Server("cp12-ams.hostinger.io", "145.14.151.77"),
)
VPN_EXITS = ("146.70.116.131", "185.213.155.212", "193.32.249.164", "198.44.136.99", "89.187.179.54")
SHORTENERS = ("bit.ly", "tinyurl.com", "cutt.ly", "t.ly")
_SERVICE_HOSTS = {
    "sendgrid": ("sendgrid.net", "149.72.{}.{}", "s1"),
    "mailchimp": ("mcsv.net", "198.2.{}.{}", "k2"),
    "ses": ("amazonses.com", "54.240.{}.{}", "ug7nbtf4gccmlpwj322ax3p6ow6yfsug"),
}
FREEMAIL = {
    "gmail": ("gmail.com", "20230601"),
    "outlook": ("outlook.com", "selector1"),
    "yahoo": ("yahoo.com", "s2048"),
    "aol": ("aol.com", "a2048"),
    "proton": ("proton.me", "protonmail3"),
    "gmx": ("gmx.net", "s31663417"),
}
CLIENT_OF = {
    "gmail": "gmail",
    "outlook": "outlook-web",
    "yahoo": "yahoo",
    "aol": "yahoo",
    "proton": "proton",
    "gmx": "gmx",
}


@dataclass(frozen=True, slots=True)
class Relay:
    """The last host before the receiver, and what lies before it."""

    host: str
    ip: str
    envelope: str
    signs: tuple[tuple[str, str], ...] = ()  # domain and selector of each signature
    inner: tuple[str, ...] = ()  # earlier Received, the newest first, without their dates
    extra: tuple[tuple[str, str], ...] = ()


def freemail(provider: str, address: str, client_ip: str, rng: Random) -> Relay:
    """Out of a free mailbox; only GMX tells where its user sits."""
    domain, selector = FREEMAIL[provider]
    signs = ((address.partition("@")[2] or domain, selector),)
    if provider == "gmail":
        return google(address, signs, rng)
    if provider == "outlook":
        return microsoft(address, signs, rng)
    if provider in ("yahoo", "aol"):
        number = f"{rng.randint(301, 331)}-{rng.randint(10, 55)}"
        host = f"sonic{number}.consmr.mail.{rng.choice(('ir2', 'ne1', 'gq1'))}.yahoo.com"
        inner = (f"from sonic.gate.mail.ne1.yahoo.com by {host} with HTTP",)
        return Relay(host, f"77.238.{rng.randint(176, 179)}.{rng.randint(2, 250)}", address, signs, inner)
    if provider == "proton":
        last = rng.randint(10, 137)
        return Relay(f"mail-43{last}.protonmail.ch", f"185.70.43.{last}", address, signs)
    said = "by web-mail.gmx.net (3c-app-gmx-bs{d2}.server.lan [172.19.170.{d2}]) (via HTTP)"
    inner = (f"from [{client_ip}] ([{client_ip}]) {filled(said, rng)}",)
    return Relay("mout.gmx.net", f"212.227.{rng.choice((15, 17))}.{rng.randint(15, 22)}", address, signs, inner)


def google(address: str, signs: tuple[tuple[str, str], ...], rng: Random) -> Relay:
    """Out of Gmail or a Workspace: nothing is told of the writer."""
    net, last = rng.choice((128, 160, 161, 166, 167, 208, 210, 218, 219, 221)), rng.randint(41, 54)
    kind = rng.choice(("lf1", "ed1", "wr1", "qt1", "yw1", "pf1", "ot1"))
    host = f"mail-{kind}-f{last}.google.com"
    inner = (f"by {host} with SMTP id {filled('{hex32}-{hex16}so{d7}', rng)}",)
    return Relay(
        host, f"209.85.{net}.{last}", address, signs, inner, (("X-Gm-Message-State", "AOJu0Y" + letters(rng, 60)),)
    )


def microsoft(address: str, signs: tuple[tuple[str, str], ...], rng: Random) -> Relay:
    """Out of Outlook or Exchange Online."""
    region = rng.choice(("EUR02-DB5", "EUR05-VI1", "NAM12-MW2", "NAM10-BN7"))
    host = f"mail-{region.split('-')[1].lower()}obc{rng.randint(100, 999)}.outbound.protection.outlook.com"
    box = f"AM{rng.randint(0, 9)}PR{rng.randint(10, 99)}MB{rng.randint(1000, 9999)}"
    said = f"from {box}.eurprd04.prod.outlook.com ([fe80::{{hex4}}]) by {box}.eurprd04.prod.outlook.com"
    inner = (filled(f"{said} with mapi id 15.20.7{{d3}}.0{{d2}}", rng),)
    return Relay(host, f"40.{rng.choice((92, 107))}.{rng.randint(1, 250)}.{rng.randint(2, 250)}", address, signs, inner)


def own(server: Server, address: str, signs: tuple[tuple[str, str], ...], client_ip: str, rng: Random) -> Relay:
    """Out of a Postfix of one's own, which tells the address that handed the message in."""
    number = f"4{letters(rng, 10)}".replace("-", "x").replace("_", "z")
    said = f"by {server.host} (Postfix, from userid 33) id {number}"
    if client_ip:
        said = (
            f"from [{client_ip}] (unknown [{client_ip}]) (Authenticated sender: {address})"
            f" by {server.host} (Postfix) with ESMTPSA id {number}"
        )
    return Relay(server.host, server.ip, address, signs, (said,))


def shared_host(server: Server, address: str, client_ip: str, rng: Random) -> Relay:
    """Out of a server that many small sites rent together."""
    domain = address.partition("@")[2]
    number = f"1s{letters(rng, 4)}-000{letters(rng, 6)}-{letters(rng, 2)}"
    inner = (
        f"from [{client_ip}] (port={rng.randint(30000, 60000)} helo=[127.0.0.1]) by {server.host}"
        f" with esmtpsa (TLS1.3) (Exim 4.96.2) (envelope-from <{address}>) id {number}",
    )
    extra = (
        ("X-AntiAbuse", "This header was added to track abuse, please include it with any abuse report"),
        ("X-AntiAbuse", f"Primary Hostname - {server.host}"),
        ("X-AntiAbuse", f"Sender Address Domain - {domain}"),
        ("X-Get-Message-Sender-Via", f"{server.host}: authenticated_id: {address}"),
    )
    return Relay(server.host, server.ip, address, ((domain, "default"),), inner, extra)


def service(name: str, address: str, signs: tuple[tuple[str, str], ...], account_id: str, rng: Random) -> Relay:
    """Out of a mailing service, under the number of the customer's account there."""
    domain, shape, selector = _SERVICE_HOSTS[name]
    ip = shape.format(rng.randint(2, 250), rng.randint(2, 250))
    host = f"o{rng.randint(1, 30)}.ptr{rng.randint(1000, 9999)}.{domain}"
    extra = (
        ("X-SG-EID" if name == "sendgrid" else "X-Feedback-ID", letters(rng, 60)),
        ("Feedback-ID", f"{account_id}:{account_id}:{name}"),
    )
    return Relay(
        host,
        ip,
        f"bounces+{account_id}-{hexadecimal(rng, 4)}@em{account_id[-4:]}.{domain}",
        (*signs, (domain, selector)),
        (),
        extra,
    )
