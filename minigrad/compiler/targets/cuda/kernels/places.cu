/* The same numbers in another place.

   FROM(i) says where the i-th number lies before. STORE(i, v) writes it, or goes on with it (tail.py);
   where these are a part of a larger array, FIRST of its numbers come before. */

#ifdef COPY
/* y[i] = x[i]. Bound by memory: on an H100 some 2.5 TB/s where both sides are dense, and a
   large part of it where only y is. */
extern "C" __global__ void COPY(const source *x MG_STRIDED, target *y MG_STRIDED TAIL) {
    for (index i = (index)mg_thread(); i < COUNT; i += (index)mg_threads())
        STORE(FIRST + i, TRUTH ? (target)(x[FROM(i)] != 0) : (target)x[FROM(i)]);
}
#endif
