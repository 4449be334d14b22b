/* CUDA C on the CPU: enough for the kernels of this folder, which come behind it unchanged.

   The blocks of a grid run one after the other. Where a kernel has no barrier, so do its threads, as
   two loops. Where it has, each of its threads has a stack of its own and runs up to the next barrier
   before the next thread does (a fiber: no thread of the system, so a barrier costs nanoseconds).
   ThreadSanitizer is told of each fiber as of a thread, and of nothing but the barriers as what
   orders them: it sees two that touch one number without a barrier between them, in whatever order
   they run here.

   Reading the headers takes longer than compiling the kernels, so there is as little of C++'s library
   as can be: of mathematics what C has, without what C++ puts around it. */
#define MG_HOST
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <math.h>
#undef _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <type_traits>
#include <ucontext.h>
#include <utility>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(...)
#define __forceinline__ inline

struct mg_place { unsigned x = 0, y = 0, z = 0; };
static thread_local mg_place threadIdx, blockIdx;
static mg_place blockDim, gridDim;

static inline uint64_t __umul64hi(uint64_t a, uint64_t b) {
    return (uint64_t)(((unsigned __int128)a * b) >> 64);
}
static inline void __threadfence() {}

enum mg_state { MG_RUNS, MG_AT_WARP, MG_AT_BLOCK, MG_DONE };
enum mg_failure { MG_FINE, MG_LEFT_EARLY, MG_NO_MEMORY };
typedef void (*mg_body)(const long long *);

/* What changes stacks is no code of a kernel: sanitizers do not look at it. They know longjmp of C's
   library, and take it for a return to a caller; the compiler's own saves a stack, no more. */
#define MG_UNSEEN __attribute__((noinline, no_sanitize("address", "thread")))

struct mg_fiber {
    void *at[5]; /* of __builtin_setjmp */
    ucontext_t start;
    mg_state state;
};
static const size_t MG_STACK = 1 << 16;
static mg_fiber *mg_fibers;
static void *mg_scheduler[5];
static mg_body mg_running;
static const long long *mg_args;

#ifdef __SANITIZE_THREAD__

/* What ThreadSanitizer knows of the threads. A barrier is a place where each of its threads lets
   others know all that it did, and then learns what they did. Each has two of them, in turns, or the
   first thread to come to the next barrier would let those know that are still to leave this one. */
static const bool MG_ALL_ARE_FIBERS = true;
static struct { void *thread; unsigned turns[MG_DONE + 1]; } mg_known[1024];
static void *mg_known_caller;
static char mg_meetings[MG_DONE + 1][32][2], mg_end;
static bool mg_blocks_meet; /* kernels without a barrier do not wait between blocks either */

MG_UNSEEN static char *mg_arrive(mg_state state, unsigned t) {
    char *place = nullptr;
    if (state == MG_DONE) __tsan_release(&mg_end);
    if (state != MG_DONE || mg_blocks_meet) {
        unsigned turn = mg_known[t].turns[state]++ % 2;
        __tsan_release(place = &mg_meetings[state][state == MG_AT_WARP ? t / 32 : 0][turn]);
    }
    __tsan_switch_to_fiber(mg_known_caller, __tsan_switch_to_fiber_no_sync);
    return place;
}
MG_UNSEEN static void mg_go_on(char *place) {
    if (place) __tsan_acquire(place);
}
MG_UNSEEN static void mg_enter(unsigned t, bool first) { /* at first it knows what its caller does */
    __tsan_switch_to_fiber(mg_known[t].thread, first ? 0 : __tsan_switch_to_fiber_no_sync);
}
MG_UNSEEN static void mg_begin(unsigned n, bool barriers) {
    mg_blocks_meet = barriers;
    mg_known_caller = __tsan_get_current_fiber();
    for (unsigned t = 0; t < n; t++) {
        if (!mg_known[t].thread) mg_known[t].thread = __tsan_create_fiber(0);
        for (unsigned &turn : mg_known[t].turns) turn = 0;
    }
}
MG_UNSEEN static void mg_finish() { __tsan_acquire(&mg_end); }

#else

static const bool MG_ALL_ARE_FIBERS = false;
static inline char *mg_arrive(mg_state, unsigned) { return nullptr; }
static inline void mg_go_on(char *) {}
static inline void mg_enter(unsigned, bool) {}
static inline void mg_begin(unsigned, bool) {}
static inline void mg_finish() {}

#endif

/* It is no function that saves a stack that may go on to another one. */
[[noreturn]] MG_UNSEEN static void mg_jump(void **to) { __builtin_longjmp(to, 1); }

MG_UNSEEN static void mg_wait(mg_state state) {
    mg_fiber &own = mg_fibers[threadIdx.x];
    own.state = state;
    char *place = mg_arrive(state, threadIdx.x);
    if (!__builtin_setjmp(own.at)) mg_jump(mg_scheduler);
    mg_go_on(place);
}

MG_UNSEEN static void mg_life() {
    for (;;) { /* once a block */
        mg_running(mg_args);
        mg_wait(MG_DONE);
    }
}

/* Run a thread up to its next barrier or its end. */
MG_UNSEEN static void mg_resume(unsigned t, bool first) {
    mg_fibers[t].state = MG_RUNS;
    threadIdx.x = t;
    if (__builtin_setjmp(mg_scheduler)) return;
    mg_enter(t, first);
    if (first) setcontext(&mg_fibers[t].start);
    mg_jump(mg_fibers[t].at);
}

