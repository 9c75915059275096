/* control: the socket in the state folder by which `cpe set`, `cpe reboot` and `cpe send` speak to
 * a running agent. Sequenced packets keep messages apart, so each side is one read and one write. */
#include "cpe/control.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cpe/model/attributes.h"
#include "cpe/log.h"
#include "cpe/model/parameters.h"
#include "cpe/send.h"
#include "cwmp/cwmp.h"

enum { PACKET_BYTES = 128 * 1024, WAITING_CALLS = 8, CALL_SECONDS = 10 };

struct control {
	struct device *device;
	int folder; /* keeps the address below valid */
	int fd;
	struct event *acceptor;
	char path[64];
};

/* The socket's address by way of the open folder: paths over 107 bytes do not fit an address. */
static struct sockaddr_un make_address(int folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/control.sock",
		folder);
	return address;
}

static json_t *error_answer(const char *text)
{
	return json_pack("{s:s}", "error", text);
}

static json_t *execute_set(struct device *device, const char *name, const char *text)
{
	const struct cwmp_value value = { .name = name, .value = text };
	const unsigned code = parameters_check(device->model, &value, WRITER_LOCAL);
	if (code)
		return error_answer(cwmp_fault_text(code));
	struct node *node = datamodel_find(device->model, name);
	if (node->is_writable && !attributes_admit_subscriber(node))
		return error_answer("its access list admits the ACS only");
	device_change(device, node, text, NOTICE_ALWAYS);
	device_reconfigure(device);
	device_save(device);
	device_witness(device, "changed",
		json_pack("{s:s,s:s}", "name", name, "value", node_readable(node)));
	device_wake(device);
	return json_pack("{s:b}", "ok", 1);
}

static json_t *on_set(struct device *device, const json_t *request)
{
	const char *name, *value;
	if (json_unpack((json_t *)request, "{s:s,s:s}", "name", &name, "value", &value) != 0)
		return error_answer("set needs a name and a value");
	return execute_set(device, name, value);
}

static json_t *on_reboot(struct device *device, const json_t *request)
{
	(void)request;
	device_reboot(device, REBOOT_LOCAL, NULL);
	device_save(device);
	return json_pack("{s:b}", "ok", 1);
}

static json_t *on_send(struct device *device, const json_t *request)
{
	const char *kind;
	json_t *arguments;
	if (json_unpack((json_t *)request, "{s:s,s:o}", "kind", &kind, "arguments", &arguments) !=
		0)
		return error_answer("send needs a kind");
	const char *wrong = send_execute(device, kind, arguments);
	return wrong ? error_answer(wrong) : json_pack("{s:b}", "ok", 1);
}

static const struct {
	const char *name;
	json_t *(*execute)(struct device *device, const json_t *request);
} commands[] = {
	{ "set", on_set },
	{ "reboot", on_reboot },
	{ "send", on_send },
};

static json_t *execute(struct device *device, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "command"));
	for (size_t i = 0; name && i < LENGTH_OF(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].execute(device, request);
	return error_answer("not a command");
}

static bool send_json(int fd, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	const bool ok = text && send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0;
	free(text);
	return ok;
}

static json_t *receive_json(int fd)
{
	char *bytes = malloc(PACKET_BYTES);
	if (!bytes)
		abort();
	const ssize_t length = recv(fd, bytes, PACKET_BYTES, 0);
	json_error_t error;
	json_t *object = length > 0 ? json_loadb(bytes, (size_t)length, 0, &error) : NULL;
	free(bytes);
	return object;
}

static void on_call(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	json_t *request = what & EV_READ ? receive_json(fd) : NULL;
	json_t *answer = request ? execute(control->device, request) : error_answer("not JSON");
	json_decref(request);
	if (!send_json(fd, answer))
		LOG(control->device->name, "control-failed", LOG_TEXT("error", strerror(errno)));
	close(fd);
}

static void on_accept(evutil_socket_t listener, short what, void *arg)
{
	struct control *control = arg;
	(void)what;
	const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	const struct timeval timeout = { .tv_sec = CALL_SECONDS };
	if (fd < 0)
		return;
	struct event_base *base = control->device->base;
	if (event_base_once(base, fd, EV_READ, on_call, control, &timeout) != 0)
		close(fd);
}

static bool listen_at(struct control *control)
{
	const struct sockaddr_un address = make_address(control->folder);
	if (unlinkat(control->folder, "control.sock", 0) != 0 && errno != ENOENT)
		return false;
	control->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return control->fd >= 0 &&
	       bind(control->fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       listen(control->fd, WAITING_CALLS) == 0;
}

struct control *control_open(struct device *device, char *why, size_t why_size)
{
	struct control *control = calloc(1, sizeof(*control));
	if (!control)
		abort();
	control->device = device;
	control->fd = -1;
	control->folder = open(device->state.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (control->folder < 0 || !listen_at(control)) {
		snprintf(why, why_size, "%s/control.sock: %s", device->state.dir, strerror(errno));
		control_close(control);
		return NULL;
	}
	control->acceptor = event_new(
		device->base, control->fd, EV_READ | EV_PERSIST, on_accept, control);
	event_add(control->acceptor, NULL);
	return control;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	if (control->acceptor) {
		event_free(control->acceptor);
		unlinkat(control->folder, "control.sock", 0);
	}
	if (control->fd >= 0)
		close(control->fd);
	if (control->folder >= 0)
		close(control->folder);
	free(control);
}

/* The client's half */

static int connect_to(const char *state_dir)
{
	const int folder = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -1;
	const struct sockaddr_un address = make_address(folder);
	const struct timeval timeout = { .tv_sec = CALL_SECONDS };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
		(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
			connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)) {
		close(fd);
		fd = -1;
	}
	close(folder);
	return fd;
}

int control_call(const char *state_dir, json_t *request)
{
	const int fd = connect_to(state_dir);
	if (fd < 0) {
		json_decref(request);
		fprintf(stderr, "cpe: no agent runs in %s\n", state_dir);
		return 1;
	}
	json_t *answer = send_json(fd, request) ? receive_json(fd) : NULL;
	close(fd);
	const char *error = answer ? json_string_value(json_object_get(answer, "error"))
				   : "the agent did not answer";
	if (error)
		fprintf(stderr, "cpe: %s\n", error);
	const int status = error ? 1 : 0;
	json_decref(answer);
	return status;
}
