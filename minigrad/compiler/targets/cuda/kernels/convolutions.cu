/* Convolution. An image has C planes of H x W numbers, a result O planes of OH x OW; the window moves
   as windows.cu says. y[n, o, p] = sum over c, k of w[o, c, k] x[n, c, p * S + k * D - P] + b[o].

   With many channels it is a matrix product: the numbers that each place of the window finds are laid
   out as columns, cuBLASLt multiplies, and the gradient for the image is added up from columns. With
   few channels (LeNet: 1 -> 6 -> 16) a product would have a side of 6 and be idle most of the time,
   and the columns cost more than the arithmetic: there each kernel does the whole convolution, or
   GROUPS of them side by side, each from C channels of its own to O of its own. */

#define P (OH * OW)
#define K (KH * KW)
#define ROW(oh, kh) ((oh) * SH - PT + (kh) * DH)
#define COLUMN(ow, kw) ((ow) * SW - PL + (kw) * DW)
#define INSIDE(h, w) ((h) >= 0 && (h) < H && (w) >= 0 && (w) < W)
/* Where in the columns the number is that place p of image n finds at offset k of channel c. */
#if PATCHES
#define AT(n, ck, p) (((n) * P + (p)) * (C * K) + (ck)) /* a row for each place */
#else
#define AT(n, ck, p) (((n) * (C * K) + (ck)) * P + (p)) /* a matrix for each image, a column for each place */
#endif

#ifdef IMAGE_TO_COLUMNS
/* Threads stand side by side in the columns, so that writing is coalesced; what they read lies close
   together and comes from the cache, KH * KW times. Bound by the writing: on an H100 some 2.5 TB/s
   into its memory, twice that where the columns stay in its cache. */
extern "C" __global__ void IMAGE_TO_COLUMNS(const real *x MG_DENSE(N * C * H * W),
                                            real *columns MG_DENSE(N * P * C * K)) {
    for (index i = (index)mg_thread(); i < N * P * C * K; i += (index)mg_threads()) {
#if PATCHES
        index n = i / (P * C * K);
        int p = (int)(i / (C * K) % P), ck = (int)(i % (C * K));
#else
        index n = i / (P * C * K);
        int p = (int)(i % P), ck = (int)(i / P % (C * K));
#endif
        int h = ROW(p / OW, ck % K / KW), w = COLUMN(p % OW, ck % KW);
        columns[i] = INSIDE(h, w) ? x[((n * C + ck / K) * H + h) * W + w] : 0;
    }
}
#endif

#ifdef COLUMNS_TO_IMAGE
/* x = what the columns hold of each number, added up window by window: gathered, so that nothing is
   added by two threads and the order never changes. The numbers of these images begin at FIRST. */
extern "C" __global__ void COLUMNS_TO_IMAGE(const real *columns MG_DENSE(N * P * C * K),
                                            real *x MG_DENSE(WHOLE * C * H * W) TAIL) {
    for (index i = (index)mg_thread(); i < N * C * H * W; i += (index)mg_threads()) {
        index n = i / (C * H * W);
        int c = (int)(i / (H * W) % C), h = (int)(i / W % H), w = (int)(i % W);
        real s = 0;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int dh = h + PT - kh * DH, dw = w + PL - kw * DW;
                if (dh < 0 || dw < 0 || dh % SH || dw % SW || dh / SH >= OH || dw / SW >= OW) continue;
                s += columns[AT(n, c * K + kh * KW + kw, dh / SH * OW + dw / SW)];
            }
        STORE(FIRST + i, s);
    }
}
#endif

#ifdef ADD_BIAS
/* y[n, o, p] = product[n, o, p] + b[o], for images whose results begin at FIRST */
extern "C" __global__ void ADD_BIAS(const real *product MG_DENSE(N * O * P), const real *bias MG_DENSE(O),
                                    real *y MG_DENSE(WHOLE * O * P) TAIL) {
    for (index i = (index)mg_thread(); i < N * O * P; i += (index)mg_threads())
        STORE(FIRST + i, product[i] + (bias ? bias[i / P % O] : 0));
}
#endif

#if defined(CONV_FEW) || defined(CONV_FEW_POOL)
/* s = EACH channels of the result at a place, from weights in shared memory. */
MG_DEVICE void OWN(at)(const real *image, const real (*w)[EACH], const real *bias, int first, int oh, int ow,
                       real *s) {
#pragma unroll
    for (int j = 0; j < EACH; j++) s[j] = bias && first + j < O ? bias[first + j] : 0;
    for (int c = 0; c < C; c++)
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = ROW(oh, kh), v = COLUMN(ow, kw);
                if (!INSIDE(h, v)) continue;
                real own = image[(c * H + h) * W + v];
#pragma unroll
                for (int j = 0; j < EACH; j++) s[j] += own * w[c * K + kh * KW + kw][j];
            }
}

