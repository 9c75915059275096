/* work: how a device of a fleet carries out what it was ordered: transfers and changes of modules. */
#ifndef CPE_FLEET_WORK_H
#define CPE_FLEET_WORK_H

#include "cpe/fleet/orders.h"

/* Download, ScheduleDownload and Upload: begins, or waits for the next window. */
void work_transfer(struct order *order);
/* ChangeDUState: goes on with its next operation. */
void work_change_units(struct order *order);

#endif
