/* The order in which lanes of a warp that went different ways are resumed.
 *
 * Hardware resumes a warp's lanes together at the first place all their ways meet. Running the
 * lanes one after another and then always taking the events with the lowest number gives the
 * same, if numbers follow the flow of control: every loop's blocks stand together, its header
 * first; what follows a branch stands after both arms; a loop's exit stands after the loop. That
 * depends on jumps alone, not on how a compiler lays out its blocks. */
#ifndef SIMT_ORDER_H
#define SIMT_ORDER_H

/* A function's basic blocks 0..n-1, block 0 the entry; a successor is a block or -1. */
struct flow {
	int n;
	int (*next)[2];
};

/* Write the blocks in that order to out[0..n-1]. Loops are found as nested strongly connected
 * components; one with several entries gets an order, if not the best. */
void flow_order(const struct flow *, int *out);

#endif
