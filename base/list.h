/* list: texts joined by a separator, as settings have them. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/arena.h"

/* The next text that is not empty, without the blanks around it, and *at behind it; NULL at the end. */
char *list_next(struct arena *arena, const char **at, char separator);

#endif
