/* The same numbers in another place.

   FROM(i) and TO(i) say where the i-th number lies before and after. */

#ifdef COPY
/* y[TO(i)] = x[FROM(i)]. Bound by memory: on an H100 some 2.5 TB/s where both sides are dense, and a
   large part of it where only y is. */
extern "C" __global__ void COPY(const source *x, target *y) {
    for (index i = (index)mg_thread(); i < COUNT; i += (index)mg_threads())
        y[TO(i)] = TRUTH ? (target)(x[FROM(i)] != 0) : (target)x[FROM(i)];
}
#endif
