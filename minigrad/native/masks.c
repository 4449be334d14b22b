/* Masks of dropouts: Philox4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011)
   at a position, the seed and a count; see minigrad/ops/random.py. */

typedef struct {
    real *y, scale;
    int64_t count;
    uint64_t seed, at, limit;
} NAME(Mask);

static void NAME(keep_blocks)(void *context, int64_t start, int64_t stop) {
    const NAME(Mask) *p = context;
    for (int64_t block = start; block < stop; block++) {
        uint64_t a = 1 + block, b = p->at, c = 0, d = 0, k0 = p->seed, k1 = 0;
        for (int round = 0; round < 10; round++) {
            unsigned __int128 left = (unsigned __int128)0xD2E7470EE14C6C93ull * a;
            unsigned __int128 right = (unsigned __int128)0xCA5A826395121157ull * c;
            a = (uint64_t)(right >> 64) ^ b ^ k0, b = (uint64_t)right;
            c = (uint64_t)(left >> 64) ^ d ^ k1, d = (uint64_t)left;
            k0 += 0x9E3779B97F4A7C15ull, k1 += 0xBB67AE8584CAA73Bull;
        }
        const uint64_t word[4] = {a, b, c, d};
        real kept[8];
        for (int i = 0; i < 8; i++)
            kept[i] = (word[i / 2] >> 32 * (i % 2) & 0xFFFFFFFFu) >= p->limit ? p->scale : 0;
        int64_t from = 8 * block, some = minigrad_least(8, p->count - from);
        memcpy(p->y + from, kept, some * sizeof(real));
    }
}

/* Arrays: y, the position. Ints: how many numbers, the limit of 32 bits below which one is dropped.
   Reals: what is kept. */
int NAME(keep)(void *const *a, const int64_t *n, const double *r) {
    const int64_t *position = a[1];
    NAME(Mask) p = {a[0], (real)r[0], n[0], position[0], position[1], n[1]};
    minigrad_parallel(NAME(keep_blocks), &p, (n[0] + 7) / 8, 2048);
    return 0;
}
