/* vouchers: options that the ACS buys for the device, TR-069 A.4.1.3, A.4.1.4 and Annex C.
 * A voucher is an XML signature over options; its signature is not checked, as this device has
 * nothing to sell. */
#ifndef CPE_VOUCHERS_H
#define CPE_VOUCHERS_H

#include <jansson.h>

#include "cpe/model/datamodel.h"

/* SetVouchers: adds or replaces the options of all vouchers, or of none. 0 or 9003. */
unsigned vouchers_set(json_t *options, struct arena *arena, const struct cwmp_strings *vouchers);
/* GetOptions: the options of that name, all with "". */
void vouchers_options(
	const json_t *options, struct arena *arena, const char *name, struct cwmp_options *out);

#endif
