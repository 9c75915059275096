"""CWMP-051 … 074: SOAP 1.1 and CWMP's namespaces, headers, arrays and values, in and out (TR-069 3.5)."""

import io
import re
import xml.etree.ElementTree as ET

import envelope
from acs_steps import CODE, ROOT, assert_informed, assert_refused, values_of
from envelope import CWMP, SOAP
from items import item

SOAPENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSD, XSI = "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/2001/XMLSchema-instance"
MUST_UNDERSTAND = f"{{{SOAP}}}mustUnderstand"

# A task of every kind whose request carries more than plain texts, and what a device answers.
TASKS = {
    "GetParameterValues": ({"names": [ROOT + "A", ROOT + "B", ROOT + "C."]}, values_of),
    "GetParameterNames": ({"path": ROOT, "next_level": True}, envelope.names_response({})),
    "SetParameterValues": ({"parameters": [{"name": ROOT + "A", "value": "1", "type": "xsd:string"},
                                           {"name": ROOT + "B", "value": True, "type": "xsd:boolean"}]},
                           envelope.status_response("SetParameterValues")),
    "AddObject": ({"object": ROOT + "X."}, envelope.add_object_response(1)),
    "Download": ({"file_type": "1 Firmware Upgrade Image", "url": "http://127.0.0.1:1/f"},
                 envelope.download_response(1)),
}


def requests_of_tasks(acs, **options):
    """The requests that a device is sent for one task of each kind."""
    device = acs.known_device(**options)
    for method, (arguments, _) in TASKS.items():
        acs.operator.queue(device, method, **arguments)
    found = device.run_session("2 PERIODIC", answers={method: answer for method, (_, answer) in TASKS.items()})
    assert [request.method for request in found] == list(TASKS)
    return found


def qualified(request, name):
    """A QName in the content of a message as "{uri}local"."""
    prefixes = dict(pair for _, pair in ET.iterparse(io.BytesIO(request.data), ["start-ns"]))
    prefix, _, local = name.rpartition(":")
    return f"{{{prefixes[prefix]}}}{local}"


def inform_with(device, parameter_list):
    """An Inform whose ParameterList is the XML given."""
    body = re.sub("<ParameterList.*</ParameterList>", lambda _: parameter_list,
                  envelope.inform(device.identity), flags=re.DOTALL)
    return device.post(device.wrap(body))


@item(51, "Other prefixes than soap and cwmp, default namespaces: parsed")
def cwmp_051(acs):
    renamed = ((b"soap:", b"SOAP-ENV:"), (b":soap=", b":SOAP-ENV="), (b"cwmp:", b"x:"), (b":cwmp=", b":x="))
    default = ((b"soap:", b""), (b"xmlns:soap=", b"xmlns="), (b"<DeviceId>", b'<DeviceId xmlns="">'),
               (b"<Event ", b'<Event xmlns="" '), (b"<MaxEnvelopes>", b'<MaxEnvelopes xmlns="">'),
               (b"<CurrentTime>", b'<CurrentTime xmlns="">'), (b"<RetryCount>", b'<RetryCount xmlns="">'),
               (b"<ParameterList ", b'<ParameterList xmlns="" '), (b" mustUnderstand", b" s:mustUnderstand"),
               (b"xmlns:cwmp=", b'xmlns:s="%s" xmlns:cwmp=' % SOAP.encode()))
    for changes in (renamed, default):
        device = acs.device()
        body = device.wrap(envelope.inform(device.identity), id="mine")
        for old, new in changes:
            body = body.replace(old, new)
        reply = device.post(body)
        assert_informed(reply, body)
        assert reply.envelope.id == "mine" and device.empty().status == 204


def check_namespace(acs, namespace, *allowed):
    device = acs.tempted_device(namespace=namespace)
    device.cookies = {}
    replies = [device.inform("2 PERIODIC"), device.send("<cwmp:GetRPCMethods/>"), device.empty()]
    for reply in replies:
        assert reply.status == 204 or reply.envelope.namespace in allowed, reply
    assert replies[1].method == "GetRPCMethodsResponse"


@item(52, "Replies are in the namespace of the Inform: cwmp-1-0")
def cwmp_052(acs):
    check_namespace(acs, "1-0", "1-0")


@item(53, "Replies are in the namespace of the Inform: cwmp-1-1")
def cwmp_053(acs):
    check_namespace(acs, "1-1", "1-1")


@item(54, "Replies are in the namespace of the Inform: cwmp-1-2")
def cwmp_054(acs):
    check_namespace(acs, "1-2", "1-2")


@item(55, "Namespaces cwmp-1-3 and cwmp-1-4: answered, in the same URI or in 1-2", unconfirmed=True)
def cwmp_055(acs):
    for namespace in ("1-3", "1-4"):
        check_namespace(acs, namespace, namespace, "1-2")


