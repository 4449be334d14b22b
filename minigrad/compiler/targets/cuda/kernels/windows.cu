/* Windows that slide over images. Images are planes of H x W numbers, results planes of OH x OW; the
   window of result (oh, ow) begins at row oh * SH - PT, column ow * SW - PL and takes each DH-th row
   and DW-th column, KH x KW numbers, of which those outside the image count as a border.

   Each thread makes one number and reads all that it needs: what goes back to the image is gathered
   window by window and never added by several threads. All sizes are constants, so loops over a
   window are unrolled. Bound by memory: each number is read about once from beyond the cache.

   STORE(i, v) writes a number, or goes on with it (tail.py). */

#define ALL (PLANES * H * W)   /* numbers of all images */
#define FEW (PLANES * OH * OW) /* numbers of all results */
#define ROW(oh, kh) ((oh) * SH - PT + (kh) * DH)
#define COLUMN(ow, kw) ((ow) * SW - PL + (kw) * DW)
#define INSIDE(h, w) ((h) >= 0 && (h) < H && (w) >= 0 && (w) < W)

/* For each number i of a result: its window's plane of x, and its place. */
#define EACH_PLACE                                                                                  \
    for (index i = (index)mg_thread(); i < PLANES * OH * OW; i += (index)mg_threads())
#define PLANE(i) ((i) / (OH * OW) * (H * W))
#define PLACE(i) int ow = (int)((i) % OW), oh = (int)((i) / OW % OH)

/* For each number i of an image, and each offset (kh, kw) at which a window finds it: that window. */
#define EACH_NUMBER for (index i = (index)mg_thread(); i < PLANES * H * W; i += (index)mg_threads())
#define EACH_WINDOW                                                                                 \
    for (int kh = 0, h = (int)(i / W % H), w = (int)(i % W); kh < KH; kh++)                         \
        for (int kw = 0, dh = h + PT - kh * DH; kw < KW; kw++)                                      \
            if (int dw = w + PL - kw * DW; dh >= 0 && dw >= 0 && dh % SH == 0 && dw % SW == 0 &&    \
                                           dh / SH < OH && dw / SW < OW)
#define FOUND(i) ((i) / (H * W) * (OH * OW) + dh / SH * OW + dw / SW)

#ifdef WINDOW_MAX
/* y = the largest number of each window; a nan wins. The border counts as -inf. */
extern "C" __global__ void WINDOW_MAX(const real *x MG_DENSE(ALL), real *y MG_DENSE(FEW) TAIL) {
    EACH_PLACE {
        PLACE(i);
        real best = -INFINITY;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = ROW(oh, kh), w = COLUMN(ow, kw);
                if (INSIDE(h, w)) best = mg_max()(best, x[PLANE(i) + h * W + w]);
            }
        STORE(i, best);
    }
}
#endif

#if defined(WINDOW_ARGMAX) || defined(WINDOW_TOP)
/* a = where in its window the largest number is: the first of several, the last nan where there is
   one, and the first number inside the image where none is larger than -inf; of a window that is all
   border the first offset at which neither index is below 0. WINDOW_TOP: also y, the number. */
#ifdef WINDOW_ARGMAX
extern "C" __global__ void WINDOW_ARGMAX(const real *x MG_DENSE(ALL), spot *a MG_DENSE(FEW)) {
#else
extern "C" __global__ void WINDOW_TOP(const real *x MG_DENSE(ALL), real *y MG_DENSE(FEW), spot *a MG_DENSE(FEW) TAIL) {
#endif
    EACH_PLACE {
        PLACE(i);
        real best = -INFINITY;
        int found = -1;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = ROW(oh, kh), w = COLUMN(ow, kw);
                if (!INSIDE(h, w)) continue;
                real v = x[PLANE(i) + h * W + w];
                if (found < 0 || v > best || v != v) found = kh * KW + kw;
                best = mg_max()(best, v);
            }
        if (found < 0) {
            int kh = 0, kw = 0;
            while (kh < KH - 1 && ROW(oh, kh) < 0) kh++;
            while (kw < KW - 1 && COLUMN(ow, kw) < 0) kw++;
            found = kh * KW + kw;
        }
        a[i] = (spot)found;
#ifdef WINDOW_TOP
        STORE(i, best);
#endif
    }
}
#endif

#ifdef WINDOW_SUM
/* y = the sum of each window; the border counts as 0. */
extern "C" __global__ void WINDOW_SUM(const real *x MG_DENSE(ALL), real *y MG_DENSE(FEW) TAIL) {
    EACH_PLACE {
        PLACE(i);
        real s = 0;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = ROW(oh, kh), w = COLUMN(ow, kw);
                if (INSIDE(h, w)) s += x[PLANE(i) + h * W + w];
            }
        STORE(i, s);
    }
}
#endif

#ifdef WINDOW_PICK
/* y = x at the offset a of each window. */
extern "C" __global__ void WINDOW_PICK(const real *x MG_DENSE(ALL), const spot *a MG_DENSE(FEW), real *y MG_DENSE(FEW)) {
    EACH_PLACE {
        PLACE(i);
        int h = ROW(oh, (int)a[i] / KW), w = COLUMN(ow, (int)a[i] % KW);
        y[i] = INSIDE(h, w) ? x[PLANE(i) + h * W + w] : 0;
    }
}
#endif

#ifdef WINDOW_DROP
/* x = the sum of those y whose window was read at this number: the adjoint of WINDOW_PICK. */
extern "C" __global__ void WINDOW_DROP(const real *y MG_DENSE(FEW), const spot *a MG_DENSE(FEW), real *x MG_DENSE(ALL) TAIL) {
    EACH_NUMBER {
        real s = 0;
        EACH_WINDOW if (a[FOUND(i)] == kh * KW + kw) s += y[FOUND(i)];
        STORE(i, s);
    }
}
#endif

#ifdef WINDOW_SPREAD
/* x = the sum of those y in whose window this number is: the adjoint of WINDOW_SUM. */
extern "C" __global__ void WINDOW_SPREAD(const real *y MG_DENSE(FEW), real *x MG_DENSE(ALL) TAIL) {
    EACH_NUMBER {
        real s = 0;
        EACH_WINDOW s += y[FOUND(i)];
        STORE(i, s);
    }
}
#endif

#undef ALL
#undef FEW
#undef ROW
#undef COLUMN
#undef INSIDE
#undef EACH_PLACE
#undef PLANE
#undef PLACE
#undef EACH_NUMBER
#undef EACH_WINDOW
#undef FOUND
