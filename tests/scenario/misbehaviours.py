"""misbehaviours: what devices do wrong, as modes of the agent, and what must come of it.

Each case names the modes to switch on and the outcome. Outcomes are functions of test_misbehaviour.py by name:
  served    the session ends well, every task is done, what is stored is right
  faulted   the session ends well, the named task fails with a clear fault, the others are done
  recovered the session breaks; nothing is lost, and the next one without the mode does all of it (or tells the fault)
  retried   the task waits for another time
  unsettled the transfer stays open
  refused   the device does not get in, and its tasks wait untouched
"""

IGD = "InternetGatewayDevice."
SSID = IGD + "LANDevice.1.WLANConfiguration.1.SSID"
ENABLE = IGD + "LANDevice.1.WLANConfiguration.1.Enable"
PROVISIONING = IGD + "DeviceInfo.ProvisioningCode"
VERSION = IGD + "DeviceInfo.SoftwareVersion"
LOG = IGD + "DeviceInfo.DeviceLog"
HOST = IGD + "LANDevice.1.Hosts.Host.1.HostName"
FIRST_USE = IGD + "DeviceInfo.FirstUseDate"
INTERVAL = IGD + "ManagementServer.PeriodicInformInterval"

MODEL = """Parameter,Object,Writable,Value,Value type
DeviceID.Manufacturer,false,false,Société Générale,xsd:string
DeviceID.OUI,false,false,00D09E,xsd:string
DeviceID.ProductClass,false,false,Test,xsd:string
DeviceID.SerialNumber,false,false,0,xsd:string
InternetGatewayDevice,true,false,,
InternetGatewayDevice.DeviceSummary,false,false,InternetGatewayDevice:1.0[](Baseline:1),xsd:string
InternetGatewayDevice.DeviceInfo,true,false,,
InternetGatewayDevice.DeviceInfo.DeviceLog,false,false,,xsd:string
InternetGatewayDevice.DeviceInfo.FirstUseDate,false,false,0001-01-01T00:00:00Z,xsd:dateTime
InternetGatewayDevice.DeviceInfo.HardwareVersion,false,false,HW 1,xsd:string
InternetGatewayDevice.DeviceInfo.ProvisioningCode,false,true,Zone & été,xsd:string
InternetGatewayDevice.DeviceInfo.SoftwareVersion,false,false,1.0.0,xsd:string
InternetGatewayDevice.DeviceInfo.SpecVersion,false,false,1.0,xsd:string
InternetGatewayDevice.DeviceInfo.UpTime,false,false,42,xsd:unsignedInt
InternetGatewayDevice.LANDevice,true,false,,
InternetGatewayDevice.LANDevice.1,true,false,,
InternetGatewayDevice.LANDevice.1.Hosts,true,false,,
InternetGatewayDevice.LANDevice.1.Hosts.Host,true,false,,
InternetGatewayDevice.LANDevice.1.Hosts.Host.1,true,false,,
InternetGatewayDevice.LANDevice.1.Hosts.Host.1.Active,false,false,true,xsd:boolean
InternetGatewayDevice.LANDevice.1.Hosts.Host.1.HostName,false,false,printer,xsd:string
InternetGatewayDevice.LANDevice.1.WLANConfiguration,true,false,,
InternetGatewayDevice.LANDevice.1.WLANConfiguration.1,true,false,,
InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.Enable,false,true,true,xsd:boolean
InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID,false,true,old name,xsd:string
InternetGatewayDevice.ManagementServer,true,false,,
InternetGatewayDevice.ManagementServer.ConnectionRequestPassword,false,true,,xsd:string
InternetGatewayDevice.ManagementServer.ConnectionRequestURL,false,false,,xsd:string
InternetGatewayDevice.ManagementServer.ConnectionRequestUsername,false,true,,xsd:string
InternetGatewayDevice.ManagementServer.ParameterKey,false,false,,xsd:string
InternetGatewayDevice.ManagementServer.Password,false,true,,xsd:string
InternetGatewayDevice.ManagementServer.PeriodicInformEnable,false,true,false,xsd:boolean
InternetGatewayDevice.ManagementServer.PeriodicInformInterval,false,true,3600,xsd:unsignedInt
InternetGatewayDevice.ManagementServer.URL,false,true,,xsd:string
InternetGatewayDevice.ManagementServer.Username,false,true,,xsd:string
"""

# What is stored once the tasks below are done.
STORED = {VERSION: "1.0.0", LOG: "", FIRST_USE: "0001-01-01T00:00:00Z", PROVISIONING: "Zone & été", HOST: "printer",
          INTERVAL: "3600", SSID: "new name"}

