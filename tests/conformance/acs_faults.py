"""acs_faults: deliberate faults of an ACS, each of which the item it names has to catch.

A proxy between device and ACS makes them: it spoils one behaviour and leaves the rest alone.
"""

import re
import time

import envelope
from acs_own import PASSWORD
from device import md5
from items import fault
from spoil import Innocent, Message

XML = ("Content-Type", "text/xml; charset=utf-8")


def answer(body, status=200):
    """A response of our own with this body in an envelope."""
    message = Message(f"HTTP/1.1 {status} Spoiled", [XML] if body else [])
    message.set_body(envelope.wrap(body, id="spoiled") if body else b"")
    return message


TASK = '<cwmp:GetParameterValues><ParameterNames soapenc:arrayType="xsd:string[1]"><string>A</string>' \
       "</ParameterNames></cwmp:GetParameterValues>"


def id_of(message):
    found = re.search(rb"<cwmp:ID[^>]*>([^<]*)", message.body)
    return found.group(1) if found else b""


def in_responses(number, title, *changes):
    """A fault that replaces texts in every body that the ACS sends."""

    class Replaced(Innocent):
        def response(self, request, response):
            for old, new in changes:
                if re.search(old, response.body, re.DOTALL):
                    response.substitute(old, new)

    fault(number, title)(Replaced)


def in_requests(number, title, *changes):
    """A fault that reads something else than the device has sent."""

    class Misread(Innocent):
        def request(self, request):
            for old, new in changes:
                if re.search(old, request.body, re.DOTALL):
                    request.substitute(old, new)

    fault(number, title)(Misread)


# Authentication.

@fault(1, "401 without WWW-Authenticate")
class SwallowsChallenge(Innocent):
    def response(self, request, response):
        response.drop("WWW-Authenticate")


class AcceptsAnyDigest(Innocent):
    """Replaces what the device claims with what a device that knows the password says."""

    def request(self, request):
        header = request.get("Authorization", "")
        if not header.startswith("Digest "):
            return
        fields = dict(re.findall(r'(\w+)="([^"]*)"', header))
        uri = request.start.split()[1]
        ha1, ha2 = md5(f"{fields['username']}:{fields['realm']}:{PASSWORD}"), md5(f"POST:{uri}")
        right = md5(f"{ha1}:{fields['nonce']}:00000001:c:auth:{ha2}")
        request.set("Authorization", f'Digest username="{fields["username"]}", realm="{fields["realm"]}", '
                    f'nonce="{fields["nonce"]}", uri="{uri}", response="{right}", qop=auth, nc=00000001, cnonce="c"')


fault(3, "Any password will do")(AcceptsAnyDigest)
fault(4, "Digest without cnonce and nc will do")(AcceptsAnyDigest)
fault(7, "Digest over any uri and method will do")(AcceptsAnyDigest)


@fault(6, "An expired nonce is told without stale=true")
class NeverStale(Innocent):
    def response(self, request, response):
        response.headers = [(n, re.sub(", *stale=true", "", v, flags=re.IGNORECASE)) for n, v in response.headers]


@fault(8, "401 again in the middle of the session")
class ChallengesAgain(Innocent):
    def response(self, request, response):
        if b"Inform>" not in request.body:
            response.status = 401
            response.set("WWW-Authenticate", 'Digest realm="again", nonce="1", qop="auth"')


# Cookies and the order of a session.

@fault(11, "InformResponse without Set-Cookie")
class DropsCookie(Innocent):
    def response(self, request, response):
        response.drop("Set-Cookie")


@fault(11, "Set-Cookie for another path")
class CookieElsewhere(Innocent):
    def response(self, request, response):
        cookie = response.get("Set-Cookie")
        if cookie:
            response.set("Set-Cookie", cookie.split(";")[0] + "; Path=/elsewhere")


@fault(12, "A quoted cookie is not recognised")
class LosesQuotedCookie(Innocent):
    def request(self, request):
        if '="' in request.get("Cookie", ""):
            request.drop("Cookie")


@fault(16, "A first, empty POST is handed a task")
class LeaksToStrangers(Innocent):
    def request(self, request):
        return None if request.body or request.get("Cookie") else answer(TASK)


@fault(14, "An unknown cookie is handed a task")
class LeaksToUnknownCookies(Innocent):
    known = ()

    def request(self, request):
        cookie = request.get("Cookie")
        return answer(TASK) if cookie and cookie not in self.known and not request.body else None

    def response(self, request, response):
        self.known = (*self.known, response.get("Set-Cookie", "").split(";")[0])


@fault(45, "A late empty POST is handed a task")
class LeaksLate(Innocent):
    has_ended = False

    def request(self, request):
        return answer(TASK) if self.has_ended else None

    def response(self, request, response):
        self.has_ended = response.status == 204


@fault(15, "TransferComplete is taken before any Inform")
class InformsFirst(Innocent):
    def request(self, request):
        return answer("<cwmp:TransferCompleteResponse/>") if b"TransferComplete>" in request.body else None


