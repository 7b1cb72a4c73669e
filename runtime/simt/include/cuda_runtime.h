/* <cuda_runtime.h> for the CPU: the language (device.h), launches and the runtime calls. Read
 * before every .cu text, as nvcc does. */
#ifndef SIMT_CUDA_RUNTIME_H
#define SIMT_CUDA_RUNTIME_H

#define __CUDACC__ 1
#define __CUDA_ARCH_LIST__ 900
#define __SIMT_CPU__ 1

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "simt/core.h"
#include "simt/device.h"
#include "simt/host.h"
#include "simt/launch.h"
#include "simt/math.h"
#include "simt/types.h"

#endif