/* Run the lanes of a warp up to their next block barrier or their end. */
MG_UNSEEN static bool mg_warp(unsigned from, unsigned to, bool first) {
    for (;; first = false) {
        for (unsigned t = from; t < to; t++) mg_resume(t, first);
        mg_state state = mg_fibers[from].state;
        for (unsigned t = from; t < to; t++)
            if (mg_fibers[t].state != state) return false;
        if (state != MG_AT_WARP) return true;
    }
}

/* Run all blocks, warp by warp from barrier to barrier. */
MG_UNSEEN static int mg_blocks(unsigned n) {
    bool first = true;
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++)
        for (bool done = false; !done; first = false) {
            for (unsigned t = 0; t < n; t += 32)
                if (!mg_warp(t, t + 32 < n ? t + 32 : n, first)) return MG_LEFT_EARLY;
            done = mg_fibers[0].state == MG_DONE;
            for (unsigned t = 0; t < n; t += 32) /* a barrier is for all threads or for none */
                if ((mg_fibers[t].state == MG_DONE) != done) return MG_LEFT_EARLY;
        }
    return MG_FINE;
}

static int mg_run(mg_body body, const long long *args, bool barriers) {
    unsigned n = blockDim.x;
    if (!barriers && !MG_ALL_ARE_FIBERS) {
        for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++)
            for (threadIdx.x = 0; threadIdx.x < n; threadIdx.x++) body(args);
        return MG_FINE;
    }
    mg_running = body, mg_args = args;
    mg_fibers = (mg_fiber *)malloc(n * sizeof(mg_fiber));
    char *stacks = (char *)malloc(n * MG_STACK); /* not cleared: most of it is never touched */
    int failure = mg_fibers && stacks ? MG_FINE : MG_NO_MEMORY;
    for (unsigned t = 0; t < n && failure == MG_FINE; t++) {
        getcontext(&mg_fibers[t].start);
        mg_fibers[t].start.uc_stack.ss_sp = stacks + t * MG_STACK;
        mg_fibers[t].start.uc_stack.ss_size = MG_STACK;
        makecontext(&mg_fibers[t].start, mg_life, 0);
    }
    if (failure == MG_FINE) {
        mg_begin(n, barriers);
        failure = mg_blocks(n);
        mg_finish();
    }
    free(stacks); /* a process may hold hundreds of such libraries */
    free(mg_fibers);
    return failure;
}

static inline void __syncthreads() { mg_wait(MG_AT_BLOCK); }
static inline void __syncwarp() { mg_wait(MG_AT_WARP); }

/* Two places a thread, in turns: nobody comes to the same one again before all have read it. */
static char mg_exchange[2][1024][16];
static unsigned mg_turns[1024];

template <class T> static T mg_from_lane(T value, unsigned lane) {
    static_assert(sizeof(T) <= 16);
    unsigned t = threadIdx.x, source = t / 32 * 32 + lane, turn = mg_turns[t]++ % 2;
    memcpy(mg_exchange[turn][t], &value, sizeof(T));
    mg_wait(MG_AT_WARP);
    if (lane < 32 && source < blockDim.x) memcpy(&value, mg_exchange[turn][source], sizeof(T));
    return value;
}
template <class T> static T __shfl_xor_sync(unsigned, T value, unsigned mask) {
    return mg_from_lane(value, (threadIdx.x % 32) ^ mask);
}
template <class T> static T __shfl_down_sync(unsigned, T value, unsigned distance) {
    return mg_from_lane(value, threadIdx.x % 32 + distance);
}
template <class T> static T __shfl_sync(unsigned, T value, unsigned lane) {
    return mg_from_lane(value, lane);
}

/* The type of each argument as a letter: that of NumPy for what a pointer points to, n for a number. */
template <class P> constexpr char mg_letter() {
    if constexpr (!std::is_pointer_v<P>) return 'n';
    using T = std::remove_cv_t<std::remove_pointer_t<P>>;
    if constexpr (std::is_same_v<T, float>) return 'f';
    if constexpr (std::is_same_v<T, double>) return 'd';
    if constexpr (std::is_same_v<T, uint8_t>) return 'B';
    if constexpr (std::is_same_v<T, int8_t>) return 'b';
    if constexpr (std::is_same_v<T, int16_t>) return 'h';
    if constexpr (std::is_same_v<T, int32_t>) return 'i';
    if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, long long>) return 'q';
    if constexpr (std::is_same_v<T, uint64_t>) return 'Q';
    return 'v';
}
template <class T> static T mg_argument(long long word) {
    if constexpr (std::is_pointer_v<T>) return reinterpret_cast<T>(word);
    else return static_cast<T>(word);
}
template <auto kernel> struct mg_entry;
template <class... A, void (*kernel)(A...)> struct mg_entry<kernel> {
    static constexpr char types[] = {mg_letter<A>()..., 0};
    template <size_t... i> static void spread(const long long *args, std::index_sequence<i...>) {
        kernel(mg_argument<A>(args[i])...);
    }
    static void body(const long long *args) { spread(args, std::index_sequence_for<A...>{}); }
};

static pthread_mutex_t mg_one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* How Python calls a kernel. It returns 0, or what went wrong (mg_failure). */
#define MG_ENTRY(name, barriers)                                                                    \
    extern "C" const char *types_##name() { return mg_entry<name>::types; }                         \
    extern "C" int host_##name(unsigned grid, unsigned block, const long long *args) {              \
        pthread_mutex_lock(&mg_one_at_a_time);                                                      \
        gridDim.x = grid, blockDim.x = block;                                                       \
        memset(mg_turns, 0, sizeof(mg_turns)); /* a launch that failed leaves them uneven */        \
        int failure = mg_run(mg_entry<name>::body, args, barriers);                                 \
        pthread_mutex_unlock(&mg_one_at_a_time);                                                    \
        return failure;                                                                             \
    }
