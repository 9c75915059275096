"""envelope: CWMP envelopes, written by hand to be sent and taken apart when received.

Independent of the product's codec on purpose: what both halves of that agree on may still be wrong.
"""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CWMP = "urn:dslforum-org:cwmp-"
UNKNOWN_TIME = "0001-01-01T00:00:00Z"

FORCED = {
    "DeviceSummary": "InternetGatewayDevice:1.0[](Baseline:1)",
    "DeviceInfo.SpecVersion": "1.0",
    "DeviceInfo.HardwareVersion": "HW 1",
    "DeviceInfo.SoftwareVersion": "1.0.0",
    "DeviceInfo.ProvisioningCode": "",
    "ManagementServer.ConnectionRequestURL": "http://127.0.0.1:1/none",
    "ManagementServer.ParameterKey": "",
    "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1.ExternalIPAddress": "192.0.2.1",
}


def wrap(body, namespace="1-0", id="1", header=""):
    """An envelope around the XML of a body. id None leaves the ID header out."""
    id_header = f'<cwmp:ID soap:mustUnderstand="1">{escape(id)}</cwmp:ID>' if id is not None else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{SOAP}"'
        ' xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:cwmp="{CWMP}{namespace}">'
        f"<soap:Header>{id_header}{header}</soap:Header>"
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def array(kind, items):
    """The attribute and the content of a SOAP array of items, each an XML text."""
    return f' soapenc:arrayType="{kind}[{len(items)}]">' + "".join(items)


def value_struct(name, value, type="xsd:string"):
    return (
        f"<ParameterValueStruct><Name>{escape(name)}</Name>"
        f'<Value xsi:type="{type}">{escape(str(value))}</Value></ParameterValueStruct>'
    )


def values_xml(values):
    """values: a dictionary, or a list of (name, value, type)."""
    triples = [(n, v, "xsd:string") for n, v in values.items()] if isinstance(values, dict) else values
    structs = [value_struct(*triple) for triple in triples]
    return f"<ParameterList{array('cwmp:ParameterValueStruct', structs)}</ParameterList>"


def inform(identity, events=("2 PERIODIC",), parameters=None, root="InternetGatewayDevice.",
           retry_count=0, current_time="2024-01-01T00:00:00Z"):
    """The body of an Inform. events are codes or (code, command key)."""
    pairs = [e if isinstance(e, tuple) else (e, "") for e in events]
    structs = [
        f"<EventStruct><EventCode>{escape(code)}</EventCode>"
        f"<CommandKey>{escape(key)}</CommandKey></EventStruct>"
        for code, key in pairs
    ]
    if parameters is None:
        parameters = {root + name: value for name, value in FORCED.items()}
    manufacturer, oui, product_class, serial = (escape(part) for part in identity)
    return (
        "<cwmp:Inform><DeviceId>"
        f"<Manufacturer>{manufacturer}</Manufacturer><OUI>{oui}</OUI>"
        f"<ProductClass>{product_class}</ProductClass><SerialNumber>{serial}</SerialNumber></DeviceId>"
        f"<Event{array('cwmp:EventStruct', structs)}</Event>"
        f"<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>{current_time}</CurrentTime>"
        f"<RetryCount>{retry_count}</RetryCount>{values_xml(parameters)}</cwmp:Inform>"
    )


def transfer_complete(command_key, code=0, text="", start=UNKNOWN_TIME, complete=UNKNOWN_TIME):
    return (
        f"<cwmp:TransferComplete><CommandKey>{escape(command_key)}</CommandKey>"
        f"<FaultStruct><FaultCode>{code}</FaultCode><FaultString>{escape(text)}</FaultString></FaultStruct>"
        f"<StartTime>{start}</StartTime><CompleteTime>{complete}</CompleteTime></cwmp:TransferComplete>"
    )


def values_response(values):
    return f"<cwmp:GetParameterValuesResponse>{values_xml(values)}</cwmp:GetParameterValuesResponse>"