# Those whose blanks are their own: strings.
TEXTS = {name: STORED[name] for name in (VERSION, PROVISIONING, HOST, SSID)}

TASKS = [
    ("Refresh", {}),
    ("SetParameterValues", {"parameters": [{"name": SSID, "value": "new name"}]}),
    ("GetParameterValues", {"names": [SSID, PROVISIONING]}),
]


class Case:
    """modes is what --misbehave gets; rows say where it was seen: c4 is row 4 of the field evidence in the digest's
    section 10, q19 rule 19 of the quirks, p:AVM a vendor of the table of peers.

    More: tasks to queue instead, `stored` values that differ, the `fault` code, `method` of the task that fails,
    `server` ("digest" or "basic" for one that asks for credentials), `quirk` settings for such devices, options of the agent.
    """

    def __init__(self, modes, rows, outcome="served", **more):
        self.modes, self.rows, self.outcome = modes, rows.split(), outcome
        self.tasks = more.pop("tasks", TASKS)
        self.stored = {**STORED, **more.pop("stored", {})}
        self.fault, self.method = more.pop("fault", None), more.pop("method", None)
        self.server = more.pop("server", "open")
        self.quirk = more.pop("quirk", None)
        self.options = more


DOWNLOAD = [("Download", {"file": "firmware.bin"})]
WRONG_VALUE = [("SetParameterValues", {"parameters": [{"name": ENABLE, "value": "perhaps", "type": "xsd:string"}]})]
UNKNOWN = [("GetParameterValues", {"names": [SSID, IGD + "X_None"]})]
UNKNOWN_ALONE = [("GetParameterValues", {"names": [IGD + "X_None"]})]
TREE = [("GetParameterValues", {"names": [IGD + "DeviceInfo."]})]
SWITCH_OFF = [("SetParameterValues", {"parameters": [{"name": ENABLE, "value": "false", "type": "xsd:boolean"}]})]

