"""What a device writes badly is read, stored as it was meant, and told in the log and in /metrics."""

import re

import envelope
from steps import stored_value

VERSION = "InternetGatewayDevice.DeviceInfo.SoftwareVersion"


def repairs_counted(acs):
    text = acs.api.get("/metrics").body.decode()
    return {word: int(count) for word, count in re.findall(r'acs_repairs_total\{repair="(\w+)"\} (\d+)', text)}


def turn_line(acs, device_id):
    lines = [line for line in acs.output.splitlines() if "event=turn" in line and device_id in line]
    return lines[-1]


def inform(device, spoil, headers=None, parameters=None):
    body = envelope.inform(device.identity, ("2 PERIODIC",), parameters or {VERSION: "one"})
    return device.post(spoil(device.wrap(body)), headers)


def test_a_sound_message_is_told_of_nothing(acs, device):
    assert inform(device, lambda data: data).status == 200
    assert 'repairs=""' in turn_line(acs, device.id)
    assert repairs_counted(acs) == {}


def test_repairs_are_told_in_the_log_and_counted(acs, device, database):
    reply = inform(device, lambda data: data.replace(b">one<", b">one & two\x02<")
                   .replace(b"ParameterValueStruct>", b"item>"))
    assert reply.status == 200
    assert re.search(r'repairs="?controls,ampersands,items', turn_line(acs, device.id))
    assert repairs_counted(acs) == {"controls": 1, "ampersands": 1, "items": 1}
    assert stored_value(database, device.id, VERSION) == "one & two\ufffd"


def test_the_charset_of_the_content_type_is_heeded(acs, device, database):
    reply = inform(device, lambda data: data.replace(b' encoding="UTF-8"', b"").replace(b">one<", b">gr\xfc\xdf<"),
                   {"Content-Type": 'text/xml; charset="ISO-8859-1"'})
    assert reply.status == 200
    assert stored_value(database, device.id, VERSION) == "gr\u00fc\u00df"
    assert repairs_counted(acs) == {}


def test_multi_reference_values_are_read(acs, device, database):
    reply = inform(device, lambda data: data.replace(b">one</Value>", b' href="#v"/>')
                   .replace(b"<Value xsi:type=\"xsd:string\" href", b"<Value href")
                   .replace(b"</cwmp:Inform>", b'</cwmp:Inform><multiRef id="v" xsi:type="xsd:string">two</multiRef>'))
    assert reply.status == 200, reply
    assert stored_value(database, device.id, VERSION) == "two"
    assert repairs_counted(acs) == {"references": 1}


def test_an_unknown_version_is_answered_in_its_own_namespace(acs, device):
    device.is_collected = False
    reply = inform(device, lambda data: data.replace(b"cwmp-1-0", b"cwmp-2-7"))
    assert reply.status == 200
    assert b"urn:dslforum-org:cwmp-2-7" in reply.body
    assert b"cwmp-1-" not in reply.body
