/* envelopes: pieces of hand-written envelopes, for tests of reading.
 * Joined by the compiler, so that each test shows the one thing that is odd. */
#ifndef CWMP_ENVELOPES_H
#define CWMP_ENVELOPES_H

#define XMLNS_SOAP \
	" xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"" \
	" xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\"" \
	" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"" \
	" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define XMLNS_CWMP(uri) " xmlns:cwmp=\"" uri "\""
#define URN "urn:dslforum-org:cwmp-1-0"

#define ENVELOPE_WITH(header, body) \
	"<soap:Envelope" XMLNS_SOAP XMLNS_CWMP(URN) "><soap:Header>" header "</soap:Header>" \
						    "<soap:Body>" body \
						    "</soap:Body></soap:Envelope>"
#define ENVELOPE(body) ENVELOPE_WITH("<cwmp:ID soap:mustUnderstand=\"1\">7</cwmp:ID>", body)

#define DEVICE_ID \
	"<DeviceId><Manufacturer>A</Manufacturer><OUI>00A0C9</OUI>" \
	"<ProductClass>Box</ProductClass><SerialNumber>S1</SerialNumber></DeviceId>"
#define NO_EVENTS "<Event enc:arrayType=\"cwmp:EventStruct[0]\"/>"
#define TIMES \
	"<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2024-01-01T00:00:00Z</CurrentTime>" \
	"<RetryCount>0</RetryCount>"
#define INFORM_WITH(event, parameters) \
	"<cwmp:Inform>" DEVICE_ID event TIMES parameters "</cwmp:Inform>"
#define VALUE(name, value) \
	"<ParameterValueStruct><Name>" name "</Name>" value "</ParameterValueStruct>"
#define VALUES(items) \
	"<ParameterList enc:arrayType=\"cwmp:ParameterValueStruct[1]\">" items "</ParameterList>"
#define INFORM_VALUES(items) ENVELOPE(INFORM_WITH(NO_EVENTS, VALUES(items)))
#define INFORM_TEXT(text) \
	INFORM_VALUES(VALUE("Device.X", "<Value xsi:type=\"xsd:string\">" text "</Value>"))

#endif