/* The weights of channels from ``first`` on. All threads must come here. */
MG_DEVICE void OWN(fill)(const real *weight, int first, real (*w)[EACH]) {
    for (int t = threadIdx.x; t < C * K * EACH; t += blockDim.x) {
        int ck = t / EACH, o = first + t % EACH;
        w[ck][t % EACH] = o < O ? weight[o * (C * K) + ck] : 0;
    }
    __syncthreads();
}
#endif

#ifdef CONV_FEW
/* The result. Each thread makes EACH of the O channels at one place: a number of the image is read
   once and multiplied EACH times. The weights of these channels lie in shared memory, where all
   threads of a warp read the same one. Bound by that reading: EACH / 4 + 1 reads for EACH products. */
extern "C" __global__ void CONV_FEW(const real *x MG_DENSE(N * GROUPS * C * H * W),
                                    const real *weight MG_DENSE(GROUPS * O * C * K),
                                    const real *bias MG_DENSE(GROUPS * O),
                                    real *y MG_DENSE(N * GROUPS * O * P) TAIL) {
    __shared__ real w[C * K][EACH];
    const int shares = (O + EACH - 1) / EACH;
    int first = (int)(blockIdx.x % shares) * EACH, group = (int)(blockIdx.x / shares % GROUPS);
    weight += group * (O * C * K);
    if (bias) bias += group * O;
    OWN(fill)(weight, first, w);
    index step = gridDim.x / (shares * GROUPS) * blockDim.x;
    for (index i = blockIdx.x / (shares * GROUPS) * blockDim.x + threadIdx.x; i < N * P; i += step) {
        index n = i / P;
        int p = (int)(i % P);
        real s[EACH];
        OWN(at)(x + (n * GROUPS + group) * (C * H * W), w, bias, first, p / OW, p % OW, s);
#pragma unroll
        for (int j = 0; j < EACH; j++)
            if (first + j < O) STORE(((n * GROUPS + group) * O + first + j) * P + p, s[j]);
    }
}
#endif

#ifdef CONV_FEW_POOL
/* The result, and what is made of windows of PH x PW numbers that lie on it side by side: the largest
   number and, where ``a`` is given, its place, or with SUMS the sum. A block makes the numbers of
   SPAN windows, each thread those at one place, which meet in shared memory; then each thread
   goes through a window. So as many threads work as in CONV_FEW, and nothing goes through memory
   in between. BECOMES(i, v) is what the result i becomes before. */
#define AREA (PH * PW)
#define QW (OW / PW)
#define Q (OH / PH * QW)
extern "C" __global__ void CONV_FEW_POOL(const real *x MG_DENSE(N * C * H * W),
                                         const real *weight MG_DENSE(O * C * K),
                                         const real *bias MG_DENSE(O) MIDDLE, real *y MG_DENSE(N * O * Q),
                                         spot *a MG_DENSE(N * O * Q) TAIL) {
    __shared__ real w[C * K][EACH];
    __shared__ real found[EACH][SPAN * AREA];
    const int shares = (O + EACH - 1) / EACH;
    int first = (int)(blockIdx.x % shares) * EACH, t = (int)threadIdx.x;
    OWN(fill)(weight, first, w);
    index step = gridDim.x / shares * SPAN;
    for (index begin = blockIdx.x / shares * SPAN; begin < N * Q; begin += step) {
        index mine = begin + t / AREA, n = mine / Q;
        if (t < SPAN * AREA && mine < N * Q) {
            int q = (int)(mine % Q), oh = q / QW * PH + t % AREA / PW, ow = q % QW * PW + t % PW;
            real s[EACH];
            OWN(at)(x + n * (C * H * W), w, bias, first, oh, ow, s);
#pragma unroll
            for (int j = 0; j < EACH; j++)
                if (first + j < O)
                    found[j][t] = BECOMES((n * O + first + j) * P + oh * OW + ow, s[j]);
        }
        __syncthreads();
        for (int r = t; r < SPAN * EACH; r += (int)blockDim.x) {
            int j = r / SPAN;
            index of = begin + r % SPAN, i = (of / Q * O + first + j) * Q + of % Q;
            if (of >= N * Q || first + j >= O) continue;
            const real *v = found[j] + r % SPAN * AREA;
#if SUMS
            real best = 0;
            for (int k = 0; k < AREA; k++) best += v[k];
#else
            real best = -INFINITY;
            int at = 0;
            for (int k = 0; k < AREA; k++) {
                if (k == 0 || v[k] > best || v[k] != v[k]) at = k;
                best = mg_max()(best, v[k]);
            }
            if (a) a[i] = (spot)at;
#endif
            STORE(i, best);
        }
        __syncthreads();
    }
}
#undef AREA
#undef QW
#undef Q
#endif

