/* tls_profiles: the kinds of TLS listeners: which certificate each shows, and whose it asks for.
 * Operators prove themselves by tokens and passwords, old phones by what they can. */
#include "acs/tls_profiles.h"

#include "acs/log.h"
#include "acs/ticket_keys.h"
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
	const struct server *server, const struct config *config, int profile)
{
	struct http_tls_server_options options = profiles[profile].options(config);
	options.tickets = options.is_legacy ? NULL : ticket_keys_shared(server->ticket_keys);
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
	const struct http_tls_server_options options = options_of(server, server->config, profile);
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

static void reload_profile(struct server *server, const struct config *config, int profile)
{
	char why[WHY_SIZE];
	const struct http_tls_server_options options = options_of(server, config, profile);
	if (!http_tls_reload(server->tls[profile], &options, why, sizeof(why)))
		LOG_ERROR("reload-failed", LOG_TEXT("what", profiles[profile].name),
			LOG_TEXT("reason", why));
}

void tls_profiles_reload(struct server *server, const struct config *config)
{
	for (int i = 0; i < TLS_PROFILE_COUNT; i++)
		if (server->tls[i])
			reload_profile(server, config, i);
}

void tls_profiles_close(struct server *server)
{
	for (int i = 0; i < TLS_PROFILE_COUNT; i++)
		http_tls_free(server->tls[i]);
	ticket_keys_close(server->ticket_keys);
}
