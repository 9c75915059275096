"""acs_soap_faults: deliberate faults in SOAP and in what messages mean, for CWMP-051 to 120 to catch."""

import envelope
from acs_steps import CODE
from acs_spoils import INVALID_ARGUMENTS, answer, answers, id_of, misreads, says, turns
from items import fault
from spoil import Innocent

# Namespaces, headers and values.


@fault(51, "Only the usual prefixes are understood")
class KnowsPrefixesOnly(Innocent):
    def request(self, request):
        return answer("", 400) if request.body and b"<cwmp:" not in request.body else None


@fault(60, "A request without ID is refused")
class WantsId(Innocent):
    def request(self, request):
        return answer("", 400) if request.body and b":ID" not in request.body else None


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


says(52, "InformResponse in another namespace than 1-0", (b"cwmp-1-0", b"cwmp-1-1"))
says(53, "InformResponse in another namespace than 1-1", (b"cwmp-1-1", b"cwmp-1-0"))
says(54, "InformResponse in another namespace than 1-2", (b"cwmp-1-2", b"cwmp-1-1"))
says(55, "1-3 and 1-4 are answered in 1-0", (b"cwmp-1-[34]", b"cwmp-1-0"))
says(56, "UseCWMPVersion without mustUnderstand", (rb"(<cwmp:UseCWMPVersion)[^>]*>", rb"\1>"))
says(56, "UseCWMPVersion that was not offered", (rb"(<cwmp:UseCWMPVersion[^>]*>)[^<]*", rb"\g<1>1.3"))
says(57, "UseCWMPVersion uninvited",
     (b"</cwmp:ID>", b'</cwmp:ID><cwmp:UseCWMPVersion SOAP-ENV:mustUnderstand="1">1.4</cwmp:UseCWMPVersion>'))
misreads(58, "A device of no common version is taken for an old one",
         (b"<cwmp:SupportedCWMPVersions>.*</cwmp:SupportedCWMPVersions>", b""))
says(59, "ID is trimmed to 32 characters", (rb"(<cwmp:ID[^>]*>[^<]{32})[^<]*", rb"\1"))
says(61, "ID without mustUnderstand", (rb"<cwmp:ID[^>]*>", b"<cwmp:ID>"))
says(62, "Inner elements are qualified", (rb"<(/?)(ParameterNames|ParameterList|ObjectName)\b", rb"<\1cwmp:\2"))
says(63, "arrayType with a wrong count", (rb'(arrayType="[^\["]*)\[\d+\]', rb"\1[9]"))
says(64, "xsi:type of the 1999 schema", (rb'http://www.w3.org/2001/XMLSchema"', rb'http://www.w3.org/1999/XMLSchema"'))
misreads(65, "As many members are read as the count declares",
         (rb"(ParameterValueStruct\[2\]\">(?:<ParameterValueStruct>.*?</ParameterValueStruct>){2}).*</ParameterList>",
          rb"\1</ParameterList>"))
answers(66, "A Value without xsi:type gets a fault", b"<Value>untyped", INVALID_ARGUMENTS)
misreads(67, "CDATA is dropped", (rb"<!\[CDATA\[.*?\]\]>", b""))
says(68, "&amp; is not escaped", (b"&amp;", b"&"))
answers(69, "A control character ends the session", b"\x02|&#2;", "", 400)
turns(70, "Malformed XML is passed over with 204", 400, 204)
misreads(71, "DOCTYPE is overlooked", (rb"<!DOCTYPE[^\[>]*(\[.*?\])?>", b""))
misreads(72, "The first of two RPCs is executed", (rb"(</cwmp:Inform>).*(</soap:Body>)", rb"\1\2"))
misreads(73, "SOAP 1.2 is taken for 1.1",
         (b"http://www.w3.org/2003/05/soap-envelope", b"http://schemas.xmlsoap.org/soap/envelope/"))
answers(74, "An unknown element gets a fault", b"<X_Extra", INVALID_ARGUMENTS)

# Faults, and answers that are none.


@fault(75, "HTTP 500 for faults")
class FaultsAre500(Innocent):
    def response(self, request, response):
        if b"Fault>" in response.body:
            response.status = 500


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


says(75, "faultcode Server for an unknown method", (rb"(faultcode>(\w+:)?)Client", rb"\1Server"))
says(75, "Fault 8002 for an unknown method", (b"<FaultCode>8000", b"<FaultCode>8002"))
says(76, "Fault 8002 for a missing argument", (b"<FaultCode>8003", b"<FaultCode>8002"))
misreads(77, "The parameters of a fault are dropped", (b"<SetParameterValuesFault>.*</SetParameterValuesFault>", b""))
answers(78, "A fault without detail breaks the ACS", b"CWMP fault</faultstring></soap:Fault>", "", 500)
answers(79, "An unexpected response is answered with a fault", b"Response/?>", INVALID_ARGUMENTS)
misreads(81, "A response is taken whatever its method",
         (rb"<cwmp:(?!GetParameterValuesResponse)\w+Response.*</soap:Body>",
          envelope.values_response({CODE: "smuggled"}).encode() + b"</soap:Body>"))

