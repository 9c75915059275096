"""acs_http_faults: deliberate faults in authentication, sessions and HTTP, for CWMP-001 to 050 to catch."""

import re
import time

import envelope
from acs_own import PASSWORD
from acs_spoils import INFORM_RESPONSE, TASK, XML, answer, answers, misreads, says, turns
from device import md5
from items import fault
from spoil import Innocent

# Authentication.


@fault(1, "401 without WWW-Authenticate")
class SwallowsChallenge(Innocent):
    def response(self, request, response):
        response.drop("WWW-Authenticate")


@fault(2, "The right Digest is overlooked")
class OverlooksAuthorization(Innocent):
    def request(self, request):
        request.drop("Authorization")


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


@fault(5, "Basic will do over plain HTTP")
class AcceptsBasic(Innocent):
    def request(self, request):
        return answer(INFORM_RESPONSE) if request.get("Authorization", "").startswith("Basic ") else None


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


@fault(10, "Without Authorization, somebody else's task is handed over")
class LeaksWithoutAuthorization(Innocent):
    def request(self, request):
        return None if request.body or request.get("Authorization") else answer(TASK)


# Cookies and the order of a session.


@fault(9, "A session does not outlive its connection")
class EndsWithConnection(Innocent):
    connections = 0

    def connected(self):
        self.connections += 1

    def request(self, request):
        return answer("", 400) if self.connections > 1 and b"Inform>" not in request.body else None


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


@fault(13, "An Inform with a stale cookie is refused")
class RefusesStaleCookie(Innocent):
    def request(self, request):
        return answer("", 400) if request.get("Cookie") and b"Inform>" in request.body else None


@fault(14, "An unknown cookie is handed a task")
class LeaksToUnknownCookies(Innocent):
    known = ()

    def request(self, request):
        cookie = request.get("Cookie")
        return answer(TASK) if cookie and cookie not in self.known and not request.body else None

    def response(self, request, response):
        self.known = (*self.known, response.get("Set-Cookie", "").split(";")[0])


@fault(16, "A first, empty POST is handed a task")
class LeaksToStrangers(Innocent):
    def request(self, request):
        return None if request.body or request.get("Cookie") else answer(TASK)


@fault(45, "A late empty POST is handed a task")
class LeaksLate(Innocent):
    has_ended = False

    def request(self, request):
        return answer(TASK) if self.has_ended else None

    def response(self, request, response):
        self.has_ended = response.status == 204


@fault(17, "InformResponse without Content-Type")
class DropsContentType(Innocent):
    def response(self, request, response):
        response.drop("Content-Type")


@fault(19, "Two envelopes in one response")
class SendsTwo(Innocent):
    def response(self, request, response):
        if b"<cwmp:GetParameterValues>" in response.body:
            response.set_body(response.body * 2)


@fault(23, "HoldRequests is never lifted")
class HoldsForEver(Innocent):
    def response(self, request, response):
        response.substitute(b"(<cwmp:HoldRequests[^>]*>)[^<]*", rb"\g<1>1")


answers(15, "TransferComplete is taken before any Inform", b"<cwmp:TransferComplete>",
        "<cwmp:TransferCompleteResponse/>")
says(17, "InformResponse with MaxEnvelopes 2", (b"<MaxEnvelopes>1<", b"<MaxEnvelopes>2<"))
turns(18, "An empty 200 instead of 204", 204, 200)
turns(20, "An empty 200 instead of the closing 204", 204, 200)
says(21, "The second of three tasks is passed over", (b"X1</string>", b"X2</string>"))
answers(22, "A request of the CPE is answered with a task", b"GetRPCMethods", TASK)

# HTTP.


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


@fault(27, "HTTP/1.0 is refused")
class RefusesOldHttp(Innocent):
    def request(self, request):
        return answer("", 505) if request.start.endswith("HTTP/1.0") else None


@fault(28, "A folded header is refused")
class RefusesFolds(Innocent):
    def request(self, request):
        return answer("", 400) if any("\r\n" in value for _, value in request.headers) else None


@fault(29, "A body without Content-Type: text/xml is refused")
class InsistsOnXml(Innocent):
    def request(self, request):
        return answer("", 415) if request.body and "text/xml" not in request.get("Content-Type", "") else None


@fault(30, "The declared charset is overlooked")
class OverlooksCharset(Innocent):
    def request(self, request):
        if "charset" in request.get("Content-Type", ""):
            request.set("Content-Type", "text/xml")


@fault(31, "gzip is taken for XML")
class OverlooksEncoding(Innocent):
    def request(self, request):
        request.drop("Content-Encoding")


@fault(34, "Envelopes over 32,767 bytes are refused")
class SmallLimit(Innocent):
    most = 32767

    def request(self, request):
        return answer("", 413) if len(request.body) > self.most else None


@fault(35, "Envelopes over a megabyte are refused")
class MiddlingLimit(SmallLimit):
    most = 1 << 20


@fault(36, "What exceeds the limit is cut off")
class CutsOff(Innocent):
    def request(self, request):
        request.set_body(request.body[:60000])


turns(24, "200 for a GET", 405, 200)
turns(32, "An unknown Content-Encoding is answered 400", 415, 400)
turns(33, "A decompression bomb is answered 200", 413, 200)

# Sessions that last, break off and share a connection.


class Watch(Innocent):
    """Knows how long the device was silent."""

    def __init__(self):
        self.last = time.monotonic()

    def idle(self):
        idle, self.last = time.monotonic() - self.last, time.monotonic()
        return idle


@fault(38, "A session ends when it is idle for a second")
class Impatient(Watch):
    def request(self, request):
        return answer("", 400) if self.idle() > 0.9 and b"Inform>" not in request.body else None


@fault(40, "A session is resumed after whatever time")
class Patient(Watch):
    def request(self, request):
        return answer(TASK) if self.idle() > 3 and not request.body else None


@fault(41, "A request whose answer was lost is not sent again")
class Forgets(Innocent):
    empties = 0

    def request(self, request):
        if not request.body:
            self.empties += 1
        return answer("", 204) if self.empties > 2 else None


@fault(42, "A device that is in a session is kept out")
class KeepsOut(Innocent):
    is_open = False

    def request(self, request):
        return answer("", 503) if self.is_open and b"Inform>" in request.body else None

    def response(self, request, response):
        self.is_open = response.status == 200


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


misreads(39, "SessionTimeout is overlooked", (b"<cwmp:SessionTimeout>.*</cwmp:SessionTimeout>", b""))
