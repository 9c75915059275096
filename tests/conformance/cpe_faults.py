"""cpe_faults: deliberate faults of a CPE, each one behaviour spoiled between it and its ACS.

Most are a pattern in the bodies of one direction; the few with a memory are classes at the end. A
dictionary starts our agent with another timer than the item believes, a text with a mode of --misbehave.
"""

import re
from datetime import datetime, timedelta

from items import fault
from spoil import Innocent

INFORM = rb"<cwmp:Inform>"


def event(code):
    return b"<EventStruct><EventCode>%b</EventCode><CommandKey/></EventStruct>" % code


def event_struct(code):
    """A pattern of an EventStruct with that code."""
    return struct(b"EventStruct", b"<EventCode>" + code)


def struct(name, content):
    """A pattern of an element of a list that has that content."""
    return b"<%b>(?:(?!</%b>).)*%b.*?</%b>" % (name, name, content, name)


def value_of(name, value=b"[^<]*"):
    """A pattern of a parameter and its value, in three groups around the value."""
    return rb"(%b</Name>\s*<Value[^>]*>)(%b)(</Value>)" % (name, value)


def answer_with(body):
    """A pattern of a Body, and what to put there instead."""
    return rb"(<[\w-]+:Body>).*(</[\w-]+:Body>)", rb"\1" + body + rb"\2"


def lower_oui(match):
    return match[0].lower().replace(b"oui", b"OUI")


ANY_EVENT = rb"(<Event\b[^>]*>)"
EMPTY_KEY = rb"(ParameterKey</Name>\s*<Value[^>/]*)(?:/>|></Value>)"
EMPTY_PASSWORD = rb"(ConnectionRequestPassword</Name>\s*<Value[^>/]*)(?:/>|></Value>)"
KNOCK_CREDENTIALS = rb"(ConnectionRequest(?:Username|Password)</Name><Value[^>]*>)[^<]*"
INFORMED = b"<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
NO_VALUES = b"<cwmp:GetParameterValuesResponse><ParameterList/></cwmp:GetParameterValuesResponse>"
DELETED = b"<cwmp:DeleteObjectResponse><Status>0</Status></cwmp:DeleteObjectResponse>"
FAULT_9005 = (b"<soap:Fault xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><faultcode>Client</faultcode>"
              b"<faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>9005</FaultCode></cwmp:Fault>"
              b"</detail></soap:Fault>")

