/* rfc3339: times as operators write them. */
#include "base/rfc3339.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* Does text begin with form, in which 'd' stands for a digit? */
static bool has_form(const char *text, const char *form)
{
	for (; *form; text++, form++)
		if (*form == 'd' ? !isdigit((unsigned char)*text) : *text != *form)
			return false;
	return true;
}

/* "Z" or an offset that a place on earth has. */
static bool is_zone(const char *text)
{
	if (strcmp(text, "Z") == 0)
		return true;
	return strlen(text) == strlen("+hh:mm") &&
	       (has_form(text, "+dd:dd") || has_form(text, "-dd:dd")) &&
	       strncmp(text + 1, "14:00", 5) <= 0 && text[4] < '6';
}

bool rfc3339_is_good(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	struct tm told = { 0 };
	if (!has_form(text, form) || !strptime(text, "%Y-%m-%dT%H:%M:%S", &told))
		return false;
	struct tm real = told;
	timegm(&real); /* makes 2 March of 30 February */
	if (real.tm_mday != told.tm_mday || real.tm_sec != told.tm_sec ||
		strncmp(text, "0000", 4) == 0)
		return false;
	const char *rest = text + strlen(form);
	if (has_form(rest, ".d"))
		rest += 1 + strspn(rest + 1, "0123456789");
	return is_zone(rest);
}
