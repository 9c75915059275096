/* uthash as the analysers see it: what its macros promise, in place of how they keep it.
 * In the real macros' buckets gcc loses minutes, and clang takes elements that were removed for still there. */
#ifndef ANALYSIS_UTHASH_H
#define ANALYSIS_UTHASH_H

#include <stddef.h>

typedef struct UT_hash_handle {
	void *next;
} UT_hash_handle;

void *table_find(const void *table, const void *key, size_t length);
void *table_with(void *table, const void *key, size_t length, const void *element);
void *table_without(void *table, const void *element);
unsigned int table_count(const void *table);

#define HASH_FIND(hh, table, key, length, found) ((found) = table_find((table), (key), (length)))
#define HASH_FIND_STR(table, key, found) HASH_FIND(hh, table, key, strlen(key), found)
#define HASH_ADD(hh, table, field, length, element)                                                \
	HASH_ADD_KEYPTR(hh, table, &(element)->field, length, element)
#define HASH_ADD_KEYPTR(hh, table, key, length, element)                                           \
	((table) = table_with((table), (key), (length), (element)))
#define HASH_DELETE(hh, table, element) ((table) = table_without((table), (element)))
#define HASH_DEL(table, element) HASH_DELETE(hh, table, element)
#define HASH_COUNT(table) table_count(table)
#define HASH_AFTER(hh, element) ((element) ? (element)->hh.next : NULL)
#define HASH_ITER(hh, table, element, after)                                                       \
	for ((element) = (table), (after) = HASH_AFTER(hh, element); (element) != NULL;            \
		(element) = (after), (after) = HASH_AFTER(hh, element))

#endif
