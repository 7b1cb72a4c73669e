/* <cuda.h>, the driver's interface, has no counterpart here. The name is kept for texts that
 * include it beside <cuda_runtime.h>; what needs a GPU is refused by its own name. */
#include "cuda_runtime.h"
