/* address: socket addresses as bytes and text, and the binding of listening sockets. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"

/* As IPv6; an IPv4 address is mapped, so both forms of one address compare equal. */
void address_bytes(const struct sockaddr *address, uint8_t bytes[16]);
/* An IPv4-mapped IPv6 address becomes the IPv4 address that it stands for. */
void address_unmap(struct sockaddr_storage *address);
/* Without port and brackets; an IPv4-mapped address as IPv4. */
char *address_text(struct arena *arena, const struct sockaddr_storage *address);
socklen_t address_length(const struct sockaddr_storage *address);

#endif
