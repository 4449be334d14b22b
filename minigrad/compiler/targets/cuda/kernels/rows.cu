/* Exponentials that sum to one. A row is COUNT numbers that lie INNER apart; LANES threads of a warp
   stand side by side in it: 32 for long rows that are runs of memory, 1 for short ones and for rows
   whose neighbours are runs of memory. Threads read a row three times, from the cache all but once.

   Every lane of a warp goes round as often as the others, since they meet in the folds: beyond the
   last row they do the last one again and write nothing. */

#define EACH_ROW                                                                                    \
    for (index i = (index)(mg_thread() / LANES), lane = (index)(mg_thread() % LANES);               \
         i - (index)(mg_thread() / LANES) < ROWS; i += (index)(mg_threads() / LANES))
#define START(row) ((row) / INNER * (COUNT * INNER) + (row) % INNER)
#define EACH_NUMBER for (index k = lane; k < COUNT; k += LANES)
#define FOLDED(f, v) (LANES > 1 ? mg_warp_fold(f, v) : (v))

#ifdef SOFTMAX
/* y = exp(x - m) / sum exp(x - m), or its logarithm, with m = max x */
extern "C" __global__ void SOFTMAX(const real *x MG_DENSE(ROWS * COUNT), real *y MG_DENSE(ROWS * COUNT)) {
    EACH_ROW {
        index at = START(i < ROWS ? i : ROWS - 1);
        real m = -INFINITY, s = 0;
        EACH_NUMBER m = mg_max()(m, x[at + k * INNER]);
        m = FOLDED(mg_max(), m);
        EACH_NUMBER s += mg_exp(x[at + k * INNER] - m);
        s = FOLDED(mg_add(), s);
        if (i >= ROWS) continue;
        if (LOGARITHM) s = mg_log(s);
        EACH_NUMBER {
            real v = x[at + k * INNER] - m;
            y[at + k * INNER] = LOGARITHM ? v - s : mg_exp(v) / s;
        }
    }
}
#endif

#ifdef SOFTMAX_BACK
/* z = q (c - sum c q) with q = max(p, LEAST): the derivative of the softmax p */
extern "C" __global__ void SOFTMAX_BACK(const real *c MG_DENSE(ROWS * COUNT), const real *p MG_DENSE(ROWS * COUNT),
                                        real *z MG_DENSE(ROWS * COUNT)) {
    EACH_ROW {
        index at = START(i < ROWS ? i : ROWS - 1);
        real s = 0;
        EACH_NUMBER s += c[at + k * INNER] * mg_max()(p[at + k * INNER], LEAST);
        s = FOLDED(mg_add(), s);
        if (i >= ROWS) continue;
        EACH_NUMBER z[at + k * INNER] = mg_max()(p[at + k * INNER], LEAST) * (c[at + k * INNER] - s);
    }
}
#endif

#undef EACH_ROW
#undef START
#undef EACH_NUMBER
#undef FOLDED
