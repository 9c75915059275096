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
struct cwmp__ParameterNamesOnly {
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
struct cwmp__CommandKeyOnly {
	char *CommandKey;
};

/* Attributes, A.3.2.4 and A.3.2.5 */
struct cwmp__ParameterAttributeStruct {
	char *Name;
	char *Notification;
	struct cwmp__Strings *AccessList;
};
struct cwmp__ParameterAttributeList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__ParameterAttributeStruct *ParameterAttributeStruct;
	int __sizeItem;
	struct cwmp__ParameterAttributeStruct *item;
};
struct cwmp__GetParameterAttributesResponse {
	struct cwmp__ParameterAttributeList *ParameterList;
};
struct cwmp__SetParameterAttributesStruct {
	char *Name;
	char *NotificationChange;
	char *Notification;
	char *AccessListChange;
	struct cwmp__Strings *AccessList;
};
struct cwmp__SetParameterAttributesList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__SetParameterAttributesStruct *SetParameterAttributesStruct;
	int __sizeItem;
	struct cwmp__SetParameterAttributesStruct *item;
};
struct cwmp__SetParameterAttributes {
	struct cwmp__SetParameterAttributesList *ParameterList;
};

/* A.4.1, optional, ACS to CPE */
struct cwmp__Upload {
	char *CommandKey;
	char *FileType;
	char *URL;
	char *Username;
	char *Password;
	char *DelaySeconds;
};
struct cwmp__ScheduleInform {
	char *DelaySeconds;
	char *CommandKey;
};
struct cwmp__TimeWindowStruct {
	char *WindowStart;
	char *WindowEnd;
	char *WindowMode;
	char *UserMessage;
	char *MaxRetries;
};
struct cwmp__TimeWindowList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__TimeWindowStruct *TimeWindowStruct;
	int __sizeItem;
	struct cwmp__TimeWindowStruct *item;
};
struct cwmp__ScheduleDownload {
	char *CommandKey;
	char *FileType;
	char *URL;
	char *Username;
	char *Password;
	char *FileSize;
	char *TargetFileName;
	struct cwmp__TimeWindowList *TimeWindowList;
};
/* QueuedTransferStruct is the first two members of AllQueuedTransferStruct. */
struct cwmp__QueuedTransferStruct {
	char *CommandKey;
	char *State;
	char *IsDownload;
	char *FileType;
	char *FileSize;
	char *TargetFileName;
};
struct cwmp__TransferList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__QueuedTransferStruct *QueuedTransferStruct;
	int __sizeAll;
	struct cwmp__QueuedTransferStruct *AllQueuedTransferStruct;
	int __sizeItem;
	struct cwmp__QueuedTransferStruct *item;
};
struct cwmp__QueuedTransfersResponse {
	struct cwmp__TransferList *TransferList;
};
struct cwmp__VoucherList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	char **base64;
	int __sizeItem;
	char **item;
};
struct cwmp__SetVouchers {
	struct cwmp__VoucherList *VoucherList;
};
struct cwmp__GetOptions {
	char *OptionName;
};
struct cwmp__OptionStruct {
	char *OptionName;
	char *VoucherSN;
	char *State;
	char *Mode;
	char *StartDate;
	char *ExpirationDate;
	char *IsTransferable;
};
struct cwmp__OptionList {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__OptionStruct *OptionStruct;
	int __sizeItem;
	struct cwmp__OptionStruct *item;
};
struct cwmp__GetOptionsResponse {
	struct cwmp__OptionList *OptionList;
};

/* Software modules, A.4.1.10 and A.4.2.3. Operations come in three types, told apart by xsi:type,
 * whose members have different orders: all are read as OperationStruct, where no order counts. */
struct cwmp__OperationStruct {
	@ char *xsi__type;
	char *UUID;
	char *Version;
	char *URL;
	char *Username;
	char *Password;
	char *ExecutionEnvRef;
};
struct cwmp__InstallOpStruct {
	@ char *xsi__type;
	char *URL;
	char *UUID;
	char *Username;
	char *Password;
	char *ExecutionEnvRef;
};
struct cwmp__UpdateOpStruct {
	@ char *xsi__type;
	char *UUID;
	char *Version;
	char *URL;
	char *Username;
	char *Password;
};
struct cwmp__UninstallOpStruct {
	@ char *xsi__type;
	char *UUID;
	char *Version;
	char *ExecutionEnvRef;
};
struct cwmp__ChangeDUState {
	int __size;
	struct cwmp__OperationStruct *Operations;
	char *CommandKey;
};
struct cwmp__OpResultStruct {
	char *UUID;
	char *DeploymentUnitRef;
	char *Version;
	char *CurrentState;
	char *Resolved;
	char *ExecutionUnitRefList;
	char *StartTime;
	char *CompleteTime;
	struct cwmp__FaultStruct *Fault;
	char *OperationPerformed; /* of the autonomous form only */
};
struct cwmp__DUStateChangeComplete {
	int __size;
	struct cwmp__OpResultStruct *Results;
	char *CommandKey;
};

/* A.3.3.3 and A.4.2, CPE to ACS */
struct cwmp__AutonomousTransferComplete {
	char *AnnounceURL;
	char *TransferURL;
	char *IsDownload;
	char *FileType;
	char *FileSize;
	char *TargetFileName;
	struct cwmp__FaultStruct *FaultStruct;
	char *StartTime;
	char *CompleteTime;
};
struct cwmp__Kicked {
	char *Command;
	char *Referer;
	char *Arg;
	char *Next;
};
struct cwmp__KickedResponse {
	char *NextURL;
};
struct cwmp__ArgStruct {
	char *Name;
	char *Value;
};
struct cwmp__FileTypeArg {
	@ char *SOAP_ENC__arrayType;
	int __size;
	struct cwmp__ArgStruct *ArgStruct;
	int __sizeItem;
	struct cwmp__ArgStruct *item;
};
struct cwmp__RequestDownload {
	char *FileType;
	struct cwmp__FileTypeArg *FileTypeArg;
};
