/* search_index: writes the hashes of parameters that somebody searches by, and takes away those of others.
 * On one loop; whoever has the housekeeping lease begins a round now and then. */
#ifndef ACS_SEARCH_INDEX_H
#define ACS_SEARCH_INDEX_H

#include "acs/loop.h"

struct search_index;

struct search_index *search_index_open(struct loop *loop);
/* Begins a round, unless the last one goes on. It ends when every searched parameter is ready. */
void search_index_begin(struct search_index *index);
void search_index_close(struct search_index *index); /* NULL is allowed */

#endif
