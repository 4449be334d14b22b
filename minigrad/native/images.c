/* Images laid out in their border, for what moves a window over them: convolutions, the gradients of
   their filters, and pooling. */

/* How planes of h x w are laid out: the first uh x uw of ph x pw phases, which are all that the
   window meets, each with its rows at a distance of `row`. */
typedef struct {
    int64_t h, w, ph, pw, uh, uw, top, left, rows, width, row, phase, plane;
} NAME(Layout);

static void NAME(lay_out)(NAME(Layout) *l, int64_t h, int64_t w, int64_t ph, int64_t pw,
                          int64_t uh, int64_t uw, int64_t top, int64_t left, int64_t rows,
                          int64_t width) {
    int64_t right = minigrad_most(0, width - left - w);
    /* The border right of a row is the one left of the next, as far as both are long. */
    int64_t shared = pw == 1 ? minigrad_least(right, minigrad_most(left, 0)) : 0;
    *l = (NAME(Layout)){h, w, ph, pw, uh, uw, top, left, rows, width, width - shared};
    l->phase = rows * l->row + shared;
    l->plane = uh * uw * l->phase;
}

static void NAME(lay_plane)(const NAME(Layout) *l, const real *x, real *s, real border) {
    for (int64_t a = 0; a < l->uh; a++)
        for (int64_t b = 0; b < l->uw; b++, s += l->phase) {
            /* The columns j of this phase that lie inside: 0 <= j pw + b - left < w. */
            int64_t before = l->left - b, step = l->pw;
            int64_t first = before > 0 ? (before + step - 1) / step : 0;
            int64_t last = before + l->w > 0 ? (before + l->w + step - 1) / step : 0;
            first = minigrad_least(first, l->row), last = minigrad_least(last, l->row);
            for (int64_t j = 0; j < l->phase; j++) s[j] = border;
            for (int64_t i = 0; i < l->rows && first < last; i++) {
                int64_t y = i * l->ph + a - l->top;
                if (y < 0 || y >= l->h) continue;
                const real *from = x + y * l->w - before + first * step;
                real *to = s + i * l->row + first;
                if (step == 1)
                    NAME(copy_plus)(to, from, last - first, (real)-0.0);
                else if (step == 2)
                    for (int64_t j = 0; j < last - first; j++) to[j] = from[j * 2];
                else
                    for (int64_t j = 0; j < last - first; j++) to[j] = from[j * step];
            }
        }
}

/* What the integers of all three kernels mean. H x W is the image that the window moves over. */
typedef struct {
    int64_t n, c, h, w, o, oh, ow, groups, kh, kw, sh, sw, dh, dw, top, left;
} NAME(Geometry);

/* Whether there is but one number in a plane and the window's is on it, not beside it, so that a
   convolution is a product of matrices. */
static int NAME(points)(const NAME(Geometry) *g) {
    return g->h * g->w * g->oh * g->ow * g->kh * g->kw * g->groups == 1 && !g->top && !g->left
        && NAME(minigrad_multiplies)();
}

/* Where the window's numbers lie in an image that is laid out in so many phases. */
static void NAME(window_table)(const NAME(Geometry) *g, int64_t ph, int64_t pw,
                               NAME(Layout) *l, int32_t *source) {
    int64_t uh = minigrad_least(ph, (g->kh - 1) * g->dh + 1);
    int64_t uw = minigrad_least(pw, (g->kw - 1) * g->dw + 1);
    NAME(lay_out)(l, g->h, g->w, ph, pw, uh, uw, g->top, g->left,
                  (g->oh - 1) * g->sh / ph + 1 + (g->kh - 1) * g->dh / ph,
                  (g->ow - 1) * g->sw / pw + 1 + (g->kw - 1) * g->dw / pw);
    for (int64_t c = 0; c < g->c / g->groups; c++)
        for (int64_t i = 0; i < g->kh; i++)
            for (int64_t j = 0; j < g->kw; j++) {
                int64_t y = i * g->dh, x = j * g->dw;
                *source++ = c * l->plane + (y % ph * uw + x % pw) * l->phase + y / ph * l->row
                            + x / pw;
            }
}
