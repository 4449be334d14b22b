/* The gradient of a convolution's filters: for every number r of the window, the products of what
   it meets (one number) and the results' cotangents (vectors of filters), summed over the places.

   The images are laid out as in convolution.c and read where they lie; the cotangents are turned
   so that the filters of a place are neighbours. Threads share the images, each with sums of its
   own that are added in a fixed order; or, where there are few images or many sums, the sums. */

typedef struct {
    NAME(Geometry) g;
    NAME(Layout) layout;
    const real *x, *y;
    real *weight;
    int64_t count; /* of the numbers r in a group's window */
    int64_t filters, step; /* of a group; and from one place, or r, to the next: whole vectors */
    const int32_t *source;
    int64_t together, chunks, parts;
    real *sums; /* (parts, groups, count, step) */
    int failed;
} NAME(Filters);

typedef struct {
    const NAME(Filters) *f;
    int64_t first, images, start, stop; /* images first .. ; places start .. stop of them */
    real *laid, *turned, *sums;
    int32_t *places, *rows;
    int more;
} NAME(Turn);

static void NAME(lay_and_turn)(void *context, int64_t start, int64_t stop) {
    enum { BLOCK = 16 };
    const NAME(Turn) *t = context;
    const NAME(Filters) *f = t->f;
    const NAME(Geometry) *g = &f->g;
    int64_t places = g->oh * g->ow;
    for (int64_t n = start; n < stop; n++) {
        for (int64_t c = 0; c < g->c; c++)
            NAME(lay_plane)(&f->layout, f->x + ((t->first + n) * g->c + c) * g->h * g->w,
                            t->laid + (n * g->c + c) * f->layout.plane);
        for (int64_t group = 0; group < g->groups; group++) {
            const real *y = f->y + ((t->first + n) * g->o + group * f->filters) * places;
            real *to = t->turned + (n * places * g->groups + group) * f->step;
            for (int64_t p = 0; p < places; p += BLOCK)
                for (int64_t i = p; i < minigrad_least(p + BLOCK, places); i++) {
                    real *row = to + i * g->groups * f->step;
                    for (int64_t o = 0; o < f->filters; o++) row[o] = y[o * places + i];
                    for (int64_t o = f->filters; o < f->step; o++) row[o] = 0;
                }
        }
    }
}