@fault(17, "InformResponse without Content-Type")
class DropsContentType(Innocent):
    def response(self, request, response):
        response.drop("Content-Type")


in_responses(17, "InformResponse with MaxEnvelopes 2", (b"<MaxEnvelopes>1<", b"<MaxEnvelopes>2<"))


class EndsWith200(Innocent):
    """200 with an empty body instead of 204."""

    def response(self, request, response):
        if response.status == 204:
            response.status = 200
            response.set_body(b"")


fault(18, "An empty 200 instead of 204")(EndsWith200)
fault(20, "An empty 200 instead of the closing 204")(EndsWith200)


@fault(21, "The second of three tasks is passed over")
class SkipsATask(Innocent):
    def response(self, request, response):
        if b"X1</string>" in response.body:
            response.replace(b"X1</string>", b"X2</string>")


@fault(22, "A request of the CPE is answered with a task")
class TaskForAnAnswer(Innocent):
    def request(self, request):
        return answer(TASK) if b"GetRPCMethods" in request.body else None


@fault(23, "HoldRequests is never lifted")
class HoldsForEver(Innocent):
    def response(self, request, response):
        response.substitute(b"(<cwmp:HoldRequests[^>]*>)[^<]*", rb"\g<1>1")


# HTTP.

@fault(24, "200 for a GET")
class AnswersGet(Innocent):
    def response(self, request, response):
        if response.status == 405:
            response.status = 200


@fault(24, "405 without Allow")
class DropsAllow(Innocent):
    def response(self, request, response):
        response.drop("Allow")


@fault(25, "Chunked bodies are refused")
class WantsLength(Innocent):
    def request(self, request):
        return answer("", 411) if request.get("Transfer-Encoding") else None


@fault(26, "No 100 Continue")
class ExpectsNothing(Innocent):
    def relays_continue(self):
        return False


@fault(30, "The declared charset is overlooked")
class OverlooksCharset(Innocent):
    def request(self, request):
        if "charset" in request.get("Content-Type", ""):
            request.set("Content-Type", "text/xml")


@fault(32, "An unknown Content-Encoding is answered 400")
class WrongRefusal(Innocent):
    def response(self, request, response):
        if response.status == 415:
            response.status = 400


@fault(34, "Envelopes over 32,767 bytes are refused")
class SmallLimit(Innocent):
    def request(self, request):
        return answer("", 413) if len(request.body) > 32767 else None


@fault(38, "A session ends when it is idle for a second")
class Impatient(Innocent):
    def __init__(self):
        self.last = time.monotonic()

    def request(self, request):
        idle, self.last = time.monotonic() - self.last, time.monotonic()
        return answer("", 400) if idle > 0.9 and b"Inform>" not in request.body else None


@fault(43, "The connection stands for the session, whatever the cookie")
class IgnoresCookie(Innocent):
    cookie = None

    def request(self, request):
        self.cookie = self.cookie or request.get("Cookie")
        if request.get("Cookie"):
            request.set("Cookie", self.cookie)


@fault(44, "The connection is closed after every response")
class ClosesAlways(Innocent):
    def response(self, request, response):
        response.set("Connection", "close")


@fault(46, "Overload cuts a 200 short")
class TruncatesWhenCrowded(Innocent):
    def response(self, request, response):
        if response.status == 503:
            response.status = 200
            response.headers = [XML]
            response.set_body(envelope.wrap("<cwmp:InformResponse/>")[:300])


@fault(47, "A relative Location")
class RelativeLocation(Innocent):
    def response(self, request, response):
        response.set("Location", "/elsewhere")


# SOAP.

in_responses(52, "InformResponse in another namespace", (b"cwmp-1-0", b"cwmp-1-1"))
in_responses(56, "UseCWMPVersion without mustUnderstand",
             (rb'(<cwmp:UseCWMPVersion)[^>]*>', rb"\1>"))
in_responses(56, "UseCWMPVersion that was not offered",
             (rb'(<cwmp:UseCWMPVersion[^>]*>)[^<]*', rb"\g<1>1.3"))
in_responses(57, "UseCWMPVersion uninvited",
             (b"</cwmp:ID>", b'</cwmp:ID><cwmp:UseCWMPVersion SOAP-ENV:mustUnderstand="1">1.4</cwmp:UseCWMPVersion>'))
in_requests(58, "A device of no common version is taken for an old one",
            (b"<cwmp:SupportedCWMPVersions>.*</cwmp:SupportedCWMPVersions>", b""))
