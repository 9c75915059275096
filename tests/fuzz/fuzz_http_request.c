/* Fuzzes the parsing of requests: what comes out must not depend on how the bytes were split. */
#include "transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	return transcribe_all(HTTP_REQUEST, bytes, length);
}
