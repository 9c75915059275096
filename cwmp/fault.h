/* fault: what the fault code table knows beyond cwmp.h.
 * Private to cwmp/. */
#ifndef CWMP_FAULT_H
#define CWMP_FAULT_H

#include "cwmp/message.h"

/* The code for TransferComplete's FaultStruct in ns; 0 stays 0. */
unsigned transfer_fault_code_for(enum cwmp_namespace ns, unsigned code);
/* The code for the Fault of a DUStateChangeComplete's result; 0 stays 0. */
unsigned du_fault_code_for(unsigned code);
/* "Client" where the sender of the request is to blame, else "Server". */
const char *fault_class(unsigned code);

#endif