in_responses(59, "ID is trimmed to 32 characters", (rb"(<cwmp:ID[^>]*>[^<]{32})[^<]*", rb"\1"))
in_responses(61, "ID without mustUnderstand", (rb"<cwmp:ID[^>]*>", b"<cwmp:ID>"))
in_responses(62, "Inner elements are qualified", (rb"<(/?)(ParameterNames|ParameterList|ObjectName)\b", rb"<\1cwmp:\2"))
in_responses(63, "arrayType with a wrong count", (rb'(arrayType="[^\["]*)\[\d+\]', rb"\1[9]"))
in_responses(64, "xsi:type of the 1999 schema", (rb"http://www.w3.org/2001/XMLSchema\"", rb'http://www.w3.org/1999/XMLSchema"'))
in_responses(68, "&amp; is not escaped", (b"&amp;", b"&"))
in_requests(67, "CDATA is dropped", (rb"<!\[CDATA\[.*?\]\]>", b""))
in_requests(71, "DOCTYPE is overlooked", (rb"<!DOCTYPE[^\[>]*(\[.*?\])?>", b""))
in_requests(72, "The first of two RPCs is executed", (rb"(</cwmp:Inform>).*(</soap:Body>)", rb"\1\2"))
in_requests(73, "SOAP 1.2 is taken for 1.1",
            (b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/"))


@fault(61, "All requests have the same ID")
class SameId(Innocent):
    request_id = b""

    def response(self, request, response):
        self.request_id = id_of(response)
        if self.request_id:
            response.substitute(rb"(<cwmp:ID[^>]*>)[^<]*", rb"\g<1>same")

    def request(self, request):
        if b">same<" in request.body:
            request.replace(b">same<", b">%s<" % self.request_id)


@fault(70, "Malformed XML is passed over with 204")
class PassesOver(Innocent):
    def response(self, request, response):
        if response.status == 400:
            response.status = 204
            response.set_body(b"")


@fault(75, "HTTP 500 for faults")
class FaultsAre500(Innocent):
    def response(self, request, response):
        if b"Fault>" in response.body:
            response.status = 500


in_responses(75, "faultcode Server for an unknown method", (rb"(faultcode>(\w+:)?)Client", rb"\1Server"))
in_responses(75, "Fault 8002 for an unknown method", (b"<FaultCode>8000", b"<FaultCode>8002"))
in_responses(76, "Fault 8002 for a missing argument", (b"<FaultCode>8003", b"<FaultCode>8002"))
in_requests(77, "The parameters of a fault are dropped",
            (rb"<SetParameterValuesFault>.*</SetParameterValuesFault>", b""))


@fault(80, "A response is taken whatever its ID")
class OverlooksId(Innocent):
    request_id = b""

    def request(self, request):
        if b"Response>" in request.body:
            request.substitute(rb"(<cwmp:ID[^>]*>)[^<]*", rb"\g<1>" + self.request_id)

    def response(self, request, response):
        self.request_id = id_of(response)


@fault(82, "Garbage is taken for an empty POST")
class GarbageIsNothing(Innocent):
    def request(self, request):
        if request.body and b"Envelope" not in request.body:
            request.set_body(b"")


# What the ACS makes of it.

in_requests(85, "Unknown events are dropped", (b"99 FUTURE THING", b"2 PERIODIC"))
in_requests(87, "BOOTSTRAP is overlooked", (b"0 BOOTSTRAP", b"1 BOOT"))
in_requests(92, "RetryCount is not kept", (rb"<RetryCount>\d+", b"<RetryCount>0"))
in_requests(95, "A changed ConnectionRequestURL is overlooked",
            (b"<Name>InternetGatewayDevice.ManagementServer.ConnectionRequestURL", b"<Name>InternetGatewayDevice.X"))
in_requests(96, "ParameterKey is overlooked", (b"<Name>InternetGatewayDevice.ManagementServer.ParameterKey", b"<Name>X.Y"))
in_requests(98, "A failed transfer is taken for a success", (rb"<FaultCode>9\d\d\d", b"<FaultCode>0"))
in_requests(101, "Status 1 is taken for 0", (b"<Status>1</Status>", b"<Status>0</Status>"))
in_responses(104, "GetRPCMethods leaves TransferComplete out", (b"<string>TransferComplete</string>", b""))
in_responses(107, "Download with its arguments in another order",
             (rb"(<FileType>.*</FileType>)(<URL>.*</URL>)", rb"\2\1"))
in_responses(107, "Download with a long CommandKey", (b"<CommandKey>", b"<CommandKey>" + b"k" * 32))
in_responses(108, "FileType is made upper case", (b"X 00A0C9 Something", b"X 00A0C9 SOMETHING"))
in_requests(117, "A refused SetParameterValues is taken for a success",
            (rb"<soap:Fault>.*</soap:Fault>", b"<cwmp:SetParameterValuesResponse><Status>0</Status>"
             b"</cwmp:SetParameterValuesResponse>"))


@fault(97, "TransferComplete is answered but not recorded")
class ForgetsTransfers(Innocent):
    def request(self, request):
        return answer("<cwmp:TransferCompleteResponse/>") if b"<cwmp:TransferComplete>" in request.body else None


@fault(99, "A TransferComplete that it does not know gets a fault")
class RefusesTransfers(Innocent):
    def request(self, request):
        if b"<cwmp:TransferComplete>" in request.body:
            return answer(envelope.fault(8003, "Invalid arguments"))
        return None