def inform_of_versions(acs, header=""):
    reply = acs.device(namespace="1-2").inform("2 PERIODIC", header=header)
    if reply.method != "InformResponse":
        return reply, None
    return reply, reply.envelope.header.find(f"{{{CWMP}1-2}}UseCWMPVersion")


@item(56, "SupportedCWMPVersions 1.0,1.4: UseCWMPVersion from the list, mustUnderstand 1")
def cwmp_056(acs):
    for versions in ("1.0,1.4", "1.0, 1.1 ,1.2", "1.0"):
        _, used = inform_of_versions(acs, f"<cwmp:SupportedCWMPVersions>{versions}</cwmp:SupportedCWMPVersions>")
        assert used is not None and used.get(MUST_UNDERSTAND) == "1"
        assert used.text in versions.replace(" ", "").split(","), used.text


@item(57, "No SupportedCWMPVersions: no UseCWMPVersion")
def cwmp_057(acs):
    for header in ("", '<cwmp:SessionTimeout>60</cwmp:SessionTimeout>'):
        reply, used = inform_of_versions(acs, header)
        assert_informed(reply)
        assert used is None


@item(58, "SupportedCWMPVersions 9.9 only: fault 8006")
def cwmp_058(acs):
    reply, _ = inform_of_versions(acs, "<cwmp:SupportedCWMPVersions>9.9</cwmp:SupportedCWMPVersions>")
    assert reply.status == 200 and reply.method == "Fault" and reply.envelope.fault_code == 8006, reply


@item(59, "ID echoed exactly: empty, with spaces, with &amp;, of 64 characters")
def cwmp_059(acs):
    device = acs.device()
    for request_id in ("", "a b  c", "a&b<c>\"d'", "i" * 64, "0", "äöü 中"):
        assert device.inform("2 PERIODIC", id=request_id).envelope.id == request_id
        assert device.send("<cwmp:GetRPCMethods/>", id=request_id).envelope.id == request_id
        assert device.send("<cwmp:X_ACME_Foo/>", id=request_id).envelope.id == request_id
        device.empty()


@item(60, "Request without ID or without Header: answered without error")
def cwmp_060(acs):
    device = acs.device()
    assert_informed(device.inform("2 PERIODIC", id=None))
    body = device.wrap("<cwmp:GetRPCMethods/>", id=None).replace(b"<soap:Header></soap:Header>", b"")
    assert device.post(body).method == "GetRPCMethodsResponse"
    assert device.empty().status == 204


@item(61, "IDs of the ACS's requests are unique in the session, with mustUnderstand 1")
def cwmp_061(acs):
    requests = requests_of_tasks(acs)
    assert all(request.id for request in requests)
    assert len({request.id for request in requests}) == len(requests)
    assert all(request.id_element.get(MUST_UNDERSTAND) == "1" for request in requests)


@item(62, "Inner elements of the ACS's requests are unqualified, the RPC element is qualified")
def cwmp_062(acs):
    for request in requests_of_tasks(acs):
        assert request.content.tag.startswith(f"{{{CWMP}1-0}}"), request.content.tag
        inner = [element.tag for element in request.content.iter() if element is not request.content]
        assert not [tag for tag in inner if tag.startswith("{")], inner


@item(63, "Arrays in the ACS's requests carry the right arrayType and count")
def cwmp_063(acs):
    requests = {request.method: request for request in requests_of_tasks(acs)}
    for method, array, kind, member in (
            ("GetParameterValues", "ParameterNames", f"{{{XSD}}}string", "string"),
            ("SetParameterValues", "ParameterList", f"{{{CWMP}1-0}}ParameterValueStruct", "ParameterValueStruct")):
        element = requests[method].content.find(array)
        name, count = element.get(f"{{{SOAPENC}}}arrayType").rstrip("]").split("[")
        assert qualified(requests[method], name) == kind
        assert int(count) == len(element) == len(element.findall(member))


@item(64, "Value in SetParameterValues has an xsi:type of the 2001 schema namespace")
def cwmp_064(acs):
    request = next(r for r in requests_of_tasks(acs) if r.method == "SetParameterValues")
    kinds = [qualified(request, kind) for _, _, kind in request.parameters]
    assert kinds == [f"{{{XSD}}}string", f"{{{XSD}}}boolean"], kinds


@item(65, "arrayType with a wrong count or [0008]: members are counted")
def cwmp_065(acs):
    structs = "".join(envelope.value_struct(f"{ROOT}X_{n}", n) for n in range(8))
    for declared in ("[0008]", "[2]", "[99]", "[]", "[0]"):
        device = acs.device()
        assert_informed(inform_with(device, f'<ParameterList soapenc:arrayType="cwmp:ParameterValueStruct{declared}">'
                                            f"{structs}</ParameterList>"), declared)
        stored = acs.operator.parameters(device)
        assert all(stored[f"{ROOT}X_{n}"]["value"] == str(n) for n in range(8)), (declared, stored)