def names_response(names):
    """names: {name: writable}."""
    structs = [
        f"<ParameterInfoStruct><Name>{escape(name)}</Name>"
        f"<Writable>{int(writable)}</Writable></ParameterInfoStruct>"
        for name, writable in names.items()
    ]
    return (
        "<cwmp:GetParameterNamesResponse>"
        f"<ParameterList{array('cwmp:ParameterInfoStruct', structs)}</ParameterList>"
        "</cwmp:GetParameterNamesResponse>"
    )


def methods_response(methods):
    items = [f"<string>{method}</string>" for method in methods]
    return (
        f"<cwmp:GetRPCMethodsResponse><MethodList{array('xsd:string', items)}</MethodList>"
        "</cwmp:GetRPCMethodsResponse>"
    )


def status_response(method, status=0):
    """Of SetParameterValues and DeleteObject."""
    return f"<cwmp:{method}Response><Status>{status}</Status></cwmp:{method}Response>"


def add_object_response(instance, status=0):
    return (
        f"<cwmp:AddObjectResponse><InstanceNumber>{instance}</InstanceNumber>"
        f"<Status>{status}</Status></cwmp:AddObjectResponse>"
    )


def download_response(status=1, start=UNKNOWN_TIME, complete=UNKNOWN_TIME):
    return (
        f"<cwmp:DownloadResponse><Status>{status}</Status><StartTime>{start}</StartTime>"
        f"<CompleteTime>{complete}</CompleteTime></cwmp:DownloadResponse>"
    )


def empty_response(method):
    """Of Reboot and FactoryReset."""
    return f"<cwmp:{method}Response/>"


def fault(code, text="", parameters=()):
    """parameters: (name, code, text) of a SetParameterValuesFault each."""
    details = "".join(
        f"<SetParameterValuesFault><ParameterName>{escape(n)}</ParameterName><FaultCode>{c}</FaultCode>"
        f"<FaultString>{escape(t)}</FaultString></SetParameterValuesFault>"
        for n, c, t in parameters
    )
    return (
        "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"
        f"<FaultCode>{code}</FaultCode><FaultString>{escape(text)}</FaultString>{details}"
        "</cwmp:Fault></detail></soap:Fault>"
    )


def local_name(element):
    return element.tag.rpartition("}")[2]


class Envelope:
    """A received envelope: `method` ("InformResponse", "Fault"), `namespace` ("1-0"), `id`, `content`."""

    def __init__(self, data):
        self.data = data
        root = ET.fromstring(data)
        if root.tag != f"{{{SOAP}}}Envelope":
            raise ValueError(f"not a SOAP 1.1 envelope: {root.tag}")
        self.header = root.find(f"{{{SOAP}}}Header")
        (self.content,) = root.find(f"{{{SOAP}}}Body")
        self.method = local_name(self.content)
        self.is_fault = self.content.tag == f"{{{SOAP}}}Fault"
        self.namespace = self._namespace(root)

    def _namespace(self, root):
        for element in root.iter():
            if element.tag.startswith(f"{{{CWMP}}}"[:-1]):
                return element.tag[1:].split("}")[0].removeprefix(CWMP)
        raise ValueError("no CWMP namespace")

    @property
    def id_element(self):
        if self.header is None:
            return None
        return self.header.find(f"{{{CWMP}{self.namespace}}}ID")

    @property
    def id(self):
        element = self.id_element
        return None if element is None else element.text or ""

    def text(self, path):
        """The text of an element below the method's, None when it is not there."""
        element = self.content.find(path)
        return None if element is None else element.text or ""

    def texts(self, path):
        return [element.text or "" for element in self.content.findall(path)]

    @property
    def fault_code(self):
        return int(self.text(f"detail/{{{CWMP}{self.namespace}}}Fault/FaultCode"))

    @property
    def parameters(self):
        """[(name, value, xsi:type)] of a ParameterList."""
        xsi = "{http://www.w3.org/2001/XMLSchema-instance}type"
        return [
            (s.findtext("Name"), s.findtext("Value") or "", s.find("Value").get(xsi))
            for s in self.content.findall("ParameterList/ParameterValueStruct")
        ]

    def __repr__(self):
        return f"<{self.method} {self.namespace} id={self.id!r}>"
