/* Convolution and its adjoint, both as correlations with a table of offsets.

   The images are laid out in their border, split into as many phases as the window's stride: then
   whatever a filter's number meets is one run of memory. Runs go on through the border between the
   image's rows ("wide"), and what was computed there is left out. Where an image is small, so that
   much would be left out, the runs of several images are first brought together as columns. */

/* One lattice of results: qh x qw places, written at (y0 + i sy, x0 + j sx); and its table. */
typedef struct {
    int64_t qh, qw, y0, x0, sy, sx, count;
    int32_t *weight, *source;
} NAME(Lattice);

typedef struct {
    NAME(Layout) layout;
    int64_t images, groups, channels, filters; /* channels in and out of one group */
    int64_t weight_step, weight_group; /* from one filter to the next, from one group to the next */
    int64_t h, w; /* of a result */
    const real *x, *weight, *bias;
    real *y;
    const NAME(Lattice) *lattices;
    int64_t number; /* of lattices */
    int64_t together; /* images whose columns are brought together; 0: wide runs, image by image */
    int failed;
} NAME(Correlation);

/* Some images on their way: what the parts of a loop over planes, rows or filters need. */
typedef struct {
    const NAME(Correlation) *c;
    const NAME(Lattice) *lattice;
    int64_t first, images, group; /* the images first .. first + images */
    real *laid, *columns, *sums;
    int64_t step; /* from one row of columns, or of sums, to the next */
    int64_t start, stop; /* the rows of the table that are in `columns` */
    int32_t *rows; /* where each row of columns begins */
    int failed;
} NAME(Some);

static void NAME(lay_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Some) *s = context;
    const NAME(Layout) *l = &s->c->layout;
    const real *x = s->c->x + s->first * s->c->groups * s->c->channels * l->h * l->w;
    for (int64_t i = start; i < stop; i++)
        NAME(lay_plane)(l, x + i * l->h * l->w, s->laid + i * l->plane, 0);
}

/* Copy rows of results to their places, with the bias added. */
static void NAME(place_rows)(const NAME(Correlation) *c, const NAME(Lattice) *q, int64_t image,
                             int64_t filter, int64_t start, int64_t stop, const real *t,
                             int64_t step) {
    real bias = c->bias ? c->bias[filter] : 0;
    real *y = c->y + ((image * c->groups * c->filters + filter) * c->h + q->y0) * c->w + q->x0;
    for (int64_t i = start; i < stop; i++, t += step) {
        real *to = y + i * q->sy * c->w;
        if (q->sx == 1)
            NAME(copy_plus)(to, t, q->qw, bias);
        else
            for (int64_t j = 0; j < q->qw; j++) to[j * q->sx] = t[j] + bias;
    }
}

static int NAME(pointers)(const NAME(Some) *s, int64_t block, const real **a) {
    const NAME(Correlation) *c = s->c;
    int64_t f = block * MINIGRAD_ROWS;
    int rows = minigrad_least(MINIGRAD_ROWS, c->filters - f);
    for (int i = 0; i < rows; i++)
        a[i] = c->weight + s->group * c->weight_group + (f + i) * c->weight_step;
    return rows;
}

