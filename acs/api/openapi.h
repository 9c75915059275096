/* openapi: the API's own description, openapi.json built into the program. */
#ifndef ACS_API_OPENAPI_H
#define ACS_API_OPENAPI_H

extern const char openapi_document[];

#endif
