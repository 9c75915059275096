/* <sys/queue.h> as clang sees it: the first of a list is asked for anew, it may have been removed since.
 * An element is removed through its neighbours, where clang does not see that the list's head follows. */
#ifndef ANALYSIS_SYS_QUEUE_H
#define ANALYSIS_SYS_QUEUE_H

#include_next <sys/queue.h>

#ifdef __clang__
void *list_first(const void *list);

#undef LIST_FIRST
#define LIST_FIRST(list) ((__typeof__((list)->lh_first))list_first(list))
#undef TAILQ_FIRST
#define TAILQ_FIRST(list) ((__typeof__((list)->tqh_first))list_first(list))
#endif

#endif
