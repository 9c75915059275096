/* cwmp.gsoap: the messages as gSOAP's compiler soapcpp2 reads them.
 * Every scalar is a char *: typed members would refuse how devices write types and numbers. */

//gsoap cwmp schema namespace: urn:dslforum-org:cwmp-1-0
//gsoap cwmp schema elementForm: unqualified
//gsoap cwmp schema attributeForm: unqualified

/* SOAP header, TR-069 3.4.2 */
struct cwmp__HeaderText {
	char *__item;
	@ char *SOAP_ENV__mustUnderstand;
};
struct SOAP_ENV__Header {
	struct cwmp__HeaderText *cwmp__ID;
	struct cwmp__HeaderText *cwmp__HoldRequests;
	struct cwmp__HeaderText *cwmp__NoMoreRequests;
	struct cwmp__HeaderText *cwmp__SessionTimeout;
	struct cwmp__HeaderText *cwmp__SupportedCWMPVersions;
	struct cwmp__HeaderText *cwmp__UseCWMPVersion;
};

/* SOAP fault, TR-069 3.5 */
struct cwmp__SetParameterValuesFault {
	char *ParameterName;
	char *FaultCode;
	char *FaultString;
};
struct cwmp__Fault {
	char *FaultCode;
	char *FaultString;
	int __size;
	struct cwmp__SetParameterValuesFault *SetParameterValuesFault;
};
struct SOAP_ENV__Detail {
	struct cwmp__Fault *cwmp__Fault;
	struct cwmp__Fault *Fault; /* unqualified, as some devices send it */
	int __type;
	void *fault;
};
struct SOAP_ENV__Code {
	_QName SOAP_ENV__Value;
	struct SOAP_ENV__Code *SOAP_ENV__Subcode;
};
struct SOAP_ENV__Reason {
	char *SOAP_ENV__Text;
};
struct SOAP_ENV__Fault {
	_QName faultcode;
	char *faultstring;
	char *faultactor;
	struct SOAP_ENV__Detail *detail;
	struct SOAP_ENV__Code *SOAP_ENV__Code;
	struct SOAP_ENV__Reason *SOAP_ENV__Reason;
	char *SOAP_ENV__Node;
	char *SOAP_ENV__Role;
	struct SOAP_ENV__Detail *SOAP_ENV__Detail;
};

/* Lists. Members have their name in the schema or, as SOAP encoding allows, any: mostly <item>. */
struct cwmp__Strings {
	@ char *SOAP_ENC__arrayType;
	int __size;
	char **string;
	int __sizeItem;
	char **item;
};
struct cwmp__Value {
	char *__item;
	@ char *xsi__type;
};
struct cwmp__ParameterValueStruct {
	char *Name;
	struct cwmp__Value *Value;
};
struct cwmp__ParameterValueList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__ParameterValueStruct *ParameterValueStruct;
	int __sizeItem;
	struct cwmp__ParameterValueStruct *item;
};
struct cwmp__ParameterInfoStruct {
	char *Name;
	char *Writable;
};
struct cwmp__ParameterInfoList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__ParameterInfoStruct *ParameterInfoStruct;
	int __sizeItem;
	struct cwmp__ParameterInfoStruct *item;
};
struct cwmp__EventStruct {
	char *EventCode;
	char *CommandKey;
};
struct cwmp__EventList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__EventStruct *EventStruct;
	int __sizeItem;
	struct cwmp__EventStruct *item;
};

/* Shapes that several methods share */
struct cwmp__Empty {
};
struct cwmp__StatusResponse {
	char *Status;
};
struct cwmp__TransferResponse {
	char *Status;
	char *StartTime;
	char *CompleteTime;
};
struct cwmp__ParameterValueListOnly {
	struct cwmp__ParameterValueList *ParameterList;
};
struct cwmp__Object {
	char *ObjectName;
	char *ParameterKey;
};

/* A.3.1 and A.3.3, CPE to ACS */
struct cwmp__GetRPCMethodsResponse {
	struct cwmp__Strings *MethodList;
};
struct cwmp__DeviceIdStruct {
	char *Manufacturer;
	char *OUI;
	char *ProductClass;
	char *SerialNumber;
};
struct cwmp__Inform {
	struct cwmp__DeviceIdStruct *DeviceId;
	struct cwmp__EventList *Event;
	char *MaxEnvelopes;
	char *CurrentTime;
	char *RetryCount;
	struct cwmp__ParameterValueList *ParameterList;
};
struct cwmp__InformResponse {
	char *MaxEnvelopes;
};
struct cwmp__FaultStruct {
	char *FaultCode;
	char *FaultString;
};
struct cwmp__TransferComplete {
	char *CommandKey;
	struct cwmp__FaultStruct *FaultStruct;
	char *StartTime;
	char *CompleteTime;
};

/* A.3.2, ACS to CPE */
struct cwmp__GetParameterNames {
	char *ParameterPath;
	char *NextLevel;
};
struct cwmp__GetParameterNamesResponse {
	struct cwmp__ParameterInfoList *ParameterList;
};
struct cwmp__GetParameterValues {
	struct cwmp__Strings *ParameterNames;
};
struct cwmp__SetParameterValues {
	struct cwmp__ParameterValueList *ParameterList;
	char *ParameterKey;
};
struct cwmp__AddObjectResponse {
	char *InstanceNumber;
	char *Status;
};
struct cwmp__Download {
	char *CommandKey;
	char *FileType;
	char *URL;
	char *Username;
	char *Password;
	char *FileSize;
	char *TargetFileName;
	char *DelaySeconds;
	char *SuccessURL;
	char *FailureURL;
};
struct cwmp__Reboot {
	char *CommandKey;
};
