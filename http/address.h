/* address: socket addresses as bytes and text, and the binding of listening sockets. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/compiler.h"

/* As IPv6; an IPv4 address is mapped, so both forms of one address compare equal. */
void address_bytes(const struct sockaddr *address, uint8_t bytes[16]);
/* 0.0.0.0 or ::, where a socket is bound to all of the host's addresses. */
bool address_is_any(const struct sockaddr *address);
/* An IPv4-mapped IPv6 address becomes the IPv4 address that it stands for. */
void address_unmap(struct sockaddr_storage *address);
/* Without port and brackets; an IPv4-mapped address as IPv4. */
char *address_text(struct arena *arena, const struct sockaddr_storage *address);
/* "192.0.2.1", "2001:db8::1" or "[2001:db8::1]", the first and the last with or without ":PORT",
 * which is left out. False when it is none. */
bool address_parse(const char *text, struct sockaddr_storage *out) MUST_CHECK;
socklen_t address_length(const struct sockaddr_storage *address);

#endif
