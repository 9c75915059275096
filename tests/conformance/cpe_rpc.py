"""cpe_rpc: what the scripted ACS says, as XML, and what it hears, taken apart."""

from xml.sax.saxutils import escape

import envelope
from envelope import array, values_xml

FIRMWARE, CONFIGURATION = "1 Firmware Upgrade Image", "3 Vendor Configuration File"
UPLOADED_CONFIGURATION = "1 Vendor Configuration File"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def request(method, **arguments):
    """A request whose arguments stand in the order given: text, or XML when it is a list of texts."""
    content = "".join(
        f"<{name}{array(*value)}</{name}>" if isinstance(value, tuple) else f"<{name}>{escape(str(value))}</{name}>"
        for name, value in arguments.items())
    return f"<cwmp:{method}>{content}</cwmp:{method}>"


def strings(names):
    return "xsd:string", [f"<string>{escape(name)}</string>" for name in names]


def get_rpc_methods():
    return request("GetRPCMethods")


def get_values(*names):
    return request("GetParameterValues", ParameterNames=strings(names))


def get_names(path, next_level):
    return request("GetParameterNames", ParameterPath=path, NextLevel=int(next_level))


def set_values(*values, key=""):
    """values: (name, value, xsi:type) each."""
    return f"<cwmp:SetParameterValues>{values_xml(values)}<ParameterKey>{key}</ParameterKey></cwmp:SetParameterValues>"


def get_attributes(*names):
    return request("GetParameterAttributes", ParameterNames=strings(names))


def set_notification(name, notification):
    struct = (f"<SetParameterAttributesStruct><Name>{escape(name)}</Name>"
              f"<NotificationChange>1</NotificationChange><Notification>{notification}</Notification>"
              f"<AccessListChange>0</AccessListChange><AccessList{array('xsd:string', [])}</AccessList>"
              "</SetParameterAttributesStruct>")
    return request("SetParameterAttributes", ParameterList=("cwmp:SetParameterAttributesStruct", [struct]))


def add_object(table, key=""):
    return request("AddObject", ObjectName=table, ParameterKey=key)


def delete_object(row, key=""):
    return request("DeleteObject", ObjectName=row, ParameterKey=key)


def reboot(key):
    return request("Reboot", CommandKey=key)


def schedule_inform(seconds, key):
    return request("ScheduleInform", DelaySeconds=seconds, CommandKey=key)


def download(key, url, file_type=CONFIGURATION, delay=0, size=0, username="", password=""):
    return request("Download", CommandKey=key, FileType=file_type, URL=url, Username=username, Password=password,
                   FileSize=size, TargetFileName="", DelaySeconds=delay, SuccessURL="", FailureURL="")


def upload(key, url, file_type=UPLOADED_CONFIGURATION, username="", password="", delay=0):
    return request("Upload", CommandKey=key, FileType=file_type, URL=url, Username=username, Password=password,
                   DelaySeconds=delay)


def hold(value):
    """The header that holds the CPE's own requests back."""
    return f'<cwmp:HoldRequests soap:mustUnderstand="1">{value}</cwmp:HoldRequests>'


class Envelope(envelope.Envelope):
    """With what the CPE's messages carry."""

    @property
    def events(self):
        """{(event code, command key)} of an Inform."""
        return {(e.findtext("EventCode"), e.findtext("CommandKey") or "")
                for e in self.content.findall("Event/EventStruct")}

    @property
    def codes(self):
        return {code for code, _ in self.events}

    @property
    def values(self):
        """{name: value} of an Inform or a GetParameterValuesResponse."""
        return {name: value for name, value, _ in self.parameters}

    @property
    def types(self):
        return {name: type_name for name, _, type_name in self.parameters}

    @property
    def names(self):
        """{name: is writable} of a GetParameterNamesResponse."""
        return {s.findtext("Name"): s.findtext("Writable") in ("1", "true")
                for s in self.content.findall("ParameterList/ParameterInfoStruct")}

    @property
    def notifications(self):
        """{name: notification} of a GetParameterAttributesResponse."""
        return {s.findtext("Name"): int(s.findtext("Notification"))
                for s in self.content.findall("ParameterList/ParameterAttributeStruct")}

    @property
    def parameter_faults(self):
        """{name: code} of the fault that answers SetParameterValues."""
        return {f.findtext("ParameterName"): int(f.findtext("FaultCode"))
                for f in self.content.iter("SetParameterValuesFault")}

    @property
    def retry_count(self):
        return int(self.text("RetryCount"))

    @property
    def root(self):
        """The root object of an Inform, "Device." or "InternetGatewayDevice."."""
        return self.parameters[0][0].partition(".")[0] + "."

    def value(self, relative):
        """Of a parameter of an Inform, by its name below the root object."""
        return self.values.get(self.root + relative)