#ifdef CONV_FEW_INPUT
/* The gradient for the image: each thread makes EACH of the C channels of one number. */
extern "C" __global__ void CONV_FEW_INPUT(const real *y MG_DENSE(N * GROUPS * O * P),
                                          const real *weight MG_DENSE(GROUPS * O * C * K),
                                          real *x MG_DENSE(N * GROUPS * C * H * W) TAIL) {
    __shared__ real w[O * K][EACH];
    const int shares = (C + EACH - 1) / EACH;
    int first = (int)(blockIdx.x % shares) * EACH, group = (int)(blockIdx.x / shares % GROUPS);
    weight += group * (O * C * K);
    for (int t = threadIdx.x; t < O * K * EACH; t += blockDim.x) {
        int ok = t / EACH, c = first + t % EACH;
        w[ok][t % EACH] = c < C ? weight[(ok / K * C + c) * K + ok % K] : 0;
    }
    __syncthreads();
    index step = gridDim.x / (shares * GROUPS) * blockDim.x;
    for (index i = blockIdx.x / (shares * GROUPS) * blockDim.x + threadIdx.x; i < N * H * W;
         i += step) {
        index n = i / (H * W);
        int h = (int)(i / W % H), v = (int)(i % W);
        const real *result = y + (n * GROUPS + group) * (O * P);
        real s[EACH];
#pragma unroll
        for (int j = 0; j < EACH; j++) s[j] = 0;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int dh = h + PT - kh * DH, dw = v + PL - kw * DW;
                if (dh < 0 || dw < 0 || dh % SH || dw % SW || dh / SH >= OH || dw / SW >= OW) continue;
                for (int o = 0; o < O; o++) {
                    real own = result[o * P + dh / SH * OW + dw / SW];
#pragma unroll
                    for (int j = 0; j < EACH; j++) s[j] += own * w[o * K + kh * KW + kw][j];
                }
            }
#pragma unroll
        for (int j = 0; j < EACH; j++)
            if (first + j < C) STORE((((n * GROUPS + group) * C + first + j) * H + h) * W + v, s[j]);
    }
}
#endif

#ifdef CONV_FEW_WEIGHT
/* The gradient for the weights, in parts that another launch adds up: partial[chunk, group, o, c, k]
   is the sum over CHUNK of the N * P places. Each thread has one (c, k) and all O filters, so a number of
   the image is multiplied O times; where C * K is small, TEAMS threads share the places of a block,
   and what they found is added in shared memory, team by team. With BIAS there is one more weight
   for each filter, of an image that is 1 everywhere. */
extern "C" __global__ void CONV_FEW_WEIGHT(const real *x MG_DENSE(N * GROUPS * C * H * W),
                                           const real *y MG_DENSE(N * GROUPS * O * P),
                                           real *partial MG_DENSE(PARTS * GROUPS * O * (C * K + BIAS))) {
    const int SPAN = C * K + BIAS;
    __shared__ real found[TEAMS][SPAN];
    int ck = threadIdx.x % SPAN, team = threadIdx.x / SPAN;
    int kh = ck % K / KW, kw = ck % KW;
    int group = (int)(blockIdx.x % GROUPS);
    index from = (index)(blockIdx.x / GROUPS) * CHUNK, to = from + CHUNK < N * P ? from + CHUNK : N * P;
    real s[O];
#pragma unroll
    for (int o = 0; o < O; o++) s[o] = 0;
    if (team < TEAMS)
        for (index i = from + team; i < to; i += TEAMS) {
            index n = i / P;
            int p = (int)(i % P), h = ROW(p / OW, kh), w = COLUMN(p % OW, kw);
            if (!INSIDE(h, w) && ck < C * K) continue;
            index of = n * GROUPS + group;
            real own = ck < C * K ? x[((of * C + ck / K) * H + h) * W + w] : 1;
#pragma unroll
            for (int o = 0; o < O; o++) s[o] += own * y[(of * O + o) * P + p];
        }
#pragma unroll
    for (int o = 0; o < O; o++) {
        if (team < TEAMS) found[team][ck] = s[o];
        __syncthreads();
        if (team == 0) {
            real sum = found[0][ck];
            for (int t = 1; t < TEAMS; t++) sum += found[t][ck];
            partial[((index)blockIdx.x * O + o) * SPAN + ck] = sum;
        }
        __syncthreads();
    }
}
#endif

#undef P
#undef K
#undef ROW
#undef COLUMN
#undef INSIDE
#undef AT
