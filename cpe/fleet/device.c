/* device: what one device of a fleet has of its own. */
#include "cpe/fleet/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/fleet/door.h"
#include "cpe/fleet/fleet.h"

enum { SERIAL_DIGITS = 8 }; /* at least */

uint32_t device_number(const struct fleet *fleet, const struct fleet_device *device)
{
	return fleet->options->fleet.first_serial + (uint32_t)(device - fleet->devices);
}

/* By hand, as all texts of every session have a serial number in them. */
void device_serial(const struct fleet *fleet, const struct fleet_device *device,
	char serial[DEVICE_SERIAL_BYTES])
{
	uint32_t number = device_number(fleet, device);
	size_t at = SERIAL_DIGITS;
	for (uint32_t more = number / 100000000; more; more /= 10)
		at++;
	serial[0] = 'F';
	serial[at + 1] = '\0';
	for (; at > 0; at--, number /= 10)
		serial[at] = (char)('0' + number % 10);
}

void device_id(
	const struct fleet *fleet, const struct fleet_device *device, char id[DEVICE_ID_BYTES])
{
	device_serial(fleet, device, stpcpy(id, fleet->id_prefix));
}

void device_request_url(
	const struct fleet *fleet, const struct fleet_device *device, char url[DEVICE_TEXT_BYTES])
{
	const char *door = fleet->door ? door_url(fleet->door) : "http://127.0.0.1:9/";
	device_serial(fleet, device, stpcpy(url, door));
}

struct fleet_device *device_by_serial(const struct fleet *fleet, const char *serial)
{
	const unsigned long number = serial[0] == 'F' ? strtoul(serial + 1, NULL, 10) : 0;
	const unsigned long first = fleet->options->fleet.first_serial;
	if (number < first || number - first >= fleet->device_count)
		return NULL;
	struct fleet_device *device = &fleet->devices[number - first];
	char own[DEVICE_SERIAL_BYTES];
	device_serial(fleet, device, own);
	return strcmp(own, serial) == 0 ? device : NULL;
}

/* What a word in braces stands for, NULL for one that is text as any other. */
static const char *word_at(const char *text, const char *serial, const char *id, size_t *length)
{
	static const char serial_word[] = "{serial}", id_word[] = "{id}";
	if (strncmp(text, serial_word, *length = sizeof(serial_word) - 1) == 0)
		return serial;
	return strncmp(text, id_word, *length = sizeof(id_word) - 1) == 0 ? id : NULL;
}

void device_expand(const struct fleet *fleet, const struct fleet_device *device,
	const char *template, char *out, size_t size)
{
	char serial[DEVICE_SERIAL_BYTES], id[DEVICE_ID_BYTES];
	size_t used = 0, taken = 1;
	device_serial(fleet, device, serial);
	device_id(fleet, device, id);
	for (const char *at = template ? template : ""; *at && used + 1 < size; at += taken) {
		const char *word = word_at(at, serial, id, &taken);
		const size_t length = word ? strnlen(word, size - used - 1) : 1;
		memcpy(out + used, word ? word : at, length);
		used += length;
		if (!word)
			taken = 1;
	}
	out[used] = '\0';
}

uint64_t device_counter(
	const struct fleet *fleet, const struct fleet_device *device, unsigned counter)
{
	const unsigned change = fleet->options->fleet.change;
	return (uint64_t)device_number(fleet, device) +
	       counter_last_change(
		       counter, fleet->model->counter_count, change ? change : 1, device->changes);
}