/* Wide runs: a block of filters over one image, some rows of it at a time. */
static void NAME(run_wide)(void *context, int64_t start, int64_t stop) {
    enum { RUN = 1024 };
    NAME(Some) *s = context;
    const NAME(Correlation) *c = s->c;
    const NAME(Lattice) *q = s->lattice;
    int64_t row = c->layout.row, rows = minigrad_most(1, RUN / row);
    int64_t step = (((rows - 1) * row + q->qw) / NAME(LANES) + 1) * NAME(LANES);
    real *t = minigrad_scratch(4, MINIGRAD_ROWS * step * sizeof(real));
    if (!t) {
        s->failed = 1;
        return;
    }
    int64_t blocks = (c->filters + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    for (int64_t item = start; item < stop; item++) {
        int64_t i = item / blocks * rows, block = item % blocks;
        int64_t end = minigrad_least(i + rows, q->qh);
        const real *a[MINIGRAD_ROWS];
        int filters = NAME(pointers)(s, block, a);
        NAME(tiles)(filters, (end - i - 1) * row + q->qw, q->count, a, q->weight,
                    s->laid + s->group * c->channels * c->layout.plane + i * row, q->source, t,
                    step, 0);
        for (int f = 0; f < filters; f++)
            NAME(place_rows)(c, q, s->first,
                             s->group * c->filters + block * MINIGRAD_ROWS + f, i, end,
                             t + f * step, row);
    }
}

/* Bring together what the table's rows meet at all places of the images, without gaps. */
static void NAME(gather_rows)(void *context, int64_t start, int64_t stop) {
    const NAME(Some) *s = context;
    const NAME(Lattice) *q = s->lattice;
    const NAME(Layout) *l = &s->c->layout;
    int64_t image = s->c->groups * s->c->channels * l->plane;
    for (int64_t r = start; r < stop; r++) {
        real *to = s->columns + r * s->step;
        const real *from = s->laid + s->group * s->c->channels * l->plane
                           + q->source[s->start + r];
        for (int64_t n = 0; n < s->images; n++, from += image, to += q->qh * q->qw)
            NAME(copy_over)(to, q->qw, from, l->row, q->qw, q->qh);
    }
}

/* A block of filters over the columns; after the last rows of the table the results are placed. */
static void NAME(run_columns)(void *context, int64_t start, int64_t stop) {
    const NAME(Some) *s = context;
    const NAME(Correlation) *c = s->c;
    const NAME(Lattice) *q = s->lattice;
    int64_t places = q->qh * q->qw;
    NAME(Lattice) to = *q;
    if (q->sy == 1 && q->sx == 1) /* the rows follow each other, here and there: one long one */
        to = (NAME(Lattice)){.qh = 1, .qw = places, .sy = 1, .sx = 1};
    for (int64_t block = start; block < stop; block++) {
        const real *a[MINIGRAD_ROWS];
        int filters = NAME(pointers)(s, block, a);
        real *t = s->sums + block * MINIGRAD_ROWS * s->step;
        NAME(tiles)(filters, s->images * places, s->stop - s->start, a, q->weight + s->start,
                    s->columns, s->rows, t, s->step, s->start > 0);
        if (s->stop < q->count) continue;
        for (int f = 0; f < filters; f++)
            for (int64_t n = 0; n < s->images; n++)
                NAME(place_rows)(c, &to, s->first + n,
                                 s->group * c->filters + block * MINIGRAD_ROWS + f, 0, to.qh,
                                 t + f * s->step + n * places, to.qw);
    }
}

static void NAME(by_columns)(NAME(Some) *s) {
    enum { CACHE = 1 << 19 };
    const NAME(Correlation) *c = s->c;
    const NAME(Lattice) *q = s->lattice;
    int64_t places = s->images * q->qh * q->qw;
    s->step = (places / NAME(LANES) + 2) * NAME(LANES); /* room for what is copied over */
    int64_t most = minigrad_most(64, CACHE / (s->step * (int64_t)sizeof(real)));
    int64_t turns = minigrad_most(1, (q->count + most - 1) / most);
    most = (q->count + turns - 1) / turns;
    int64_t blocks = (c->filters + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    s->columns = minigrad_scratch(1, (most + 1) * s->step * sizeof(real));
    s->sums = minigrad_scratch(2, blocks * MINIGRAD_ROWS * s->step * sizeof(real));
    s->rows = minigrad_scratch(5, (most + 1) * sizeof(int32_t));
    if (!s->columns || !s->sums || !s->rows) {
        s->failed = 1;
        return;
    }
    for (int64_t r = 0; r < most; r++) s->rows[r] = r * s->step;
    for (int64_t turn = 0; turn < turns; turn++) {
        s->start = turn * most;
        s->stop = minigrad_least(s->start + most, q->count);
        minigrad_parallel(NAME(gather_rows), s, s->stop - s->start, 1 + 4096 / places);
        minigrad_parallel(NAME(run_columns), s, blocks, 1);
    }
}

/* The chunks of images from start up to stop. */
static void NAME(correlate_chunks)(void *context, int64_t start, int64_t stop) {
    NAME(Correlation) *c = context;
    int64_t together = minigrad_most(1, c->together);
    int64_t planes = c->groups * c->channels, slack = 4 * NAME(LANES);
    NAME(Some) s = {.c = c};
    s.laid = minigrad_scratch(0, (together * planes * c->layout.plane + slack) * sizeof(real));
    s.failed = !s.laid;
    for (int64_t i = start; i < stop && !s.failed; i++) {
        s.first = i * together;
        s.images = minigrad_least(together, c->images - s.first);
        minigrad_parallel(NAME(lay_planes), &s, s.images * planes, 1 + 4096 / c->layout.plane);
        for (s.group = 0; s.group < c->groups; s.group++)
            for (int64_t k = 0; k < c->number && !s.failed; k++) {
                s.lattice = c->lattices + k;
                if (!s.lattice->qh || !s.lattice->qw) continue;
                if (c->together) {
                    NAME(by_columns)(&s);
                } else {
                    int64_t rows = minigrad_most(1, 1024 / c->layout.row);
                    int64_t blocks = (c->filters + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
                    int64_t parts = (s.lattice->qh + rows - 1) / rows;
                    minigrad_parallel(NAME(run_wide), &s, parts * blocks, 1);
                }
            }
    }
    if (s.failed) c->failed = 1;
}

/* How many images to bring together: 0 for wide runs, where what these leave out costs less. */
static int64_t NAME(choose)(const NAME(Correlation) *c, int64_t threads) {
    enum { PLACES = 384, FEW = 48 };
    const NAME(Lattice) *q = c->lattices;
    int64_t places = minigrad_most(1, q->qh * q->qw);
    int64_t together = minigrad_least(c->images, minigrad_most(1, 2 * PLACES / places));
    if (c->images >= threads && c->images * places >= threads * FEW) {
        /* As many chunks for each thread, none too large. */
        int64_t chunks = (c->images * places + PLACES - 1) / PLACES;
        chunks = minigrad_least(c->images, (chunks + threads - 1) / threads * threads);
        together = (c->images + chunks - 1) / chunks;
    }
    double lanes = NAME(LANES), blocks = (double)c->filters / MINIGRAD_ROWS;
    double cycles = MINIGRAD_ROWS / 2.0; /* of a vector of sums for a block of filters */
    double wide = blocks * cycles * (((q->qh - 1) * c->layout.row + q->qw) / lanes + 0.5);
    double columns = blocks * cycles * (places / lanes + 0.5 / together)
                     + q->qh * (1 + 2 * q->qw / lanes);
    return wide <= columns ? 0 : together;
}

static int NAME(correlate)(NAME(Correlation) *c) {
    int64_t threads = minigrad_threads();
    c->together = NAME(choose)(c, threads);
    int64_t chunks = c->together ? (c->images + c->together - 1) / c->together : c->images;
    if (chunks >= 4 * threads || (chunks >= threads && chunks % threads == 0))
        minigrad_parallel(NAME(correlate_chunks), c, chunks, 1);
    else
        NAME(correlate_chunks)(c, 0, chunks); /* the threads share planes and filters instead */
    return c->failed ? MINIGRAD_MEMORY : 0;
}

/* y = x correlated with w. Arrays: y, x, w, bias or nothing. Ints: Geometry, whether there is a
   bias. */
int NAME(conv)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Geometry) g;
    memcpy(&g, n, sizeof g);
    if (NAME(points)(&g)) {
        real *y = a[0];
        const real *bias = n[16] ? a[3] : NULL;
        for (int64_t i = 0; bias && i < g.n; i++) memcpy(y + i * g.o, bias, g.o * sizeof(real));
        NAME(minigrad_gemm)(0, 1, g.n, g.o, g.c, 1, a[1], g.c, a[2], g.c, bias != NULL, y, g.o);
        return 0;
    }
    int64_t channels = g.c / g.groups, filters = g.o / g.groups;
    int64_t count = channels * g.kh * g.kw;
    int32_t *table = minigrad_scratch(3, 2 * count * sizeof(int32_t));
    if (!table) return MINIGRAD_MEMORY;
    NAME(Lattice) all = {g.oh, g.ow, 0, 0, 1, 1, count, table, table + count};
    NAME(Correlation) c = {.images = g.n, .groups = g.groups, .channels = channels,
                           .filters = filters, .weight_step = count,
                           .weight_group = filters * count, .h = g.oh, .w = g.ow, .x = a[1],
                           .weight = a[2], .bias = n[16] ? a[3] : NULL, .y = a[0],
                           .lattices = &all, .number = 1};
    NAME(window_table)(&g, g.sh, g.sw, &c.layout, table + count);
    for (int64_t r = 0; r < count; r++) table[r] = r;
    return NAME(correlate)(&c);
}

/* The least and greatest shift (a + before - k d) / s over all a < min(s, length) and k for which
   it is whole; and how many rows of y the places need. */
static void NAME(shifts)(int64_t length, int64_t k, int64_t s, int64_t d, int64_t before,
                         int64_t *least, int64_t *rows) {
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int64_t a = 0; a < minigrad_least(s, length); a++)
        for (int64_t i = 0; i < k; i++) {
            int64_t shift = a + before - i * d;
            if (shift % s) continue;
            low = minigrad_least(low, shift / s);
            high = minigrad_most(high, shift / s + (length - a + s - 1) / s);
        }
    if (low > high) low = 0, high = 1;
    *least = low, *rows = high - low;
}