/* Blocks of the window's numbers, group by group. */
static void NAME(sum_places)(void *context, int64_t start, int64_t stop) {
    const NAME(Turn) *t = context;
    const NAME(Filters) *f = t->f;
    int64_t blocks = (f->count + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    int64_t channels = f->g.c / f->g.groups;
    for (int64_t item = start; item < stop; item++) {
        int64_t group = item / blocks, r = item % blocks * MINIGRAD_ROWS;
        int rows = minigrad_least(MINIGRAD_ROWS, f->count - r);
        const real *a[MINIGRAD_ROWS];
        for (int i = 0; i < rows; i++)
            a[i] = t->laid + group * channels * f->layout.plane + f->source[r + i];
        NAME(tiles)(rows, f->filters, t->stop - t->start, a, t->places + t->start,
                    t->turned + group * f->step, t->rows + t->start,
                    t->sums + (group * f->count + r) * f->step, f->step, t->more || t->start);
    }
}

/* The images of chunks start .. stop into the sums. */
static void NAME(sum_chunks)(NAME(Filters) *f, int64_t start, int64_t stop, real *sums) {
    enum { PLACES = 256 };
    const NAME(Geometry) *g = &f->g;
    int64_t places = g->oh * g->ow, most = f->together * places;
    int64_t blocks = (f->count + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    NAME(Turn) t = {.f = f, .sums = sums};
    t.laid = minigrad_scratch(0, f->together * g->c * f->layout.plane * sizeof(real));
    t.turned = minigrad_scratch(1, most * g->groups * f->step * sizeof(real));
    t.places = minigrad_scratch(2, 2 * most * sizeof(int32_t));
    if (!t.laid || !t.turned || !t.places) {
        f->failed = 1;
        return;
    }
    t.rows = t.places + most;
    for (int64_t n = 0, p = 0; n < f->together; n++)
        for (int64_t i = 0; i < g->oh; i++)
            for (int64_t j = 0; j < g->ow; j++, p++) {
                t.places[p] = n * g->c * f->layout.plane + i * f->layout.row + j;
                t.rows[p] = p * g->groups * f->step;
            }
    for (int64_t i = start; i < stop; i++) {
        t.first = i * f->together;
        t.images = minigrad_least(f->together, g->n - t.first);
        minigrad_parallel(NAME(lay_and_turn), &t, t.images, 1);
        for (t.start = 0; t.start < t.images * places; t.start = t.stop) {
            t.stop = minigrad_least(t.start + PLACES, t.images * places);
            minigrad_parallel(NAME(sum_places), &t, g->groups * blocks, 4);
        }
        t.more = 1;
    }
}

static void NAME(sum_parts)(void *context, int64_t start, int64_t stop) {
    NAME(Filters) *f = context;
    for (int64_t i = start; i < stop; i++)
        NAME(sum_chunks)(f, f->chunks * i / f->parts, f->chunks * (i + 1) / f->parts,
                         f->sums + i * f->g.groups * f->count * f->step);
}

/* The parts' sums, in their order, turned back: blocks of the window's numbers. */
static void NAME(add_parts)(void *context, int64_t start, int64_t stop) {
    enum { BLOCK = 16 };
    const NAME(Filters) *f = context;
    int64_t blocks = (f->count + BLOCK - 1) / BLOCK, part = f->g.groups * f->count * f->step;
    for (int64_t item = start; item < stop; item++) {
        int64_t group = item / blocks, r = item % blocks * BLOCK;
        int64_t rows = minigrad_least(BLOCK, f->count - r);
        const real *from = f->sums + (group * f->count + r) * f->step;
        for (int64_t o = 0; o < f->filters; o++, from++) {
            real *to = f->weight + (group * f->filters + o) * f->count + r;
            for (int64_t i = 0; i < rows; i++) to[i] = from[i * f->step];
            for (int64_t k = 1; k < f->parts; k++)
                for (int64_t i = 0; i < rows; i++) to[i] += from[k * part + i * f->step];
        }
    }
}

/* w = the adjoint of `conv` in w. Arrays: w, x, y. Ints: Geometry. */
int NAME(conv_weight)(void *const *a, const int64_t *n, const double *unused) {
    enum { LARGE = 1 << 18 /* numbers */, PLACES = 256, BLOCK = 16 };
    NAME(Filters) f = {.weight = a[0], .x = a[1], .y = a[2]};
    memcpy(&f.g, n, sizeof f.g);
    const NAME(Geometry) *g = &f.g;
    f.filters = g->o / g->groups;
    f.step = (f.filters + NAME(LANES) - 1) / NAME(LANES) * NAME(LANES);
    f.count = g->c / g->groups * g->kh * g->kw;
    int32_t *source = minigrad_scratch(3, f.count * sizeof(int32_t));
    if (!source) return 2;
    NAME(window_table)(g, &f.layout, NULL, source);
    f.source = source;

    int64_t threads = minigrad_threads(), places = g->oh * g->ow;
    int64_t sums = g->groups * f.count * f.step;
    int by_images = sums <= LARGE && (g->n >= 4 * threads || g->n % threads == 0);
    int64_t image = g->c * f.layout.plane + g->groups * places * f.step;
    f.parts = by_images ? threads : 1;
    f.together = by_images ? (PLACES + places - 1) / places : minigrad_most(1, 8 * LARGE / image);
    f.together = minigrad_least(f.together, (g->n + f.parts - 1) / f.parts);
    f.chunks = (g->n + f.together - 1) / f.together;
    f.sums = minigrad_scratch(5, f.parts * sums * sizeof(real));
    if (!f.sums) return 2;
    minigrad_parallel(NAME(sum_parts), &f, f.parts, 1);
    if (f.failed) return 2;
    int64_t blocks = g->groups * ((f.count + BLOCK - 1) / BLOCK);
    minigrad_parallel(NAME(add_parts), &f, blocks, 1 + 4096 / (f.filters * BLOCK));
    return 0;
}
