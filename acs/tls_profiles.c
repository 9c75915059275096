/* tls_profiles: the kinds of TLS listeners: which certificate each shows, and whose it asks for.
 * Operators prove themselves by tokens and passwords, old phones by what they can. */
#include "acs/tls_profiles.h"

#include "acs/log.h"
#include "acs/ticket_keys.h"
#include "base/buffer.h"
#include "http/tls.h"

enum { WHY_SIZE = 512 };

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static struct http_tls_server_options of_devices(const struct config *config)
{
	return (struct http_tls_server_options){
		.certificates = config->tls.certificate,
		.keys = config->tls.key,
		.client_cas = or_null(config->tls.client_ca),
		.expired_cas = config->tls.client_ca_expired,
		.crls = config->tls.crl,
		.revoked = config->tls.revoked,
	};
}

static struct http_tls_server_options of_operators(const struct config *config)
{
	return (struct http_tls_server_options){
		.certificates = config->tls.certificate,
		.keys = config->tls.key,
	};
}

static struct http_tls_server_options of_legacy(const struct config *config)
{
	return (struct http_tls_server_options){
		.certificates = config->tls.legacy_certificate,
		.keys = config->tls.legacy_key,
		.is_legacy = true,
	};
}

static bool devices_come(const struct config *config)
{
	return *config->cwmp.tls_listen || *config->files.tls_listen;
}

static bool operators_come(const struct config *config)
{
	return *config->admin.tls_listen;
}

static bool legacy_comes(const struct config *config)
{
	return *config->files.legacy_tls_listen;
}

static const struct {
	const char *name;
	bool (*is_needed)(const struct config *config);
	struct http_tls_server_options (*options)(const struct config *config);
} profiles[TLS_PROFILE_COUNT] = {
	[TLS_DEVICES] = { "tls", devices_come, of_devices },
	[TLS_OPERATORS] = { "admin tls", operators_come, of_operators },
	[TLS_LEGACY] = { "legacy tls", legacy_comes, of_legacy },
};

/* What the old versions of TLS protect is not worth a ticket. */
static struct http_tls_server_options options_of(
	const struct config *config, struct http_ticket_keys *tickets, int profile)
{
	struct http_tls_server_options options = profiles[profile].options(config);
	options.tickets = options.is_legacy ? NULL : tickets;
	return options;
}

static bool is_any_needed(const struct config *config)
{
	for (int i = 0; i < TLS_PROFILE_COUNT; i++)
		if (profiles[i].is_needed(config))
			return true;
	return false;
}

static bool open_profile(struct server *server, int profile)
{
	char why[WHY_SIZE];
	const struct http_tls_server_options options = options_of(
		server->config, ticket_keys_shared(server->ticket_keys), profile);
	server->tls[profile] = http_tls_server(&options, why, sizeof(why));
	if (server->tls[profile])
		return true;
	LOG_ERROR(
		"start-failed", LOG_TEXT("what", profiles[profile].name), LOG_TEXT("reason", why));
	return false;
}

bool tls_profiles_open(struct server *server)
{
	if (!is_any_needed(server->config))
		return true;
	server->ticket_keys = ticket_keys_open(server);
	bool ok = server->ticket_keys != NULL;
	for (int i = 0; ok && i < TLS_PROFILE_COUNT; i++)
		ok = !profiles[i].is_needed(server->config) || open_profile(server, i);
	return ok;
}

/* NULL, and a line in why, when its files are no good. */
static struct http_tls *read_profile(const struct config *config, struct http_ticket_keys *tickets,
	int profile, struct buffer *why)
{
	char text[WHY_SIZE];
	const struct http_tls_server_options options = options_of(config, tickets, profile);
	struct http_tls *tls = http_tls_server(&options, text, sizeof(text));
	if (!tls)
		buffer_printf(why, "%s: %s\n", profiles[profile].name, text);
	return tls;
}

bool tls_profiles_check(const struct config *config, struct buffer *why)
{
	bool ok = true;
	for (int i = 0; i < TLS_PROFILE_COUNT; i++) {
		if (!profiles[i].is_needed(config))
			continue;
		struct http_tls *tls = read_profile(config, NULL, i, why);
		ok = ok && tls;
		http_tls_free(tls);
	}
	return ok;
}

bool tls_profiles_read(const struct server *server, const struct config *config,
	struct http_tls *fresh[TLS_PROFILE_COUNT], struct buffer *why)
{
	bool ok = true;
	for (int i = 0; i < TLS_PROFILE_COUNT; i++) {
		if (!server->tls[i])
			continue;
		fresh[i] = read_profile(config, ticket_keys_shared(server->ticket_keys), i, why);
		ok = ok && fresh[i];
	}
	return ok;
}

void tls_profiles_take(struct server *server, struct http_tls *fresh[TLS_PROFILE_COUNT])
{
	for (int i = 0; i < TLS_PROFILE_COUNT; i++)
		if (fresh[i])
			http_tls_replace(server->tls[i], fresh[i]);
}

void tls_profiles_drop(struct http_tls *fresh[TLS_PROFILE_COUNT])
{
	for (int i = 0; i < TLS_PROFILE_COUNT; i++)
		http_tls_free(fresh[i]);
}

void tls_profiles_close(struct server *server)
{
	tls_profiles_drop(server->tls);
	ticket_keys_close(server->ticket_keys);
}
