/* secret_names: which parameters hold secrets, by their names.
 * TR-069 2.3.1 has passwords read back as empty; many devices tell them, and those of their vendors' own. */
#include "cwmp/secret_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

#define END(text) { text, sizeof(text) - 1 }
static const struct {
	const char *text;
	size_t length;
} ends[] = { END("Password"), END("Passwd"), END("Pwd"), END("Passphrase"), END("PassCode"),
	END("PreSharedKey"), END("PSK"), END("WEPKey"), END("WPAKey"), END("Secret"),
	END("PrivateKey"), END("EncryptionKey"), END("AuthKey"), END("AuthenticationKey"),
	END("PIN"), END("PUK"), END("Token"), END("Credentials"), END("Voucher") };

/* Every name of an Inform comes by here, and most differ in their last letter already. */
static bool ends_with(const char *name, size_t length, const char *end, size_t end_length)
{
	return end_length > 0 && length >= end_length &&
	       (name[length - 1] | ' ') == (end[end_length - 1] | ' ') &&
	       strncasecmp(name + length - end_length, end, end_length) == 0;
}

static bool ends_with_one_of(const char *name, size_t length, const char *list)
{
	static const char between[] = ", ";
	for (list += strspn(list, between); *list; list += strspn(list, between)) {
		const size_t end_length = strcspn(list, between);
		if (ends_with(name, length, list, end_length))
			return true;
		list += end_length;
	}
	return false;
}

static bool is_listed(const char *name, size_t length, const char *more)
{
	for (size_t i = 0; i < LENGTH_OF(ends); i++)
		if (ends_with(name, length, ends[i].text, ends[i].length))
			return true;
	return *more && ends_with_one_of(name, length, more);
}

/* "WEPKey2" */
static size_t without_digits(const char *name, size_t length)
{
	while (length && isdigit((unsigned char)name[length - 1]))
		length--;
	return length;
}

bool cwmp_name_is_secret(const char *name, const char *more)
{
	const size_t length = strlen(name), shorter = without_digits(name, length);
	return is_listed(name, length, more) ||
	       (shorter < length && is_listed(name, shorter, more));
}
