/* The loss of a classification by logits, and its derivative.

   Rows are what is classified: CLASSES logits, INNER numbers apart, and a whole number, the target.
   A row whose target is IGNORED counts for nothing. SHARE(v) is the weight of a row in the loss, of
   v rows that count: 1, or 1 / v for a mean. A target that is no class makes a nan of the loss and
   of its row of the derivative: a kernel cannot raise an error, and a nan is seen. */

#if defined(CLASS_LOSS) || defined(CLASS_ROWS)
/* One row by LANES threads of a warp that stand side by side, lane by lane:
       loss      log sum exp(x - m) - (x[t] - m)             with m = max x
       residual  (exp(x - m) / sum exp(x - m) - [c == t]) w
   The residual is left out where r is 0. */
MG_DEVICE real OWN(row)(const real *x, real *r, int64_t t, int lane, real w) {
    real m = -INFINITY, s = 0;
    for (int c = lane; c < CLASSES; c += LANES) m = mg_max()(m, x[(index)c * INNER]);
    if (LANES > 1) m = mg_warp_fold(mg_max(), m);
    for (int c = lane; c < CLASSES; c += LANES) s += mg_exp(x[(index)c * INNER] - m);
    if (LANES > 1) s = mg_warp_fold(mg_add(), s);
    bool counts = t != IGNORED, bad = counts && (t < 0 || t >= CLASSES);
    if (r)
        for (int c = lane; c < CLASSES; c += LANES) {
            real p = mg_exp(x[(index)c * INNER] - m) / s;
            r[(index)c * INNER] = bad ? NAN : counts ? (c == t ? p - 1 : p) * w : p * 0;
        }
    return bad ? NAN : counts ? mg_log(s) - (x[(index)t * INNER] - m) : 0;
}
#endif

#ifdef CLASS_LOSS
/* All rows by one block: the rows that count, then loss and residual (0 for one that nobody wants),
   then the sum of the losses in an order that never changes. For a batch of a thousand rows and ten
   classes: one launch of a few microseconds in place of four. */
extern "C" __global__ void CLASS_LOSS(const real *x MG_DENSE(ROWS * CLASSES), const int64_t *target MG_DENSE(ROWS),
                                      real *loss MG_DENSE(1), real *residual MG_DENSE(ROWS * CLASSES)) {
    real valid = 0, sum = 0;
    for (index i = threadIdx.x; i < ROWS; i += (index)blockDim.x) valid += target[i] != IGNORED;
    valid = mg_block_fold(mg_add(), valid);
    real w = SHARE(valid);
    int lane = threadIdx.x % LANES;
    /* Every lane of a warp goes round as often as the others: they meet inside. */
    for (index i = threadIdx.x / LANES; i - threadIdx.x / LANES < ROWS; i += blockDim.x / LANES) {
        index row = i < ROWS ? i : ROWS - 1, at = row / INNER * CLASSES * INNER + row % INNER;
        real *r = residual && i < ROWS ? residual + at : 0;
        real own = OWN(row)(x + at, r, target[row], lane, w);
        if (i < ROWS && lane == 0) sum += own;
    }
    sum = mg_block_fold(mg_add(), sum);
    if (loss && threadIdx.x == 0) loss[0] = sum * w;
}
#endif

#ifdef CLASS_ROWS
/* The rows by many blocks. `valid` holds the number of rows that count; the losses, weighted, are
   added up by another launch. */
extern "C" __global__ void CLASS_ROWS(const real *x MG_DENSE(ROWS * CLASSES), const int64_t *target MG_DENSE(ROWS),
                                      const real *valid MG_DENSE(1), real *losses MG_DENSE(ROWS),
                                      real *residual MG_DENSE(ROWS * CLASSES)) {
    real w = SHARE(valid[0]);
    int lane = threadIdx.x % LANES;
    index each = (index)(mg_threads() / LANES), own = (index)(mg_thread() / LANES);
    for (index i = own; i - own < ROWS; i += each) {
        index row = i < ROWS ? i : ROWS - 1, at = row / INNER * CLASSES * INNER + row % INNER;
        real *r = residual && i < ROWS ? residual + at : 0;
        real found = OWN(row)(x + at, r, target[row], lane, w);
        if (losses && i < ROWS && lane == 0) losses[row] = found * w;
    }
}
#endif
