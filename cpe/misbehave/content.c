/* misbehave_content: devices whose messages say what the schema does not foresee.
 * Identities, times, events, values, types, faults and transfers, edited in the finished text. */
#include "cpe/misbehave/mode.h"

#define EVENT(code, key) \
	"<EventStruct><EventCode>" code "</EventCode><CommandKey>" key "</CommandKey></EventStruct>"
#define BLANK_EVENT(code) "<EventStruct><EventCode>" code "</EventCode><CommandKey/></EventStruct>"
#define LONG_KEY "a command key of more than 32 characters"

static void append_padded(struct buffer *out, const char *content, size_t length)
{
	buffer_append_text(out, length ? "\n  " : "");
	buffer_append(out, content, length);
	buffer_append_text(out, length ? " \t" : "");
}

static void pad_texts(struct misbehave_envelope *e)
{
	text_rewrite(e->text, "Name", append_padded);
	text_rewrite(e->text, "Value", append_padded);
}

static const struct misbehave_mode modes[] = {
	/* DeviceId */
	{ "lower-case-oui", "writes its OUI in lower case", "Zhone, Cytco", .only_in = "Inform",
		.edits = { { TEXT_SET, "OUI", "00d09e" } } },
	{ "extra-device-id", "has an element more in DeviceId", "Feixun", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "</DeviceId>",
			"<WanIPAddress>192.0.2.7</WanIPAddress></DeviceId>" } } },
	{ "empty-manufacturer", "leaves Manufacturer empty", "femtocell 48BF74",
		.only_in = "Inform", .edits = { { TEXT_SET, "Manufacturer", "" } } },
	/* Inform */
	{ "current-time", "says it is TEXT", "several", MODE_TEXT, .only_in = "Inform",
		.edits = { { TEXT_SET, "CurrentTime" } } },
	{ "retry-count", "writes RetryCount as TEXT", "several", MODE_TEXT, .only_in = "Inform",
		.edits = { { TEXT_SET, "RetryCount" } } },
	{ "event-without-code", "sends an event without EventCode", "Feixun", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "</Event>",
			"<EventStruct><CommandKey/></EventStruct></Event>" } } },
	{ "event-case", "writes 1 Boot", "FRITZ!Box", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "1 BOOT", "1 Boot" } } },
	{ "event-order", "puts other events before 0 BOOTSTRAP and 1 BOOT", "several",
		.only_in = "Inform",
		.edits = { { TEXT_REPLACE, BLANK_EVENT("0 BOOTSTRAP"), "" },
			{ TEXT_REPLACE, BLANK_EVENT("1 BOOT"),
				EVENT("M Reboot", "x") BLANK_EVENT("4 VALUE CHANGE")
					BLANK_EVENT("1 BOOT") BLANK_EVENT("0 BOOTSTRAP") } } },
	{ "odd-event", "sends an event of its own, X CT-COM BIND", "SCTY", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "</Event>", EVENT("X CT-COM BIND", "") "</Event>" } } },
	{ "long-command-key", "tells a CommandKey of 40 characters", "ZTE", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "</Event>", EVENT("M Reboot", LONG_KEY) "</Event>" } } },
	{ "no-bootstrap", "sends only 2 PERIODIC, never BOOTSTRAP", "genieacs-sim",
		.only_in = "Inform",
		.edits = { { TEXT_REPLACE, BLANK_EVENT("0 BOOTSTRAP"), "" },
			{ TEXT_REPLACE, "1 BOOT", "2 PERIODIC" } } },
	{ "no-parameter-key", "shows no ParameterKey in Informs", "SpeedTouch 780, ZyXEL P-2602",
		.only_in = "Inform", .edits = { { TEXT_DROP_PARAMETER, "ParameterKey" } } },
	{ "null-parameter-key", "shows (null) as ParameterKey", "several", .only_in = "Inform",
		.edits = { { TEXT_DROP_PARAMETER, "ParameterKey" },
			{ TEXT_REPLACE_ONE, "</ParameterList>",
				"<ParameterValueStruct><Name>InternetGatewayDevice."
				"ManagementServer.ParameterKey</Name><Value"
				" xsi:type=\"xsd:string\">(null)</Value>"
				"</ParameterValueStruct></ParameterList>" } } },
	/* Names and values */
	{ "dotted-name", "reports a name that begins with a dot", "tr069tc, Technicolor",
		.only_in = "Inform",
		.edits = { { TEXT_REPLACE_ONE, "</ParameterList>",
			"<ParameterValueStruct><Name>.DeviceInfo.Odd</Name><Value"
			" xsi:type=\"xsd:string\">1</Value></ParameterValueStruct>"
			"</ParameterList>" } } },
	{ "duplicate-parameter", "reports a parameter twice", "ZTE, PingCom",
		.edits = { { TEXT_DOUBLE, "ParameterValueStruct" } } },
	{ "padded-texts", "puts blanks around names and values", "ZTE, SCTY, Moonar, e8-C",
		.on_envelope = pad_texts },
	{ "no-value", "leaves Value out where it is empty", "Cisco SPA122",
		.edits = { { TEXT_REPLACE, "<Value xsi:type=\"xsd:string\"/>", "" } } },
	{ "untyped-values", "leaves the type of values out", "jiuzhou, Sphairon",
		.edits = { { TEXT_DROP_ATTRIBUTE, "xsi:type" } } },
	{ "string-type", "calls strings TEXT", "UniFi, Audiocodes M500", MODE_TEXT,
		.edits = { { TEXT_REPLACE, "xsd:string" } } },
	{ "signed-int", "has values of the type xsd:signedInt", "several",
		.edits = { { TEXT_REPLACE, "\"xsd:unsignedInt\"", "\"xsd:signedInt\"" } } },
	{ "zero-dates", "writes unknown times as 0000-00-00T00:00:00", "Thomson",
		.edits = { { TEXT_REPLACE, "0001-01-01T00:00:00Z", "0000-00-00T00:00:00" } } },
	{ "bare-ampersand", "leaves & as it is", "several",
		.edits = { { TEXT_REPLACE, "&amp;", "&" } } },
	{ "control-characters", "has control characters in values", "HydrogenHA, freecwmp",
		.edits = { { TEXT_REPLACE_ONE, "</Value>", "\002</Value>" } } },
	{ "omit-writable", "leaves Writable out of names", NULL,
		.edits = { { TEXT_DROP, "Writable" } } },
	{ "writable-30", "writes 30 for Writable", "microcell",
		.edits = { { TEXT_SET, "Writable", "30" } } },
	{ "lower-case-access", "writes subscriber in access lists", "several",
		.edits = { { TEXT_REPLACE, "Subscriber", "subscriber" } } },
	/* Faults */
	{ "fault-code", "faults with the code TEXT", "several", MODE_TEXT, .only_in = "Fault",
		.edits = { { TEXT_SET, "FaultCode" } } },
	{ "fault-without-list", "faults SetParameterValues without naming parameters", "several",
		.only_in = "Fault", .edits = { { TEXT_DROP, "SetParameterValuesFault" } } },
	{ "fault-without-detail", "faults without a CWMP fault", "several", .only_in = "Fault",
		.edits = { { TEXT_DROP, "detail" } } },
	{ "plain-fault", "faults without prefixes in the detail", "several", .only_in = "Fault",
		.edits = { { TEXT_REPLACE, "<cwmp:Fault>", "<Fault>" },
			{ TEXT_REPLACE, "</cwmp:Fault>", "</Fault>" } } },
	/* Transfers */
	{ "download-empty-times", "leaves the times of a DownloadResponse empty", "netcwmp",
		.only_in = "DownloadResponse",
		.edits = { { TEXT_SET, "StartTime", "" }, { TEXT_SET, "CompleteTime", "" } } },
	{ "download-without-times", "leaves the times of a DownloadResponse out", "netcwmp",
		.only_in = "DownloadResponse",
		.edits = { { TEXT_DROP, "StartTime", "" }, { TEXT_DROP, "CompleteTime" } } },
	{ "transfer-without-event", "sends TransferComplete without 7 TRANSFER COMPLETE",
		"genieacs-sim, netcwmp", .only_in = "Inform",
		.edits = { { TEXT_REPLACE, "7 TRANSFER COMPLETE", "2 PERIODIC" },
			{ TEXT_REPLACE, "M Download", "X Download" } } },
	{ "transfer-empty-key", "sends TransferComplete without its CommandKey", "genieacs#171",
		.only_in = "TransferComplete", .edits = { { TEXT_SET, "CommandKey", "" } } },
	{ "transfer-empty-times", "leaves the times of TransferComplete empty", "netcwmp",
		.only_in = "TransferComplete",
		.edits = { { TEXT_SET, "StartTime", "" }, { TEXT_SET, "CompleteTime", "" } } },
	{ "transfer-no-fault-string", "leaves FaultString out of TransferComplete", "several",
		.only_in = "TransferComplete", .edits = { { TEXT_DROP, "FaultString" } } },
	{ "transfer-bare-fault", "writes 0 for a FaultStruct", "several",
		.only_in = "TransferComplete", .edits = { { TEXT_SET, "FaultStruct", "0" } } },
};

const struct misbehave_group misbehave_content_group = { "contents", modes, LENGTH_OF(modes) };
