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


def upload_response(status=1):
    return download_response(status).replace("DownloadResponse", "UploadResponse")


def attributes_response(attributes):
    """attributes: {name: (notification, [entities])}."""
    structs = [
        f"<ParameterAttributeStruct><Name>{escape(name)}</Name><Notification>{notification}</Notification>"
        f"<AccessList{array('xsd:string', [f'<string>{escape(e)}</string>' for e in entities])}</AccessList>"
        "</ParameterAttributeStruct>"
        for name, (notification, entities) in attributes.items()
    ]
    return (
        "<cwmp:GetParameterAttributesResponse>"
        f"<ParameterList{array('cwmp:ParameterAttributeStruct', structs)}</ParameterList>"
        "</cwmp:GetParameterAttributesResponse>"
    )


def queued_response(transfers):
    """transfers: (command key, state)."""
    structs = [
        f"<QueuedTransferStruct><CommandKey>{escape(key)}</CommandKey><State>{state}</State></QueuedTransferStruct>"
        for key, state in transfers
    ]
    return (
        "<cwmp:GetQueuedTransfersResponse>"
        f"<TransferList{array('cwmp:QueuedTransferStruct', structs)}</TransferList>"
        "</cwmp:GetQueuedTransfersResponse>"
    )


def all_queued_response(transfers):
    """transfers: (command key, state, is download, file type, size, target file name)."""
    structs = [
        f"<AllQueuedTransferStruct><CommandKey>{escape(key)}</CommandKey><State>{state}</State>"
        f"<IsDownload>{int(is_download)}</IsDownload><FileType>{escape(file_type)}</FileType>"
        f"<FileSize>{size}</FileSize><TargetFileName>{escape(target)}</TargetFileName></AllQueuedTransferStruct>"
        for key, state, is_download, file_type, size, target in transfers
    ]
    return (
        "<cwmp:GetAllQueuedTransfersResponse>"
        f"<TransferList{array('cwmp:AllQueuedTransferStruct', structs)}</TransferList>"
        "</cwmp:GetAllQueuedTransfersResponse>"
    )


def options_response(name, serial_number=1):
    option = (
        f"<OptionStruct><OptionName>{escape(name)}</OptionName><VoucherSN>{serial_number}</VoucherSN>"
        "<State>1</State><Mode>2</Mode><StartDate>2026-01-01T00:00:00Z</StartDate>"
        "<IsTransferable>1</IsTransferable></OptionStruct>"
    )
    return (
        f"<cwmp:GetOptionsResponse><OptionList{array('cwmp:OptionStruct', [option])}</OptionList>"
        "</cwmp:GetOptionsResponse>"
    )


def du_result(uuid="", ref="", version="1.0", state="Installed", code=0, text="", operation=None):
    """One of the Results of (Autonomous)DUStateChangeComplete; the latter names the operation."""
    return (
        f"<UUID>{uuid}</UUID><DeploymentUnitRef>{escape(ref)}</DeploymentUnitRef><Version>{version}</Version>"
        f"<CurrentState>{state}</CurrentState><Resolved>1</Resolved><ExecutionUnitRefList/>"
        f"<StartTime>{UNKNOWN_TIME}</StartTime><CompleteTime>{UNKNOWN_TIME}</CompleteTime>"
        f"<Fault><FaultCode>{code}</FaultCode><FaultString>{escape(text)}</FaultString></Fault>"
        + (f"<OperationPerformed>{operation}</OperationPerformed>" if operation else "")
    )


def du_state_change_complete(command_key, results):
    """Its lists are repeated elements, no arrays."""
    structs = "".join(f"<Results>{result}</Results>" for result in results)
    return (
        f"<cwmp:DUStateChangeComplete>{structs}"
        f"<CommandKey>{escape(command_key)}</CommandKey></cwmp:DUStateChangeComplete>"
    )


def autonomous_du_state_change_complete(results):
    structs = "".join(f"<Results>{result}</Results>" for result in results)
    return f"<cwmp:AutonomousDUStateChangeComplete>{structs}</cwmp:AutonomousDUStateChangeComplete>"


def autonomous_transfer_complete(url, file_type="1 Firmware Upgrade Image", code=0, text=""):
    return (
        f"<cwmp:AutonomousTransferComplete><AnnounceURL/><TransferURL>{escape(url)}</TransferURL>"
        f"<IsDownload>1</IsDownload><FileType>{escape(file_type)}</FileType><FileSize>17</FileSize>"
        f"<TargetFileName/><FaultStruct><FaultCode>{code}</FaultCode><FaultString>{escape(text)}</FaultString>"
        f"</FaultStruct><StartTime>{UNKNOWN_TIME}</StartTime><CompleteTime>{UNKNOWN_TIME}</CompleteTime>"
        "</cwmp:AutonomousTransferComplete>"
    )


def request_download(file_type, arguments=()):
    """arguments: (name, value)."""
    structs = [f"<ArgStruct><Name>{escape(n)}</Name><Value>{escape(v)}</Value></ArgStruct>" for n, v in arguments]
    return (
        f"<cwmp:RequestDownload><FileType>{escape(file_type)}</FileType>"
        f"<FileTypeArg{array('cwmp:ArgStruct', structs)}</FileTypeArg></cwmp:RequestDownload>"
    )


def kicked(next_url):
    return (
        "<cwmp:Kicked><Command>c</Command><Referer>r</Referer><Arg>a</Arg>"
        f"<Next>{escape(next_url)}</Next></cwmp:Kicked>"
    )


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
        return ""  # a fault of SOAP itself

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
