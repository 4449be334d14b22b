/* Numbers picked out by tensors of places, and put back.

   k0, k1 ... hold the places, each for one dimension; a negative place counts from the end. */

/* The place k along a dimension of n. */
MG_DEVICE int64_t OWN(place)(int64_t k, int64_t n) { return k < 0 ? k + n : k; }

#ifdef PICK
/* y = x[k0, k1 ...], for each number i of y: FROM(i) is where it would lie were all places 0, and
   FOUND(i) is how much farther it lies for what the places are. Where INSIDE(i) is false a place is
   none: the result is then a nan, which is seen, or 0 in a type without. */
extern "C" __global__ void PICK(const real *x MG_STRIDED, real *y MG_STRIDED PLACES) {
    for (index i = (index)mg_thread(); i < COUNT; i += (index)mg_threads())
        y[TO(i)] = INSIDE(i) ? x[FROM(i) + FOUND(i)] : OUTSIDE;
}
#endif

#ifdef PUT_BACK
/* x = zeros, but y is added at x[k0, k1 ...], for each number i of x: it looks through all PICKED
   places for those that MATCH(i, j), in their order, so a sum never changes from run to run. That is
   much reading where x is large; but no thread waits for another, and all of a warp read the same
   places. */
extern "C" __global__ void PUT_BACK(const real *y MG_STRIDED, real *x MG_STRIDED PLACES) {
    for (index i = (index)mg_thread(); i < COUNT; i += (index)mg_threads()) {
        real s = 0;
        for (index j = 0; j < PICKED; j++)
            if (MATCH(i, j)) s += y[FROM(i) + AT(j)];
        x[TO(i)] = s;
    }
}
#endif
