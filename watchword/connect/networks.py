"""Addresses of machines that tell nothing: those that send for everybody, and exits that anybody can rent."""

import functools
import ipaddress
import json
from collections.abc import Iterable, Iterator
from importlib.resources import files

LISTS = {
    "smtp-sending-ips": "a mail provider sends for everybody from there",
    "google-gmail-sending-ips": "a mail provider sends for everybody from there",
    "microsoft-office365-ip": "a mail provider sends for everybody from there",
    "vpn-ipv4": "anybody can rent this exit",
    "vpn-ipv6": "anybody can rent this exit",
    "cloudflare": "a network that stands before everybody's pages",
    "akamai": "a network that stands before everybody's pages",
    "fastly": "a network that stands before everybody's pages",
}


def shared_networks(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give those of the addresses that many use, each with the reason. What is no address is passed over."""
    for text in addresses:
        try:
            address = ipaddress.ip_address(text.partition("/")[0])
        except ValueError:
            continue
        bits, number = address.max_prefixlen, int(address)
        for says, version, lengths in _networks():
            if version == address.version and any(number >> (bits - n) in held for n, held in lengths.items()):
                yield text, says
                break


@functools.cache
def _networks() -> list[tuple[str, int, dict[int, frozenset[int]]]]:
    found = []
    for name, says in LISTS.items():
        place = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists", name, "list.json")
        held: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for entry in json.loads(place.read_text("utf-8"))["list"]:
            try:
                network = ipaddress.ip_network(entry.strip(), strict=False)
            except ValueError:
                continue
            number = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            held[network.version].setdefault(network.prefixlen, set()).add(number)
        found += [
            (says, version, {length: frozenset(numbers) for length, numbers in lengths.items()})
            for version, lengths in held.items()
            if lengths
        ]
    return found
