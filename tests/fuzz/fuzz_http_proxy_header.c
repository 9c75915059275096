/* Fuzzes the header of the PROXY protocol: nothing is read beyond the length that it tells. */
#include "fuzz.h"
#include "http/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct proxy_header header;
	const size_t whole = proxy_header_length(bytes, length);
	HOLDS(whole <= PROXY_HEADER_MAX);
	if (whole == 0 || whole > length)
		return 0;
	uint8_t *copy = malloc(whole);
	memcpy(copy, bytes, whole);
	const bool is_good = proxy_header_read(copy, whole, &header);
	HOLDS(!is_good || header.has_addresses == (header.source.ss_family != AF_UNSPEC));
	free(copy);
	return 0;
}
