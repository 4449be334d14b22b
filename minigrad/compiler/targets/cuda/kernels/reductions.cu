/* Many numbers become one, always in the same order: no atomics, so a result never changes from run
   to run.

   The result with number o is made of the COUNT numbers x[KEPT(o) + REDUCED(r)], r = 0, 1 ...:
   each is turned into MAP(x), two are made one by `combine`, START changes nothing, and FINISH is
   done to the last. A sum of many numbers is split into SPLIT parts, each of which is a result; a
   second launch adds these up. STORE(i, s) writes a result, or goes on with it (tail.py).

   Each thread adds up COUNT / 256 numbers or fewer and the rest is a tree, so the rounding error
   grows far more slowly than in one long sum. */

#ifdef FOLD_ROWS
/* A block makes one result. Its threads stand side by side in what is summed, so they read side by
   side where that is dense. */
extern "C" __global__ void FOLD_ROWS(const source *x MG_STRIDED, target *y MG_STRIDED TAIL) {
    index o = blockIdx.x / SPLIT, part = blockIdx.x % SPLIT;
    index from = part * CHUNK, to = from + CHUNK < COUNT ? from + CHUNK : COUNT;
    combine f;
    total s = START;
    for (index r = from + (index)threadIdx.x; r < to; r += (index)blockDim.x) {
        source v = x[KEPT(o) + REDUCED(r)];
        s = f(s, (total)(MAP(v)));
    }
    s = mg_block_fold(f, s);
    if (threadIdx.x == 0) STORE(o * SPLIT + part, (target)(FINISH(s)));
}
#endif

#ifdef FOLD_COLUMNS
/* A block makes 32 results: the lanes of a warp stand side by side in the results, and the GROUPS
   warps take turns along what is summed. For sums over the first dimensions of a dense array. */
extern "C" __global__ void FOLD_COLUMNS(const source *x MG_STRIDED, target *y MG_STRIDED TAIL) {
    __shared__ total found[GROUPS][MG_WARP];
    const index tiles = (RESULTS + MG_WARP - 1) / MG_WARP;
    index part = blockIdx.x / tiles, lane = threadIdx.x % MG_WARP, group = threadIdx.x / MG_WARP;
    index o = blockIdx.x % tiles * MG_WARP + lane;
    index from = part * CHUNK, to = from + CHUNK < COUNT ? from + CHUNK : COUNT;
    combine f;
    total s = START;
    if (o < RESULTS)
        for (index r = from + group; r < to; r += GROUPS) {
            source v = x[KEPT(o) + REDUCED(r)];
            s = f(s, (total)(MAP(v)));
        }
    found[group][lane] = s;
    __syncthreads();
    if (group == 0 && o < RESULTS) {
        for (int g = 1; g < GROUPS; g++) s = f(s, found[g][lane]);
        STORE(o * SPLIT + part, (target)(FINISH(s)));
    }
}
#endif

#ifdef FIND
/* The first place of the largest number (or the smallest: ABOVE says which wins), a nan before all
   others, as NumPy has it. A block makes one result; the threads' finds meet in shared memory, in
   a tree in which of equal numbers the one with the lower place stays. */
extern "C" __global__ void FIND(const source *x MG_STRIDED, int64_t *y MG_STRIDED) {
    __shared__ source best[MG_BLOCK];
    __shared__ int32_t place[MG_BLOCK];
    index o = blockIdx.x;
    int32_t t = threadIdx.x;
    source b = 0;
    int32_t p = -1;
    for (index r = t; r < COUNT; r += (index)blockDim.x) {
        source v = x[KEPT(o) + REDUCED(r)];
        if (p < 0 || (b == b && (v != v || ABOVE(v, b)))) b = v, p = (int32_t)r;
    }
    best[t] = b, place[t] = p;
    for (int32_t half = blockDim.x / 2; half > 0; half /= 2) {
        __syncthreads();
        if (t < half && place[t + half] >= 0) {
            source v = best[t + half];
            int32_t q = place[t + half];
            bool nan = v != v, was = b != b;
            bool wins = p < 0 || (nan && !was) || (nan == was && (ABOVE(v, b)));
            bool tied = nan == was && !(ABOVE(v, b)) && !(ABOVE(b, v));
            if (wins || (tied && q < p)) b = v, p = q;
            best[t] = b, place[t] = p;
        }
    }
    if (t == 0) y[OUT(o)] = p;
}
#endif