# (item, what the CPE does, a word that the body must have, pattern, replacement)
SENT = [
    (201, "leaves 0 BOOTSTRAP out", INFORM, event_struct(b"0 BOOTSTRAP"), b""),
    (202, "reports 0 BOOTSTRAP at each boot", INFORM, ANY_EVENT, rb"\1" + event(b"0 BOOTSTRAP")),
    (203, "reports M Reboot with a key of its own", INFORM, rb"key 203", b"203"),
    (204, "keeps ParameterKey over a factory reset", INFORM, EMPTY_KEY, rb"\1>kept</Value>"),
    (205, "greets a new ACS without 0 BOOTSTRAP", INFORM, event_struct(b"0 BOOTSTRAP"), b""),
    (206, "leaves SoftwareVersion out", INFORM, struct(b"ParameterValueStruct", b"SoftwareVersion</Name>"), b""),
    (207, "writes its OUI in lower case", INFORM, rb"<OUI>[^<]*</OUI>", lower_oui),
    (207, "sends RetryCount before CurrentTime", INFORM, rb"(<CurrentTime>.*?)(<RetryCount>.*?</RetryCount>)",
     rb"\2\1"),
    (223, "never counts its retries", INFORM, rb"<RetryCount>\d+<", b"<RetryCount>0<"),
    (231, "keeps other events beside BOOTSTRAP", INFORM, ANY_EVENT, rb"\1" + event(b"M Reboot")),
    (234, "answers with an ID of its own", b"GetRPCMethodsResponse", rb"(<cwmp:ID[^>]*)(?:/>|>[^<]*</cwmp:ID>)",
     rb"\1>own</cwmp:ID>"),
    (235, "answers an unknown RPC with 9001", b"9000", rb"9000", b"9001"),
    (235, "explains faults in faultstring", b"faultstring", rb"CWMP fault", b"Method not supported"),
    (236, "swallows 9005", b"9005", *answer_with(NO_VALUES)),
    (236, "reads the first of several names only", b"GetParameterValuesResponse",
     rb"(</ParameterValueStruct>).*(</ParameterList>)", rb"\1\2"),
    (237, "refuses to read an empty table", b"ParameterValueStruct[0]", *answer_with(FAULT_9005)),
    (238, "leaves the path itself out of its names", b"GetParameterNamesResponse",
     struct(b"ParameterInfoStruct", rb"DeviceInfo\.</Name>"), b""),
    (239, "takes a parameter for an unknown path", b"9003", rb"9003", b"9005"),
    (240, "calls everything writable", b"GetParameterNamesResponse", rb"<Writable>\w+<", b"<Writable>1<"),
    (241, "does not name the bad parameter", b"SetParameterValuesFault",
     rb"<SetParameterValuesFault>.*</SetParameterValuesFault>", b""),
    (242, "calls read-only a bad value", b"9008", rb"9008", b"9007"),
    (242, "calls a wrong type a bad value", b"9006", rb"9006", b"9007"),
    (244, "reports what the ACS changed", INFORM, ANY_EVENT, rb"\1" + event(b"4 VALUE CHANGE")),
    (245, "reports a change without the value", INFORM, struct(b"ParameterValueStruct", rb">active<"), b""),
    (249, "numbers its rows from 0", b"AddObjectResponse", rb"<InstanceNumber>\d+<", b"<InstanceNumber>0<"),
    (250, "deletes what is not there", b"9005", *answer_with(DELETED)),
    (251, "reports a fault for a good transfer", b"<cwmp:TransferComplete>", rb"<FaultCode>0<", b"<FaultCode>9010<"),
    (252, "reports a missing file as fetched", b"<cwmp:TransferComplete>", rb"<FaultCode>90..<", b"<FaultCode>0<"),
    (255, "reports M Upload with a key of its own", INFORM, rb"key 255", b"255"),
    (256, "leaves 3 SCHEDULED out", INFORM, event_struct(b"3 SCHEDULED"), b""),
    (257, "opens a session with another event", INFORM, rb"6 CONNECTION REQUEST", b"2 PERIODIC"),
    (260, "shows a password", b"GetParameterValuesResponse", EMPTY_PASSWORD, rb"\1>secret</Value>"),
]

# The same of what the ACS sends: the CPE is made to hear something else.
HEARD = [
    (209, "takes PeriodicInformEnable for true", b"PeriodicInformEnable",
     value_of(b"PeriodicInformEnable"), rb"\g<1>1\3"),
    (224, "waits longer than it was told", b"IntervalMultiplier",
     value_of(b"CWMPRetryMinimumWaitInterval"), rb"\g<1>8\3"),
    (228, "goes on after fault 8002", b"8002", *answer_with(INFORMED)),
    (229, "goes on after a broken answer", b"<cwmp:InformResponse>",
     rb"(</MaxEnvelopes>)", rb"\1</cwmp:InformResponse>"),
    (232, "ignores HoldRequests", b"HoldRequests", rb"<cwmp:HoldRequests.*</cwmp:HoldRequests>", b""),
    (243, "does not keep ParameterKey", b"SetParameterValues", rb"<ParameterKey>.*</ParameterKey>", b"<ParameterKey/>"),
    (245, "takes passive notification for active", b"<cwmp:SetParameterAttributes>", rb"<Notification>1<",
     b"<Notification>2<"),
    (246, "ignores the throttle", b"NotificationThrottle",
     value_of(b"DefaultActiveNotificationThrottle"), rb"\g<1>0\3"),
    (253, "fetches at once", b"<cwmp:Download>", rb"<DelaySeconds>\d+<", b"<DelaySeconds>0<"),
    (256, "comes too early", b"<cwmp:ScheduleInform>", rb"<DelaySeconds>\d+<", b"<DelaySeconds>1<"),
    (257, "takes connection requests of everybody", b"ConnectionRequestPassword", KNOCK_CREDENTIALS, rb"\1"),
]


