/* Fuzzes the parsing of responses: what comes out must not depend on how the bytes were split. */
#include "transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	return transcribe_all(HTTP_RESPONSE, bytes, length);
}
