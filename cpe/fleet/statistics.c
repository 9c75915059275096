/* statistics: what a fleet counts while it runs. */
#include "cpe/fleet/statistics.h"

#include <stdio.h>
#include <string.h>

void count_one(struct counted *list, size_t room, const char *name)
{
	size_t i = 0;
	while (i < room - 1 && list[i].name[0] &&
		strncmp(list[i].name, name, FAILURE_BYTES - 1) != 0)
		i++;
	if (!list[i].name[0])
		snprintf(list[i].name, sizeof(list[i].name), "%s", name);
	list[i].count++;
}
