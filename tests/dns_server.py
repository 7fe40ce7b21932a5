"""A real name server for tests: a zone over UDP and TCP on this machine, in threads of its own."""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.zone


class Server:
    """What is answered, and what was asked."""

    def __init__(self, zone: str) -> None:
        """`zone` is a zone file with absolute names or $ORIGIN."""
        self.zone = dns.zone.from_text(zone, origin=".", relativize=False, check_origin=False)
        self.asked: list[str] = []
        self.silent: set[str] = set()  # names for which it fails (SERVFAIL)
        self.port = 0

    def answer(self, wire: bytes, datagram: bool) -> bytes:
        """Answer one question, through aliases, as a resolver does."""
        question = dns.message.from_wire(wire)
        name, kind = question.question[0].name, question.question[0].rdtype
        self.asked.append(f"{name.to_text(omit_final_dot=True)} {dns.rdatatype.to_text(kind)}")
        reply = dns.message.make_response(question, recursion_available=True)
        if name.to_text(omit_final_dot=True) in self.silent:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        for _ in range(8):
            found = self.zone.get_rrset(name, kind)
            if found:
                reply.answer.append(found)
                break
            alias = self.zone.get_rrset(name, dns.rdatatype.CNAME)
            if not alias:
                if not any(owner.is_subdomain(name) for owner in self.zone.nodes):
                    reply.set_rcode(dns.rcode.NXDOMAIN)
                break
            reply.answer.append(alias)
            name = alias[0].target
        wire = reply.to_wire()
        if datagram and len(wire) > 512:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            wire = reply.to_wire()
        return wire


@contextlib.contextmanager
def dns_server(zone: str) -> Iterator[Server]:
    """Serve a zone on a free port of 127.0.0.1."""
    served = Server(zone)

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request[1].sendto(served.answer(self.request[0], True), self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            wire = served.answer(self.rfile.read(length), False)
            self.wfile.write(struct.pack("!H", len(wire)) + wire)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Datagram) as datagrams:
        served.port = cast("tuple[str, int]", datagrams.server_address)[1]
        with socketserver.ThreadingTCPServer(("127.0.0.1", served.port), Stream) as streams:
            for server in (datagrams, streams):
                threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            try:
                yield served
            finally:
                datagrams.shutdown()
                streams.shutdown()
