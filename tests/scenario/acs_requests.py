"""acs_requests: requests of an ACS played by a test, each as (method, content of its element)."""

import base64

import envelope


def strings(element, *names):
    items = "".join(f"<string>{name}</string>" for name in names)
    return f'<{element} soapenc:arrayType="xsd:string[{len(names)}]">{items}</{element}>'


def download(key, url, file_type="3 Vendor Configuration File", delay=0):
    return ("Download", f"<CommandKey>{key}</CommandKey><FileType>{file_type}</FileType><URL>{url}</URL><Username/>"
            f"<Password/><FileSize>0</FileSize><TargetFileName/><DelaySeconds>{delay}</DelaySeconds><SuccessURL/>"
            "<FailureURL/>")


def upload(key, url, file_type="1 Vendor Configuration File", username="", password="", delay=0):
    return ("Upload", f"<CommandKey>{key}</CommandKey><FileType>{file_type}</FileType><URL>{url}</URL>"
            f"<Username>{username}</Username><Password>{password}</Password><DelaySeconds>{delay}</DelaySeconds>")


def schedule(key, url, *windows, file_type="3 Vendor Configuration File"):
    """windows: (start, end, mode, retries)."""
    structs = [f"<TimeWindowStruct><WindowStart>{a}</WindowStart><WindowEnd>{b}</WindowEnd><WindowMode>{mode}"
               f"</WindowMode><UserMessage/><MaxRetries>{retries}</MaxRetries></TimeWindowStruct>"
               for a, b, mode, retries in windows]
    return ("ScheduleDownload", f"<CommandKey>{key}</CommandKey><FileType>{file_type}</FileType><URL>{url}</URL>"
            "<Username/><Password/><FileSize>0</FileSize><TargetFileName/>"
            f"<TimeWindowList{envelope.array('cwmp:TimeWindowStruct', structs)}</TimeWindowList>")


def cancel(key):
    return ("CancelTransfer", f"<CommandKey>{key}</CommandKey>")


def attributes(*changes):
    """(name, notification or None, access list or None)."""
    structs = [f"<SetParameterAttributesStruct><Name>{name}</Name>"
               f"<NotificationChange>{int(notification is not None)}</NotificationChange>"
               f"<Notification>{notification or 0}</Notification>"
               f"<AccessListChange>{int(access is not None)}</AccessListChange>{strings('AccessList', *(access or []))}"
               "</SetParameterAttributesStruct>" for name, notification, access in changes]
    return ("SetParameterAttributes",
            f"<ParameterList{envelope.array('cwmp:SetParameterAttributesStruct', structs)}</ParameterList>")


def read_attributes(*names):
    return ("GetParameterAttributes", strings("ParameterNames", *names))


def operate(key, *operations):
    """operations: (type, {field: text})."""
    items = "".join(f'<Operations xsi:type="cwmp:{kind}OpStruct">'
                    + "".join(f"<{n}>{v}</{n}>" for n, v in fields.items()) + "</Operations>"
                    for kind, fields in operations)
    return ("ChangeDUState", f"{items}<CommandKey>{key}</CommandKey>")


def voucher(name, mode="EnableWithExpiration"):
    xml = (f"<Signature><Object Id='option0'><Option><VSerialNum>987</VSerialNum><OptionIdent>{name}</OptionIdent>"
           "<StartDate>20251025T12:06:34</StartDate><Duration>2</Duration><DurationUnits>Days</DurationUnits>"
           f"<Mode>{mode}</Mode><Transferable>Yes</Transferable></Option></Object></Signature>")
    return base64.b64encode(xml.encode()).decode()


def vouchers(*items):
    content = "".join(f"<base64>{item}</base64>" for item in items)
    return ("SetVouchers", f'<VoucherList soapenc:arrayType="soapenc:base64[{len(items)}]">{content}</VoucherList>')