# Informs.


@fault(84, "More than 63 events are too many")
class CountsEvents(Innocent):
    def request(self, request):
        return answer(INVALID_ARGUMENTS) if request.body.count(b"<EventStruct>") >= 64 else None


answers(83, "An event of a later amendment gets a fault", b"14 HEARTBEAT", INVALID_ARGUMENTS)
misreads(85, "Unknown events are dropped", (b"99 FUTURE THING", b"2 PERIODIC"))
answers(86, "An empty ParameterList gets a fault", rb"ParameterValueStruct\[0\]", INVALID_ARGUMENTS)
misreads(87, "BOOTSTRAP is overlooked", (b"0 BOOTSTRAP", b"1 BOOT"))
misreads(88, "The Manufacturer is part of the identity",
         (b"(Bought by Another.*<SerialNumber>)", rb"\1of another "))
misreads(89, "An empty ProductClass becomes a word", (b"<ProductClass></", b"<ProductClass>none</"))
misreads(90, "Serial numbers are cut at 32 characters", (rb"(<SerialNumber>[^<]{32})[^<]*", rb"\1"))
answers(91, "An unreadable CurrentTime gets a fault", b"<CurrentTime>garbage", INVALID_ARGUMENTS)
misreads(92, "RetryCount is not kept", (rb"<RetryCount>\d+", b"<RetryCount>0"))
misreads(93, "All types are taken for strings", (rb'xsi:type="xsd:\w+"', b'xsi:type="xsd:string"'))
misreads(94, "The root Device is not known", (b"<Name>Device\\.", b"<Name>InternetGatewayDevice."))
misreads(95, "A changed ConnectionRequestURL is overlooked",
         (b"<Name>InternetGatewayDevice.ManagementServer.ConnectionRequestURL", b"<Name>InternetGatewayDevice.X"))
misreads(96, "ParameterKey is overlooked", (b"<Name>InternetGatewayDevice.ManagementServer.ParameterKey", b"<Name>X.Y"))

# Transfers and other methods.


@fault(100, "A repeated TransferComplete gets a fault")
class OnlyOnce(Innocent):
    count = 0

    def request(self, request):
        self.count += b"<cwmp:TransferComplete>" in request.body
        return answer(INVALID_ARGUMENTS) if self.count > 1 and b"<cwmp:TransferComplete>" in request.body else None


answers(97, "TransferComplete is answered but not recorded", b"<cwmp:TransferComplete>",
        "<cwmp:TransferCompleteResponse/>")
misreads(98, "A failed transfer is taken for a success", (rb"<FaultCode>9\d\d\d", b"<FaultCode>0"))
answers(99, "A TransferComplete that it does not know gets a fault", b"<cwmp:TransferComplete>", INVALID_ARGUMENTS)
misreads(101, "Status 1 is taken for 0", (b"<Status>1</Status>", b"<Status>0</Status>"))
answers(102, "An unknown time gets a fault", b"TransferComplete>.*<CompleteTime>0001-01-01T", INVALID_ARGUMENTS)
answers(103, "AutonomousDUStateChangeComplete is not known", b"<cwmp:AutonomousDUStateChangeComplete>",
        envelope.fault(8000, "Method not supported"))
says(104, "GetRPCMethods leaves TransferComplete out", (b"<string>TransferComplete</string>", b""))
answers(105, "RequestDownload is answered, and nothing follows", b"<cwmp:RequestDownload>",
        "<cwmp:RequestDownloadResponse/>")
says(106, "KickedResponse without NextURL", (rb"<NextURL>[^<]*</NextURL>|<NextURL/>", b""))
says(107, "Download with its arguments in another order", (b"(<FileType>.*</FileType>)(<URL>.*</URL>)", rb"\2\1"))
says(107, "Download with a long CommandKey", (b"<CommandKey>", b"<CommandKey>" + b"k" * 32))
says(107, "Download with a user name in its URL", (b"<URL>http://", b"<URL>http://user@"))
says(108, "FileType is made upper case", (b"X 00A0C9 Something", b"X 00A0C9 SOMETHING"))

# What is learned from faults.

misreads(117, "A refused SetParameterValues is taken for a success",
         (b"<soap:Fault>.*</soap:Fault>", envelope.status_response("SetParameterValues").encode()))
misreads(118, "A batch that is refused counts as read",
         (b"<soap:Fault>.*</soap:Fault>", envelope.values_response({}).encode()))
misreads(119, "9000 is taken for a fault that passes", (b"<FaultCode>9000", b"<FaultCode>9002"))