/* x = the adjoint of `conv` in x. Arrays: x, y, w. Ints: Geometry. The places of x whose rows and
   columns leave the same remainder by the stride meet the same numbers of the window: a lattice. */
int NAME(conv_input)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Geometry) g;
    memcpy(&g, n, sizeof g);
    if (NAME(points)(&g)) {
        NAME(minigrad_gemm)(0, 0, g.n, g.c, g.o, 1, a[1], g.o, a[2], g.c, 0, a[0], g.c);
        return 0;
    }
    int64_t channels = g.o / g.groups, filters = g.c / g.groups, k = g.kh * g.kw;
    int64_t number = g.sh * g.sw, least_y, least_x, rows, width;
    char *memory = minigrad_scratch(3, number * sizeof(NAME(Lattice))
                                           + 2 * channels * k * sizeof(int32_t));
    if (!memory) return MINIGRAD_MEMORY;
    NAME(Lattice) *lattices = (NAME(Lattice) *)memory;
    int32_t *table = (int32_t *)(lattices + number);
    NAME(Correlation) c = {.images = g.n, .groups = g.groups, .channels = channels,
                           .filters = filters, .weight_step = k,
                           .weight_group = channels * filters * k, .h = g.h, .w = g.w, .x = a[1],
                           .weight = a[2], .y = a[0], .lattices = lattices, .number = number};
    NAME(shifts)(g.h, g.kh, g.sh, g.dh, g.top, &least_y, &rows);
    NAME(shifts)(g.w, g.kw, g.sw, g.dw, g.left, &least_x, &width);
    NAME(lay_out)(&c.layout, g.oh, g.ow, 1, 1, 1, 1, -least_y, -least_x, rows, width);
    for (int64_t y0 = 0; y0 < g.sh; y0++)
        for (int64_t x0 = 0; x0 < g.sw; x0++, lattices++) {
            *lattices = (NAME(Lattice)){(g.h - y0 + g.sh - 1) / g.sh, (g.w - x0 + g.sw - 1) / g.sw,
                                        y0, x0, g.sh, g.sw, 0, table, table + channels * k};
            int64_t count = 0;
            for (int64_t o = 0; o < channels; o++)
                for (int64_t i = 0; i < g.kh; i++)
                    for (int64_t j = 0; j < g.kw; j++) {
                        int64_t y = y0 + g.top - i * g.dh, x = x0 + g.left - j * g.dw;
                        if (y % g.sh || x % g.sw) continue;
                        lattices->weight[count] = o * filters * k + i * g.kw + j;
                        lattices->source[count++] = o * c.layout.plane
                                                    + (y / g.sh - least_y) * c.layout.row
                                                    + x / g.sw - least_x;
                    }
            lattices->count = count;
            table += count;
        }
    return NAME(correlate)(&c);
}
