/* file_content: what a downloaded file says: a firmware's version, the values of a configuration.
 * Pure; what becomes of it is install.c's, or a fleet's. */
#ifndef CPE_FILE_CONTENT_H
#define CPE_FILE_CONTENT_H

#include "base/buffer.h"
#include "base/compiler.h"
#include "cpe/model/datamodel.h"

enum { FIRMWARE_HEAD_BYTES = 128 };

bool file_type_is_firmware(const char *file_type);
bool file_type_is_configuration(const char *file_type);

/* The version in "CPE-FIRMWARE <version>", the first line of an image, read in place; NULL when it is
 * none. Borrowed from head. */
const char *firmware_version(char *head);

/* A value that the ACS might set as well; the node is the parameter's. */
typedef void configuration_value_fn(struct node *node, const char *value, void *arg);

/* Hands over each value of a configuration, a CSV in the form of the model; what this tree does not
 * have or does not take is passed over. False, and nothing was handed over, when it is not sound. */
bool configuration_each(const struct datamodel *model, const struct buffer *content,
	configuration_value_fn *on_value, void *arg) MUST_CHECK;

#endif