@item(66, "Value without xsi:type, of an unknown type, or missing: the session goes on")
def cwmp_066(acs):
    device = acs.known_device()
    odd = ("<ParameterValueStruct><Name>%s</Name><Value>untyped</Value></ParameterValueStruct>"
           '<ParameterValueStruct><Name>%s</Name><Value xsi:type="xsd:json">{}</Value></ParameterValueStruct>'
           "<ParameterValueStruct><Name>%s</Name></ParameterValueStruct>") % (ROOT + "A", ROOT + "B", ROOT + "C")
    parameter_list = f'<ParameterList soapenc:arrayType="cwmp:ParameterValueStruct[3]">{odd}</ParameterList>'
    task = acs.operator.queue(device, "GetParameterValues", names=[ROOT + "A"])
    device.cookies = {}
    assert_informed(inform_with(device, parameter_list))
    response = f"<cwmp:GetParameterValuesResponse>{parameter_list}</cwmp:GetParameterValuesResponse>"
    assert device.answer(device.empty(), response).status == 204
    assert acs.operator.task(task)["state"] == "done"


@item(67, "Value with &lt; &amp; &#10; &#x4E2D; and CDATA: stored decoded")
def cwmp_067(acs):
    device = acs.device()
    value = "&lt;&amp;&#10;&#x4E2D;<![CDATA[<b>&amp;</b>]]>"
    struct = (f"<ParameterValueStruct><Name>{CODE}</Name>"
              f'<Value xsi:type="xsd:string">{value}</Value></ParameterValueStruct>')
    assert_informed(inform_with(
        device, f'<ParameterList soapenc:arrayType="cwmp:ParameterValueStruct[1]">{struct}</ParameterList>'))
    assert acs.operator.parameters(device)[CODE]["value"] == "<&\n中<b>&amp;</b>"


@item(68, "The ACS escapes & < > in parameters that it sets; the round trip is identical")
def cwmp_068(acs):
    device = acs.known_device()
    value = "a<b>&c;]]>\"d\" 'e' &amp; 中"
    task = acs.operator.queue(device, "SetParameterValues",
                              parameters=[{"name": CODE, "value": value, "type": "xsd:string"}])
    request, = device.run_session("2 PERIODIC", answers={
        "SetParameterValues": envelope.status_response("SetParameterValues")})
    assert request.parameters[0][:2] == (CODE, value), request.parameters
    assert acs.operator.task(task)["state"] == "done"
    device.run_session("4 VALUE CHANGE", parameters={CODE: request.parameters[0][1]})
    assert acs.operator.parameters(device)[CODE]["value"] == value


@item(69, "Control character U+0002 in a value: no crash, the session is answered")
def cwmp_069(acs):
    for value in (b"a\x02b", b"a&#2;b"):
        device = acs.device()
        body = device.wrap(envelope.inform(device.identity, parameters={CODE: "MARK"})).replace(b"MARK", value)
        assert_informed(device.post(body), value)
        assert device.empty().status == 204


@item(70, "Malformed XML: 400, the session closed, the server healthy")
def cwmp_070(acs):
    device = acs.tempted_device()
    device.cookies = {}
    device.inform("2 PERIODIC")
    reply = device.post(device.wrap("<cwmp:GetRPCMethods>"))
    assert reply.status == 400, reply
    reply = device.empty()
    assert b"Envelope" not in reply.body, reply
    assert_informed(acs.twin(device).inform("2 PERIODIC"))


@item(71, "DOCTYPE and entity expansion: refused")
def cwmp_071(acs):
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    for doctype in (laughs, "<!DOCTYPE soap>", '<!DOCTYPE x SYSTEM "file:///etc/passwd">'):
        device = acs.device()
        declaration, _, rest = device.wrap(envelope.inform(device.identity)).partition(b"?>")
        assert_refused(device.post(declaration + b"?>" + doctype.encode() + rest))


@item(72, "Two RPC elements in Body: refused, and neither is executed")
def cwmp_072(acs):
    one, two = acs.device(), acs.device()
    for device in (one, two):
        device.identity = ("Halved", *device.identity[1:])
    assert_refused(one.post(one.wrap(envelope.inform(one.identity) + envelope.inform(two.identity))))
    for device in (one, two):
        assert (acs.operator.device(device) or {}).get("manufacturer") != "Halved"


@item(73, "SOAP 1.2 envelope: refused")
def cwmp_073(acs):
    device = acs.device()
    body = device.wrap(envelope.inform(device.identity))
    assert_refused(device.post(body.replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope")))


@item(74, "Unknown element and attribute inside Inform: ignored")
def cwmp_074(acs):
    device = acs.device()
    body = envelope.inform(device.identity)
    for old, new in (("<DeviceId>", '<X_Extra a="1"><Deep>text</Deep></X_Extra><DeviceId x="y">'),
                     ("<SerialNumber>", "<Colour>red</Colour><SerialNumber>"),
                     ("</cwmp:Inform>", "<Later/></cwmp:Inform>")):
        assert old in body
        body = body.replace(old, new)
    assert_informed(device.post(device.wrap(body)))
    assert device.empty().status == 204
