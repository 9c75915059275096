"""acs_spoils: the ways in which a proxy makes an ACS out of ours that breaks a rule.

One that reads something else than was sent, says something else than was said, or answers by itself.
"""

import re

import envelope
from items import fault
from spoil import Innocent, Message

XML = ("Content-Type", "text/xml; charset=utf-8")
TASK = ('<cwmp:GetParameterValues><ParameterNames soapenc:arrayType="xsd:string[1]"><string>A</string>'
        "</ParameterNames></cwmp:GetParameterValues>")
INFORM_RESPONSE = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
INVALID_ARGUMENTS = envelope.fault(8003, "Invalid arguments")


def answer(body, status=200):
    """A response of our own with this body in an envelope."""
    message = Message(f"HTTP/1.1 {status} Spoiled", [XML] if body else [])
    message.set_body(envelope.wrap(body, id="spoiled") if body else b"")
    return message


def id_of(message):
    found = re.search(rb"<cwmp:ID[^>]*>([^<]*)", message.body)
    return found.group(1) if found else b""


def matches(pattern, message):
    return re.search(pattern, message.body, re.DOTALL) is not None


def misreads(number, title, *changes):
    """A fault: what the device has sent is read as something else. changes: (pattern, replacement)."""

    class Misreads(Innocent):
        def request(self, request):
            for pattern, replacement in changes:
                if matches(pattern, request):
                    request.substitute(pattern, replacement)

    fault(number, title)(Misreads)


def says(number, title, *changes):
    """A fault: the ACS says something else than it should. changes: (pattern, replacement)."""

    class Says(Innocent):
        def response(self, request, response):
            for pattern, replacement in changes:
                if matches(pattern, response):
                    response.substitute(pattern, replacement)

    fault(number, title)(Says)


def answers(number, title, pattern, body, status=200):
    """A fault: a request that holds the pattern gets this body, and the ACS does not hear of it."""

    class Answers(Innocent):
        def request(self, request):
            return answer(body, status) if matches(pattern, request) else None

    fault(number, title)(Answers)


def turns(number, title, before, after):
    """A fault: one status instead of another."""

    class Turns(Innocent):
        def response(self, request, response):
            if response.status == before:
                response.status = after
                response.set_body(b"")

    fault(number, title)(Turns)