# Modes of our agent that an item must not let pass; others break no rule of the list.
MISBEHAVIOUR = [
    (201, "no-bootstrap"), (201, "event-case"), (206, "no-parameter-key"),
    (207, "lower-case-oui"), (207, "extra-device-id"), (210, "empty-uri"), (210, "rfc-2069"), (214, "no-cookie"),
    (214, "comma-cookies"), (217, "typed-empty-post"), (218, "soap-action=none"), (218, "content-type=text/html"),
    (223, "retry-count=1"), (234, "wrong-id"), (234, "empty-id"), (234, "constant-id"), (234, "no-header"),
    (235, "fault-code=9001"), (236, "unknown-skipped"), (236, "unknown-empty"), (236, "unknown-crash"),
    (236, "echo-path"), (238, "full-tree-levels"), (238, "no-objects"), (239, "bad-level-names"),
    (240, "read-only-names"), (241, "fault-without-list"), (243, "null-parameter-key"),
    (247, "method-missing=SetParameterAttributes"), (249, "method-missing=AddObject"), (251, "no-transfer-complete"),
    (251, "transfer-without-event"), (251, "transfer-empty-key"), (257, "knock-open"),
    (257, "knock-basic"),
]


def substituted(message, word, pattern, replacement):
    if word in message.body:
        message.set_body(re.sub(pattern, replacement, message.body, flags=re.S))


def sends(row):
    class Sends(Innocent):
        def request(self, request):
            substituted(request, *row[2:])

    return Sends


def hears(row):
    class Hears(Innocent):
        def response(self, request, response):
            substituted(response, *row[2:])

    return Hears


fault(222, "gives up after three seconds")({"response_seconds": 3})
for _row in SENT:
    fault(*_row[:2])(sends(_row))
for _row in HEARD:
    fault(*_row[:2])(hears(_row))

for _number, _mode in MISBEHAVIOUR:
    fault(_number, f"--misbehave {_mode}")(_mode)

fault(213, "comes back at once after a second 401")({"retry_scale": 0.001})
fault(223, "retries too early")({"retry_scale": 0.05})
fault(225, "waits a quarter as long")({"retry_scale": 0.0001})
fault(258, "takes any number of connection requests")({"connection_request_limit": 1000000})


def is_inform(message):
    return INFORM in message.body


@fault(208, "ignores PeriodicInformTime")
class OwnPhase(Innocent):
    def response(self, request, response):
        substituted(response, b"PeriodicInformTime", value_of(b"PeriodicInformTime"), later)


def later(match):
    shape = "%Y-%m-%dT%H:%M:%SZ"
    moment = datetime.strptime(match[2].decode(), shape) + timedelta(seconds=2)
    return match[1] + moment.strftime(shape).encode() + match[3]


@fault(210, "counts a challenge as a retry")
class CountsChallenge(Innocent):
    def request(self, request):
        if request.get("Authorization"):
            request.replace(b"<RetryCount>0<", b"<RetryCount>1<")


@fault(212, "proves itself with the Inform only")
class ProvesOnce(Innocent):
    def request(self, request):
        if not is_inform(request):
            request.drop("Authorization")


@fault(214, "returns no cookie")
class NoCookies(Innocent):
    def request(self, request):
        request.drop("Cookie")


@fault(214, "returns the first of two cookies")
class OneCookie(Innocent):
    def request(self, request):
        if request.get("Cookie"):
            request.set("Cookie", request.get("Cookie").split(";")[0])


@fault(214, "keeps cookies for the next session")
class OldCookies(Innocent):
    cookie = None

    def request(self, request):
        if request.get("Cookie"):
            self.cookie = request.get("Cookie")
        elif self.cookie:
            request.set("Cookie", self.cookie)


@fault(215, "starts afresh on a new connection")
class Forgetful(Innocent):
    inform = has_closed = None

    def request(self, request):
        if is_inform(request):
            self.inform = request.body
        elif self.has_closed:
            request.set_body(self.inform)

    def response(self, request, response):
        self.has_closed = response.get("Connection") == "close"


@fault(216, "follows redirects without the body")
class EmptyHanded(Innocent):
    def request(self, request):
        if not request.start.startswith("POST /acs "):
            request.set_body(b"")


@fault(217, "names a Content-Type for nothing")
class TypedNothing(Innocent):
    def request(self, request):
        if not request.body:
            request.set("Content-Type", "text/xml")


