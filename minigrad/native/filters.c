/* The gradient of a convolution's filters: products of the results' cotangents with what the
   window meets, summed over the places. One factor is read where it lies, number by number, the
   other as vectors, and must be laid out for that, whichever is the less work:

       turned    the cotangents, so that the filters of a place are neighbours;
       windows   the image, so that the numbers of a place's window are neighbours.

   Threads share the images, each with sums of its own that are added in a fixed order; or, where
   there are few images or many sums, the sums. */

enum { NAME(PLACES) = 256 /* summed at a time */ };

typedef struct {
    NAME(Geometry) g;
    NAME(Layout) layout;
    const real *x, *y;
    real *weight;
    int windows; /* which of the two */
    int64_t filters, count; /* of a group: its filters, the numbers of its window */
    int64_t rows, columns, step; /* of a group's sums: (count, filters), or turned */
    const int32_t *source;
    int64_t together, chunks, parts;
    int at_once; /* few places: a sum is done before the next is begun */
    real *sums; /* (parts, groups, rows, step) */
    int failed;
} NAME(Filters);

typedef struct {
    NAME(Filters) *f;
    int64_t first, images, start, stop; /* images first .. ; places start .. stop of them */
    real *laid, *vectors, *sums;
    int32_t *numbers, *lines; /* where a place's single numbers are, and its vectors */
    int more;
} NAME(Turn);

static void NAME(turn)(const NAME(Filters) *f, const real *y, real *to) {
    enum { BLOCK = 16 };
    int64_t places = f->g.oh * f->g.ow, line = f->g.groups * f->step;
    for (int64_t p = 0; p < places; p += BLOCK)
        for (int64_t i = p; i < minigrad_least(p + BLOCK, places); i++)
            for (int64_t o = 0; o < f->filters; o++) to[i * line + o] = y[o * places + i];
}

static void NAME(line_up)(const NAME(Filters) *f, const real *laid, real *to) {
    const NAME(Geometry) *g = &f->g;
    int64_t line = g->groups * f->step, numbers = g->kw, places = g->ow, step = g->sw;
    for (int64_t i = 0; i < g->oh; i++, to += places * line)
        for (int64_t r = 0; r < f->count; r += numbers)
            NAME(copy_over)(to + r, line, laid + f->source[r] + i * g->sh * f->layout.row, step,
                            numbers, places);
}

static void NAME(prepare_images)(void *context, int64_t start, int64_t stop) {
    const NAME(Turn) *t = context;
    const NAME(Filters) *f = t->f;
    const NAME(Geometry) *g = &f->g;
    int64_t places = g->oh * g->ow, image = g->c * f->layout.plane;
    for (int64_t n = start; n < stop; n++) {
        for (int64_t c = 0; c < g->c; c++)
            NAME(lay_plane)(&f->layout, f->x + ((t->first + n) * g->c + c) * g->h * g->w,
                            t->laid + n * image + c * f->layout.plane, 0);
        for (int64_t group = 0; group < g->groups; group++) {
            real *to = t->vectors + (n * places * g->groups + group) * f->step;
            if (f->windows)
                NAME(line_up)(f, t->laid + n * image + group * (image / g->groups), to);
            else
                NAME(turn)(f, f->y + ((t->first + n) * g->o + group * f->filters) * places, to);
        }
    }
}

/* A block of rows of a group's sums over the places start .. stop. */
static void NAME(sum_block)(const NAME(Turn) *t, int64_t group, int64_t r, int64_t start,
                            int64_t stop, real *sums, int more) {
    const NAME(Filters) *f = t->f;
    const NAME(Geometry) *g = &f->g;
    int rows = minigrad_least(MINIGRAD_ROWS, f->rows - r);
    const real *a[MINIGRAD_ROWS];
    for (int i = 0; i < rows; i++)
        a[i] = f->windows ? f->y + (t->first * g->o + group * f->filters + r + i) * g->oh * g->ow
                          : t->laid + group * (g->c / g->groups) * f->layout.plane
                                + f->source[r + i];
    NAME(tiles)(rows, f->columns, stop - start, a, t->numbers + start,
                t->vectors + group * f->step, t->lines + start, sums, f->step, more);
}

