/* options: what the command line asks of a fleet; the table is in cpe/options.c. */
#include "cpe/fleet/options.h"

#include <string.h>

void fleet_options_init(struct fleet_options *options)
{
	*options = (struct fleet_options){
		.concurrency = 50,
		.first_serial = 1,
		.parameters = 10,
		.seed = 1,
		.rate = FLEET_RATE_UNSET,
		.mix = strdup("periodic=100"),
		.connections = strdup("keep-alive"),
		.tls_resume = strdup("yes"),
		.retry = strdup("protocol"),
	};
}

void fleet_options_print_help(FILE *out)
{
	fputs("\nA fleet heeds these of the other options, too: acs-url, data-model, oui, product-class,\n"
	      "username, password, connection-request-username, connection-request-password, listen,\n"
	      "periodic-interval, cwmp-version, reboot-seconds, response-seconds, retry-scale, ca-file,\n"
	      "client-cert, client-key, basic-over-http. In user names and passwords {serial} and {id}\n"
	      "stand for the device's serial number and id (OUI-ProductClass-SerialNumber); the user\n"
	      "name is {id} unless given. With --listen the connection request URL of a device is\n"
	      "http://HOST:PORT/SERIAL.\n"
	      "\n"
	      "Counters are the read-only numbers in the Inform, in its order from 0 to K-1. A device's\n"
	      "session number s (from 1) with --change V gives those with the numbers (s-1)*V to s*V-1,\n"
	      "modulo K, the value N + s, N being the number in the serial number; before its first\n"
	      "change a counter is N. So the greatest of a device's counters tells s, and s all others.\n"
	      "Without --change only sessions with 4 VALUE CHANGE count, and each changes one.\n",
		out);
}