@fault(217, "sends SOAPAction with nothing")
class ActionForNothing(Innocent):
    def request(self, request):
        if not request.body:
            request.set("SOAPAction", "")


@fault(218, "sends no SOAPAction")
class NoAction(Innocent):
    def request(self, request):
        request.drop("SOAPAction")


@fault(218, "sends responses as text/html")
class Html(Innocent):
    def request(self, request):
        request.set("Content-Type", "text/html")


@fault(219, "cannot read chunks")
class NoChunks(Innocent):
    def response(self, request, response):
        if response.get("Transfer-Encoding"):
            raise ConnectionError("hangs up")


@fault(220, "takes an empty 200 for a failure")
class Only204(Innocent):
    def response(self, request, response):
        if response.status == 200 and not response.body:
            response.status = 500


@fault(221, "does not wait for the answer")
class Pipelines(Innocent):
    def request(self, request):
        request.body += b"POST /acs HTTP/1.1\r\nContent-Length: 0\r\n\r\n" * is_inform(request)


@fault(226, "never forgets a failure")
class Resentful(Innocent):
    worst = b"0"

    def request(self, request):
        found = re.search(rb"<RetryCount>(\d+)<", request.body)
        if found:
            self.worst = max(self.worst, found[1])
            request.replace(found[0], b"<RetryCount>" + self.worst + b"<")


@fault(227, "builds a new Inform after 8005")
class NewInform(Innocent):
    was_asked_again = False

    def request(self, request):
        if self.was_asked_again:
            request.replace(b"<CurrentTime>2", b"<CurrentTime>3")

    def response(self, request, response):
        self.was_asked_again = b"8005" in response.body


@fault(230, "repeats 6 CONNECTION REQUEST")
class Repeats6(Innocent):
    has_been_asked = False

    def request(self, request):
        self.has_been_asked |= b"6 CONNECTION REQUEST" in request.body
        if self.has_been_asked and b"6 CONNECTION REQUEST" not in request.body:
            substituted(request, INFORM, ANY_EVENT, rb"\1" + event(b"6 CONNECTION REQUEST"))


@fault(230, "reports 2 PERIODIC once only")
class OncePeriodic(Innocent):
    has_reported = False

    def request(self, request):
        if self.has_reported:
            substituted(request, INFORM, event_struct(b"2 PERIODIC"), b"")
        self.has_reported |= b"2 PERIODIC" in request.body


@fault(233, "sends a request of its own after the empty POST")
class Late(Innocent):
    def request(self, request):
        substituted(request, b"GetRPCMethodsResponse", *answer_with(b"<cwmp:GetRPCMethods/>"))


@fault(247, "ignores notification silently")
class Silent(Innocent):
    def request(self, request):
        substituted(request, b"9009", *answer_with(b"<cwmp:SetParameterAttributesResponse/>"))
        substituted(request, b"GetParameterAttributesResponse", rb"<Notification>\d<", b"<Notification>0<")


@fault(248, "forgets attributes when it boots")
class ForgetsAttributes(Innocent):
    informs = 0

    def request(self, request):
        self.informs += is_inform(request)
        if self.informs > 1:
            substituted(request, b"GetParameterAttributesResponse", rb"<Notification>\d<", b"<Notification>0<")


@fault(249, "does not count its rows")
class DoesNotCount(Innocent):
    count = None

    def request(self, request):
        found = re.search(value_of(b"NumberOfEntries"), request.body)
        if found and b"<cwmp:GetParameterValuesResponse>" in request.body:
            self.count = self.count or found[2]
            request.replace(found[0], found[1] + self.count + found[3])


@fault(251, "reports a transfer twice")
class ReportsTwice(Innocent):
    report = None

    def request(self, request):
        if b"<cwmp:TransferComplete>" in request.body:
            self.report = request.body
        elif self.report:
            request.set_body(self.report)
            self.report = None


@fault(254, "gives up a TransferComplete after a broken session")
class GivesUp(Innocent):
    has_failed = False

    def request(self, request):
        if self.has_failed:
            for code in (b"7 TRANSFER", b"M Download"):
                substituted(request, INFORM, event_struct(code), b"")

    def response(self, request, response):
        self.has_failed |= response.status == 503