/* Blocks of rows, group by group. */
static void NAME(sum_places)(void *context, int64_t start, int64_t stop) {
    const NAME(Turn) *t = context;
    const NAME(Filters) *f = t->f;
    int64_t blocks = (f->rows + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    for (int64_t item = start; item < stop; item++) {
        int64_t group = item / blocks, r = item % blocks * MINIGRAD_ROWS;
        NAME(sum_block)(t, group, r, t->start, t->stop,
                        t->sums + (group * f->rows + r) * f->step, t->more || t->start);
    }
}

/* The same over all places, and at once to where the gradient is. */
static void NAME(sum_and_place)(void *context, int64_t start, int64_t stop) {
    const NAME(Turn) *t = context;
    NAME(Filters) *f = t->f;
    int64_t blocks = (f->rows + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    int64_t places = t->images * f->g.oh * f->g.ow;
    real *sums = minigrad_scratch(4, MINIGRAD_ROWS * f->step * sizeof(real));
    if (!sums) f->failed = 1;
    for (int64_t item = start; sums && item < stop; item++) {
        int64_t group = item / blocks, r = item % blocks * MINIGRAD_ROWS;
        int64_t rows = minigrad_least(MINIGRAD_ROWS, f->rows - r);
        for (int64_t p = 0; p < places; p += NAME(PLACES))
            NAME(sum_block)(t, group, r, p, minigrad_least(p + NAME(PLACES), places), sums, p > 0);
        real *to = f->weight + group * f->filters * f->count;
        if (f->windows)
            for (int64_t i = 0; i < rows; i++)
                memcpy(to + (r + i) * f->count, sums + i * f->step, f->count * sizeof(real));
        else
            for (int64_t o = 0; o < f->filters; o++)
                for (int64_t i = 0; i < rows; i++)
                    to[o * f->count + r + i] = sums[i * f->step + o];
    }
}

/* The images of chunks start .. stop into the sums. */
static void NAME(sum_chunks)(NAME(Filters) *f, int64_t start, int64_t stop, real *sums) {
    const NAME(Geometry) *g = &f->g;
    int64_t places = g->oh * g->ow, most = f->together * places;
    int64_t image = g->c * f->layout.plane, line = g->groups * f->step;
    int64_t blocks = (f->rows + MINIGRAD_ROWS - 1) / MINIGRAD_ROWS;
    NAME(Turn) t = {.f = f, .sums = sums};
    t.laid = minigrad_scratch(0, (f->together * image + NAME(LANES)) * sizeof(real));
    t.vectors = minigrad_scratch(1, most * line * sizeof(real));
    t.numbers = minigrad_scratch(2, 2 * most * sizeof(int32_t));
    if (!t.laid || !t.vectors || !t.numbers) {
        f->failed = 1;
        return;
    }
    t.lines = t.numbers + most;
    for (int64_t n = 0, p = 0; n < f->together; n++)
        for (int64_t i = 0; i < g->oh; i++)
            for (int64_t j = 0; j < g->ow; j++, p++) {
                t.numbers[p] = f->windows ? n * g->o * places + i * g->ow + j
                                          : n * image + i * g->sh * f->layout.row + j * g->sw;
                t.lines[p] = p * line;
            }
    for (int64_t i = start; i < stop; i++) {
        t.first = i * f->together;
        t.images = minigrad_least(f->together, g->n - t.first);
        minigrad_parallel(NAME(prepare_images), &t, t.images, 1);
        if (f->at_once) {
            minigrad_parallel(NAME(sum_and_place), &t, g->groups * blocks, 2);
            return;
        }
        for (t.start = 0; t.start < t.images * places; t.start = t.stop) {
            t.stop = minigrad_least(t.start + NAME(PLACES), t.images * places);
            minigrad_parallel(NAME(sum_places), &t, g->groups * blocks, 2);
        }
        t.more = 1;
    }
}

static void NAME(sum_parts)(void *context, int64_t start, int64_t stop) {
    NAME(Filters) *f = context;
    for (int64_t i = start; i < stop; i++)
        NAME(sum_chunks)(f, f->chunks * i / f->parts, f->chunks * (i + 1) / f->parts,
                         f->at_once ? NULL : f->sums + i * f->g.groups * f->rows * f->step);
}

/* The parts' sums, in their order, into the gradient: blocks of the window's numbers. */
static void NAME(add_parts)(void *context, int64_t start, int64_t stop) {
    enum { BLOCK = 16 };
    const NAME(Filters) *f = context;
    int64_t blocks = (f->count + BLOCK - 1) / BLOCK, part = f->g.groups * f->rows * f->step;
    int64_t down = f->windows ? f->step : 1, right = f->windows ? 1 : f->step;
    for (int64_t item = start; item < stop; item++) {
        int64_t group = item / blocks, r = item % blocks * BLOCK;
        int64_t numbers = minigrad_least(BLOCK, f->count - r);
        for (int64_t o = 0; o < f->filters; o++) {
            const real *from = f->sums + group * f->rows * f->step + o * down + r * right;
            real *to = f->weight + (group * f->filters + o) * f->count + r;
            for (int64_t i = 0; i < numbers; i++) to[i] = from[i * right];
            for (int64_t k = 1; k < f->parts; k++)
                for (int64_t i = 0; i < numbers; i++) to[i] += from[k * part + i * right];
        }
    }
}

/* Where each group has one channel, a number of a filter is one long product of an image, laid out in
   its border, and cotangents that are laid out in rows of the same length, with zeros between. */
static void NAME(sum_planes_apart)(void *context, int64_t start, int64_t stop) {
    NAME(Filters) *f = context;
    const NAME(Geometry) *g = &f->g;
    const NAME(Layout) *l = &f->layout;
    int64_t run = (g->oh - 1) * l->row + g->ow, numbers = g->kh * g->kw;
    real *laid = minigrad_scratch(0, (l->plane + run) * sizeof(real)), *wide = laid + l->plane;
    double *total = minigrad_scratch(1, f->filters * numbers * sizeof(double));
    if (!laid || !total) {
        f->failed = 1;
        return;
    }
    memset(wide, 0, run * sizeof(real));
    for (int64_t c = start; c < stop; c++) {
        for (int64_t k = 0; k < f->filters * numbers; k++) total[k] = 0;
        for (int64_t n = 0; n < g->n; n++) {
            NAME(lay_plane)(l, f->x + (n * g->c + c) * g->h * g->w, laid, 0);
            for (int64_t o = 0; o < f->filters; o++) {
                const real *y = f->y + (n * g->o + c * f->filters + o) * g->oh * g->ow;
                for (int64_t i = 0; i < g->oh; i++)
                    memcpy(wide + i * l->row, y + i * g->ow, g->ow * sizeof(real));
                for (int64_t k = 0; k < numbers; k++)
                    total[o * numbers + k] += NAME(dot)(wide, laid + f->source[k], run);
            }
        }
        for (int64_t k = 0; k < f->filters * numbers; k++)
            f->weight[c * f->filters * numbers + k] = total[k];
    }
}

/* w = the adjoint of `conv` in w. Arrays: w, x, y. Ints: Geometry. */
int NAME(conv_weight)(void *const *a, const int64_t *n, const double *unused) {
    enum { LARGE = 1 << 18 /* numbers */, BLOCK = 16 };
    NAME(Filters) f = {.weight = a[0], .x = a[1], .y = a[2]};
    memcpy(&f.g, n, sizeof f.g);
    const NAME(Geometry) *g = &f.g;
    if (NAME(points)(g)) {
        NAME(minigrad_gemm)(1, 0, g->o, g->c, g->n, 1, f.y, g->o, f.x, g->c, 0, f.weight, g->c);
        return 0;
    }
    f.filters = g->o / g->groups;
    if (g->c == g->groups && f.filters < NAME(LANES) && g->oh * g->ow > 1) {
        int32_t *apart = minigrad_scratch(3, g->kh * g->kw * sizeof(int32_t));
        if (!apart) return MINIGRAD_MEMORY;
        NAME(window_table)(g, g->sh, g->sw, &f.layout, apart);
        f.source = apart;
        minigrad_parallel(NAME(sum_planes_apart), &f, g->c, 1);
        return f.failed ? MINIGRAD_MEMORY : 0;
    }
    f.count = g->c / g->groups * g->kh * g->kw;
    f.windows = g->dw == 1 && g->c / g->groups * g->kh < f.filters + 16;
    f.rows = f.windows ? f.filters : f.count;
    f.columns = f.windows ? f.count : f.filters;
    int64_t line = f.windows ? f.count - g->kw + NAME(copied)(g->kw) : f.filters;
    f.step = (line + NAME(LANES) - 1) / NAME(LANES) * NAME(LANES);
    int32_t *source = minigrad_scratch(3, f.count * sizeof(int32_t));
    if (!source) return MINIGRAD_MEMORY;
    NAME(window_table)(g, 1, 1, &f.layout, source);
    f.source = source;

    int64_t threads = minigrad_threads(), places = g->oh * g->ow;
    int64_t sums = g->groups * f.rows * f.step;
    int by_images = sums <= LARGE && (g->n >= 4 * threads || g->n % threads == 0);
    int64_t image = g->c * f.layout.plane + g->groups * places * f.step;
    f.parts = by_images ? threads : 1;
    f.together = minigrad_most(1, 8 * LARGE / image);
    if (by_images) f.together = minigrad_least(f.together, (NAME(PLACES) + places - 1) / places);
    f.together = minigrad_least(f.together, (g->n + f.parts - 1) / f.parts);
    f.chunks = (g->n + f.together - 1) / f.together;
    f.at_once = f.parts * f.chunks == 1 && g->n * places * g->groups * f.step <= LARGE;
    f.sums = f.at_once ? NULL : minigrad_scratch(5, f.parts * sums * sizeof(real));
    if (!f.sums && !f.at_once) return MINIGRAD_MEMORY;
    if (f.parts > 1)
        minigrad_parallel(NAME(sum_parts), &f, f.parts, 1);
    else
        NAME(sum_parts)(&f, 0, 1); /* the threads share its inner loops */
    if (f.failed) return MINIGRAD_MEMORY;
    if (f.at_once) return 0;
    int64_t blocks = g->groups * ((f.count + BLOCK - 1) / BLOCK);
    minigrad_parallel(NAME(add_parts), &f, blocks, 1 + 4096 / (f.filters * BLOCK));
    return 0;
}
