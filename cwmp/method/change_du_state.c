/* change_du_state: ChangeDUState, TR-069 A.4.1.10; the response has no content.
 * Operations keep their order; the xsi:type of each tells which it is. */
#include <string.h>
#include <strings.h>

#include "cwmp/methods.h"

static const char *const type_names[] = {
	[CWMP_DU_INSTALL] = "InstallOpStruct",
	[CWMP_DU_UPDATE] = "UpdateOpStruct",
	[CWMP_DU_UNINSTALL] = "UninstallOpStruct",
};

static bool kind_in(const char *type, enum cwmp_du_operation_kind *kind)
{
	const char *colon = type ? strchr(type, ':') : NULL;
	const char *name = colon ? colon + 1 : type;
	for (size_t i = 0; name && i < LENGTH_OF(type_names); i++) {
		if (strcasecmp(name, type_names[i]) == 0) {
			*kind = (enum cwmp_du_operation_kind)i;
			return true;
		}
	}
	return false;
}

static void operation_in(
	struct decoding *d, const struct cwmp__OperationStruct *in, struct cwmp_du_operation *out)
{
	*out = (struct cwmp_du_operation){
		.url = token_in(d, in->URL),
		.uuid = token_in(d, in->UUID),
		.username = text_in(d, in->Username),
		.password = text_in(d, in->Password),
		.version = token_in(d, in->Version),
		.execution_env_ref = token_in(d, in->ExecutionEnvRef),
	};
	require(d, kind_in(in->xsi__type, &out->kind), "the type of an operation");
	require(d, out->kind != CWMP_DU_INSTALL || *out->url, "URL");
	require(d, out->kind != CWMP_DU_UNINSTALL || *out->uuid, "UUID");
}

static bool decode_request(struct decoding *d)
{
	const struct cwmp__ChangeDUState *in = soap_in_cwmp__ChangeDUState(
		d->soap, NULL, NULL, NULL);
	if (!in)
		return false;
	require(d, in->__size > 0, "Operations");
	struct cwmp_change_du_state *out = &d->message->request.change_du_state;
	out->count = (size_t)in->__size;
	out->operations = arena_array(d->arena, out->count, sizeof(*out->operations));
	for (size_t i = 0; i < out->count; i++)
		operation_in(d, &in->Operations[i], &out->operations[i]);
	out->command_key = text_in(d, in->CommandKey);
	return true;
}

static int put_install(struct encoding *e, const struct cwmp_du_operation *in, char *type)
{
	struct cwmp__InstallOpStruct out = {
		.xsi__type = type,
		.URL = text_out(e, in->url),
		.UUID = optional_out(e, in->uuid),
		.Username = optional_out(e, in->username),
		.Password = optional_out(e, in->password),
		.ExecutionEnvRef = optional_out(e, in->execution_env_ref),
	};
	return soap_put_cwmp__InstallOpStruct(e->soap, &out, "Operations", NULL);
}

static int put_update(struct encoding *e, const struct cwmp_du_operation *in, char *type)
{
	struct cwmp__UpdateOpStruct out = {
		.xsi__type = type,
		.UUID = optional_out(e, in->uuid),
		.Version = optional_out(e, in->version),
		.URL = optional_out(e, in->url),
		.Username = optional_out(e, in->username),
		.Password = optional_out(e, in->password),
	};
	return soap_put_cwmp__UpdateOpStruct(e->soap, &out, "Operations", NULL);
}

static int put_uninstall(struct encoding *e, const struct cwmp_du_operation *in, char *type)
{
	struct cwmp__UninstallOpStruct out = {
		.xsi__type = type,
		.UUID = text_out(e, in->uuid),
		.Version = optional_out(e, in->version),
		.ExecutionEnvRef = optional_out(e, in->execution_env_ref),
	};
	return soap_put_cwmp__UninstallOpStruct(e->soap, &out, "Operations", NULL);
}

static int put_operation(struct encoding *e, const struct cwmp_du_operation *in)
{
	static int (*const put[])(struct encoding *, const struct cwmp_du_operation *, char *) = {
		[CWMP_DU_INSTALL] = put_install,
		[CWMP_DU_UPDATE] = put_update,
		[CWMP_DU_UNINSTALL] = put_uninstall,
	};
	return put[in->kind](e, in, arena_printf(e->arena, "cwmp:%s", type_names[in->kind]));
}

/* By hand, since the three types of operations mix in any order. */
static int encode_request(struct encoding *e)
{
	struct soap *soap = e->soap;
	const struct cwmp_change_du_state *in = &e->message->request.change_du_state;
	if (soap_element_begin_out(soap, e->tag, 0, NULL))
		return soap->error;
	for (size_t i = 0; i < in->count; i++) {
		if (put_operation(e, &in->operations[i]))
			return soap->error;
	}
	char *command_key = text_out(e, in->command_key);
	if (soap_put_string(soap, &command_key, "CommandKey", NULL))
		return soap->error;
	return soap_element_end_out(soap, e->tag);
}

const struct method_message change_du_state_request = { decode_request, encode_request };
