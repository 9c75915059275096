/* certificate: does a client certificate belong to the device that an Inform names? (TR-069 3.4.4)
 * What a certificate calls its device differs by vendor, so the forms are a setting. */
#ifndef ACS_CERTIFICATE_H
#define ACS_CERTIFICATE_H

#include "base/arena.h"
#include "cwmp/message.h"

struct config;
struct http_request;

/* The forms of tls.client_identity, joined by ',': literal text around {oui}, {product_class}, {serial}, and {mac}
 * for a serial number that is a MAC address. */
bool certificate_forms_are_good(const char *forms);

/* Is one of the names, each on a line, the device's in one of the forms? Any character may be percent-encoded; of the
 * device's own those must be that separate the words of a form. The OUI counts in any case, a MAC address with any
 * separators. NULL names are none. */
bool certificate_names_device(struct arena *arena, const char *forms, const char *names,
	const struct cwmp_device_id *device);

/* May the device come by this request: over a listener that asks for no certificate, or with its own? */
bool certificate_admits(const struct config *config, const struct http_request *request,
	const struct cwmp_device_id *device);
/* Has the request's connection shown a certificate that counts as authentication? */
bool certificate_is_enough(const struct config *config, const struct http_request *request);

#endif
