/* Masks of dropout from their position alone (minigrad/ops/random.py says how they are counted). */

#ifdef KEEP
/* y = 0 with probability p, else SCALE, at the position (seed, count). A thread makes the eight
   numbers of one block of Philox: bit for bit those of NumPy. LIMIT = round(2^32 p). */
extern "C" __global__ void KEEP(const int64_t *position MG_DENSE(2), real *y MG_STRIDED) {
    uint64_t seed = (uint64_t)position[0], count = (uint64_t)position[1];
    for (int64_t b = mg_thread(); b * 8 < COUNT; b += mg_threads()) {
        uint64_t counter[4] = {1 + (uint64_t)b, count, 0, 0}, word[4];
        mg_philox(counter, seed, 0, word);
        for (int j = 0; j < 8; j++) {
            int64_t i = b * 8 + j;
            uint64_t bits = word[j / 2] >> 32 * (j % 2) & 0xffffffffull;
            if (i < COUNT) y[TO(i)] = bits >= LIMIT ? SCALE : 0;
        }
    }
}
#endif

#ifdef ADVANCE
/* y = the position of the next mask: (seed, count + 1). y may be x. */
extern "C" __global__ void ADVANCE(const int64_t *x MG_DENSE(2), int64_t *y MG_DENSE(2)) {
    y[0] = x[0];
    y[1] = x[1] + 1;
}
#endif
