/* GNU make's jobserver, as a client: `make -j4` gives four slots to all it starts, us among them. */
#ifndef WEFT_JOBSERVER_H
#define WEFT_JOBSERVER_H

#include <stdbool.h>

/* Find the jobserver that MAKEFLAGS names (a pipe or a fifo). False when there is none that works. */
bool jobserver_open(void);
/* Hold exactly `n` slots beyond the one that every process has. Gives back what is too much; false, holding no more
 * than before, when not enough were free: try again when jobserver_fd() is readable. Never waits. */
bool jobserver_hold(int n);
/* For poll(); -1 without a jobserver. */
int jobserver_fd(void);

#endif
