/* <cuda_pipeline.h>: cp.async through its intrinsics. A copy happens at once and is counted as a
 * load, a store and an asynchronous copy; waiting is a fence. */
#ifndef SIMT_CUDA_PIPELINE_H
#define SIMT_CUDA_PIPELINE_H

#include "simt/device.h"

/* Copy 4, 8 or 16 bytes to shared memory; the last `zero` of them are filled with zeros. */
SIMT_INLINE void __pipeline_memcpy_async(void *to, const void *from, size_t bytes, size_t zero = 0)
{
	simt_note_async((unsigned)bytes);
	if (zero) {
		for (size_t i = 0; i < bytes; i += 4)
			*(simt_word4 *)((char *)to + i) =
				i < bytes - zero ? *(const simt_word4 *)((const char *)from + i) : 0;
	} else if (bytes == 16) {
		*(simt_word16 *)to = *(const simt_word16 *)from;
	} else if (bytes == 8) {
		*(simt_word8 *)to = *(const simt_word8 *)from;
	} else {
		*(simt_word4 *)to = *(const simt_word4 *)from;
	}
}
SIMT_INLINE void __pipeline_commit()
{
}
SIMT_INLINE void __pipeline_wait_prior(size_t)
{
	__asm__ __volatile__("" ::: "memory");
}

#endif
