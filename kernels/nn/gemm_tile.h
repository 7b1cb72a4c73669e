/* One tile of a product. gemm.c includes this once for each shape; it has no
 * guard and no manual, and only gemm.c reads it.
 *
 * Before: TILE, the function's name; ROWS and VECTORS, its shape; BYTES in a
 * vector; TARGET, the attribute that lets the compiler use such vectors.
 *
 *     C[ROWS, cols] += A[ROWS, K] panel[K, cols]        cols = VECTORS * lanes
 *
 * The tile of C stays in registers while k runs: each step loads one row of
 * the packed panel and multiplies it by ROWS numbers of A, which are read where
 * they lie. ROWS * VECTORS sums, a row of the panel, one number of A and one
 * product must fit the 16 or 32 registers; and the sums must be so many that
 * each is ready when its turn comes again. */
TARGET static void TILE(size_t K, real *C, size_t stride, Matrix A, const real *panel)
{
	enum { LANES = BYTES / sizeof(real) };
	typedef real lanes __attribute__((vector_size(BYTES), aligned(sizeof(real)), may_alias));
	lanes sum[ROWS][VECTORS];
	const real *row[ROWS];
	UNROLL
	for (int r = 0; r < ROWS; r++) {
		row[r] = A.at + r * A.row;
		UNROLL
		for (int v = 0; v < VECTORS; v++)
			sum[r][v] = *(lanes *)(C + (size_t)r * stride + (size_t)v * LANES);
	}
	ptrdiff_t at = 0;
	for (size_t k = 0; k < K; k++) {
		const lanes *b = (const lanes *)(panel + k * VECTORS * LANES);
		UNROLL
		for (int r = 0; r < ROWS; r++) {
			real a = row[r][at];
			UNROLL
			for (int v = 0; v < VECTORS; v++)
				sum[r][v] += a * b[v];
		}
		at += A.col;
	}
	UNROLL
	for (int r = 0; r < ROWS; r++) {
		UNROLL
		for (int v = 0; v < VECTORS; v++)
			*(lanes *)(C + (size_t)r * stride + (size_t)v * LANES) = sum[r][v];
	}
}

#undef TILE
#undef ROWS
#undef VECTORS