CASES = [
    # Frame and spelling of envelopes.
    Case("other-prefixes", "q1"),
    Case("soap-default-namespace", "q1"),
    Case("cwmp-default-namespace", "q1 q5"),
    Case("soap-is-encoding", "q1"),
    Case("undeclared-prefix", "q2", "faulted", tasks=UNKNOWN_ALONE, method="GetParameterValues", fault=9005),
    Case("duplicate-attribute", "q2"),
    Case("no-declaration", "q3"),
    Case("leading-blanks", "q3"),
    Case("byte-order-mark", "q3"),
    Case("single-quotes", "q3"),
    Case("indented", "q9"),
    Case("comments", "q3"),
    Case("cdata", "q3"),
    Case("no-header", "c13 q4"),
    Case("empty-id", "c13 q4 p:femtocell"),
    Case("wrong-id", "c13 q4", "recovered"),
    Case("constant-id", "c13 q4", quirk={"response_id": "ignored"}),
    Case("must-understand-elsewhere", "c13 q4"),
    Case("hold-requests", "q4"),
    Case("no-more-requests", "c29 q4"),
    Case("qualified-children", "q5"),
    Case("empty-namespaces", "q5"),
    Case("encoding-style", "q6"),
    Case("typed-lists", "q6"),
    Case("typed-names", "q6 p:Yeacomm"),
    Case("xsd-1999", "q6"),
    Case("encoding-without-slash", "c14 q6"),
    Case("no-array-type", "q7"),
    Case("padded-array-type", "c8 q7"),
    Case("wrong-array-type", "c8 q7"),
    Case("items", "q7"),
    Case("hrefs", "q7"),
    Case("latin-1", "q3"),
    Case("latin-1-header", "q3"),
    Case("latin-1-undeclared", "c11 q3"),
    Case("namespace=urn:dslforum-org:cwmp-2-7", "c14 c15"),
    Case("changing-namespace", "c15"),
    Case("own-namespace", "c14", cwmp_version="1.4"),
    # Contents.
    Case("lower-case-oui", "c7 q11"),
    Case("extra-device-id", "q11"),
    Case("empty-manufacturer", "p:femtocell"),
    Case("current-time=not a time", "c27 q12"),
    Case("current-time=2011-01-01T00:01:02", "c27 q12"),
    Case("current-time=1970-01-01T00:00:42Z", "c27 q12 p:clock"),
    Case("current-time=2024-02-03T04:05:06.789+02:00", "q12"),
    Case("retry-count=05", "q12"),
    Case("retry-count=1", "c18"),
    Case("retry-count=1400", "p:TP-Link"),
    Case("event-without-code", "q13"),
    Case("event-case", "q13"),
    Case("event-order", "c18 q13"),
    Case("odd-event", "q13"),
    Case("long-command-key", "q13"),
    Case("no-bootstrap", "q13"),
    Case("no-parameter-key", "p:SpeedTouch"),
    Case("null-parameter-key", "c26"),
    Case("dotted-name", "q10 p:Technicolor"),
    Case("duplicate-parameter", "q10"),
    Case("padded-texts", "q10", stored={name: f"\n  {value} \t" for name, value in TEXTS.items()}),
    Case("no-value", "c9 q8 p:SPA122"),
    Case("untyped-values", "c9 q8"),
    Case("string-type=xsd:json", "c10 q8"),
    Case("string-type=xsd:", "p:Audiocodes"),
    Case("string-type=xsd:string(64)", "q6"),
    Case("string-type=SOAP-ENC:string", "q6"),
    Case("signed-int", "p:signedInt"),
    Case("zero-dates", "q12", stored={FIRST_USE: "0000-00-00T00:00:00"}),
    Case("bare-ampersand", "c12 p:HydrogenHA"),
    Case("control-characters", "c11 p:HydrogenHA", stored={SSID: "new name\ufffd", FIRST_USE: "0001-01-01T00:00:00Z\ufffd"}),
    Case("omit-writable", "q12"),
    Case("writable-30", "q12"),
    Case("lower-case-access", "q14", tasks=[*TASKS, ("GetParameterAttributes", {"names": [SSID]})]),
    Case("fault-code=9015", "q14", "retried", tasks=UNKNOWN_ALONE, method="GetParameterValues", fault=9015,
         cwmp_version="1.0"),
    Case("fault-code=9899", "q14", "faulted", tasks=UNKNOWN_ALONE, method="GetParameterValues", fault=9899),
    Case("fault-without-list", "q14", "faulted", tasks=WRONG_VALUE, method="SetParameterValues", fault=9003),
    Case("fault-without-detail", "q14", "faulted", tasks=UNKNOWN_ALONE, method="GetParameterValues"),
    Case("plain-fault", "q5", "faulted", tasks=UNKNOWN_ALONE, method="GetParameterValues", fault=9005),
    # Methods.
    Case("refuse-empty-path", "c1 q22 p:Sagemcom"),
    Case("no-deep-names", "p:Yeacomm", "recovered"),
    Case("bad-level-names", "p:Zhone", "served"),
    Case("full-tree-levels", "q16",
         tasks=[*TASKS, ("GetParameterNames", {"path": IGD + "LANDevice.", "next_level": True})]),
    Case("ghost-name", "c22 p:ZTE"),
    Case(f"unlisted={HOST}", "p:ZTE", tasks=[("GetParameterValues", {"names": [HOST]}), *TASKS],
         quirk={"names_incomplete": True}),
    Case("passing-rows", "c23"),
    Case("read-only-names", "p:read-only"),
    Case("no-objects", "p:objects"),
    Case("names-limit=4", "p:Grandstream"),
    Case("crash-on-names=4", "c20 p:DrayTek", "recovered"),
    Case("gpv-limit=4", "c21 p:Cisco"),
    Case(f"bad-name={HOST}", "c22", stored={HOST: ""}),
    Case("unknown-skipped", "q16", tasks=UNKNOWN),
    Case("unknown-empty", "q16", tasks=UNKNOWN_ALONE),
    Case("unknown-crash", "q16", "recovered", tasks=UNKNOWN, method="GetParameterValues", fault=9005),
    Case("echo-path", "q16", tasks=TREE),
    Case("boolean-digits", "q12 p:TP-Link", tasks=SWITCH_OFF),
    Case("boolean-words", "q12", "faulted", tasks=SWITCH_OFF, method="SetParameterValues", fault=9007),
    Case("boolean-words", "q12", tasks=SWITCH_OFF, quirk={"booleans": "words"}),
    Case("set-status-1", "q16"),
    Case("method-missing=Reboot", "q17", "faulted", tasks=[("Reboot", {}), *TASKS], method="Reboot", fault=9000),
    Case("method-missing=GetRPCMethods", "q17", "faulted", tasks=[("GetRPCMethods", {}), *TASKS],
         method="GetRPCMethods", fault=9000),
    Case("crash-on-method=GetRPCMethods", "q17", "recovered", tasks=[("GetRPCMethods", {}), *TASKS]),
    # Transfers.
    Case("no-transfer-complete", "p:MikroTik", tasks=DOWNLOAD),
    Case("no-transfer-complete,false-transfer-complete", "p:MikroTik", "unsettled", tasks=DOWNLOAD),
    Case("false-transfer-complete", "p:Huawei", tasks=DOWNLOAD),
    Case("false-transfer-complete", "p:Huawei", "unsettled", tasks=DOWNLOAD,
         quirk={"transfer_success": "version"}),
    Case("hang-after-transfer", "p:MikroTik", tasks=DOWNLOAD),
    Case("download-empty-times", "q15", tasks=DOWNLOAD),
    Case("download-without-times", "q15", tasks=DOWNLOAD),
    Case("transfer-without-event", "c17 q15", tasks=DOWNLOAD),
    Case("transfer-empty-key", "c17 q15", tasks=DOWNLOAD),
    Case("transfer-empty-times", "q15", tasks=DOWNLOAD),
    Case("transfer-no-fault-string", "q15", tasks=DOWNLOAD),
    Case("transfer-bare-fault", "q15", tasks=DOWNLOAD),
    Case("no-window=99", "c19", "retried", tasks=DOWNLOAD, method="Download", fault=9017),
    # Sessions.
    Case("late-empty", "p:SpeedTouch"),
    Case("second-inform", "q20"),
    Case("overlapping-inform", "q20"),
    Case("inform-storm=30", "c31 p:TP-Link"),
    Case("hang-after-inform", "p:TP-Link", "recovered"),
    Case("needs-declaration", "c16 q21 p:Huawei"),
    Case("refuses-declaration", "q21", "recovered"),
    Case("refuses-declaration", "q21", quirk={"xml_declaration": False}),
    Case("empty-answer", "c20", "recovered"),
    Case("late-answer", "c20", "recovered"),
    Case("slow-answers=1", "p:EG8145V5", tasks=TREE),
    Case("slow-download=1", "q15", tasks=DOWNLOAD),
    Case("garbage-answers", "c32", "recovered"),
    Case("drop-session=1", "c21", "recovered"),
    Case("drop-request=1", "c21", "recovered"),
    Case("requests-limit=1", "p:DrayTek", "recovered"),
    # HTTP.
    Case("content-type=none", "c6 q19"),
    Case("content-type=text/html", "c6 q19 p:easycwmp"),
    Case('content-type=text/xml; charset="utf-8"', "c6"),
    Case("content-type=text/xml", "q19"),
    Case("soap-action=none", "q19"),
    Case('soap-action=""', "q19"),
    Case("soap-action=urn:dslforum-org:cwmp-1-0#Inform", "q19"),
    Case("typed-empty-post", "q19"),
    Case("expect-continue", "c5 q19 p:easycwmp"),
    Case("http-1.0", "q22"),
    Case("chunked", "q19"),
    Case("crlf-behind", "q19"),
    Case("close-each", "c4 q22"),
    Case("close-each,no-cookie", "c2 c4", server="digest"),
    Case("no-cookie", "c2 q19"),
    Case("stale-cookie=session=0123456789abcdef0123456789abcdef", "p:cookie"),
    Case("quoted-cookie", "c3 q19"),
    Case("comma-cookies", "c3"),
    Case("old-cookie", "q19"),
    Case("basic-first", "q18", server="digest"),
    Case("empty-basic", "q18", server="digest"),
    Case("empty-first", "q18", server="digest"),
    Case("rfc-2069", "q18", server="digest"),
    Case("empty-uri", "q18", server="digest"),
    Case("fresh-after-401", "q18 p:AVM", server="digest"),
    Case("fresh-after-401,close-each,basic-first", "q18", server="digest"),
    Case("", "p:D-Link", "refused", server="basic"),
    # Identities, which are options of the agent and no modes.
    Case("", "c7 q11", serial="00:11:22%33 44/5"),
    Case("", "q11", serial="192.168.1.1"),
    Case("", "q11 p:AVM", product_class="FRITZ!Box 7490 (UI)"),
    Case("", "q11 p:Huawei", product_class="HG8546M-RMS"),
    Case("", "q11", product_class=""),
    Case("", "c7", oui="FFFFFF"),
    Case("", "c7 q11", oui="0000000000000000000D09E1"),
]

# Doors for connection requests: the modes, the rows, and what the server says of its knock.
DOORS = [
    ("knock-open", "c24", 200),
    ("knock-basic", "c24", 200),
    ("knock-no-qop", "c24", 200),
    ("knock-realm=", "c24", 200),
    ("knock-realm=Realm (odd) / CPE", "c24", 200),
    ("knock-drop", "c24 p:dropped", 200),
    ("knock-late", "c25", 200),
    ("knock-ignored", "c24", 504),
    ("knock-url=", "c28", 504),
    ("knock-url=http://10.255.255.1:7547/x", "c28 p:private", 504),
    ("knock-url=http://0.0.0.0:7547/x", "c28", 504),
    ("knock-url=http:///x", "c28", 504),
]
