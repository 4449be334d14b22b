/* The runtime: a pool of threads, memory for each, and the driver that runs a list of calls.

   One loop at a time is shared; another one meanwhile runs its parts alone. A worker that is late
   finds its parts taken by the others, so nobody waits for a thread to wake up. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { WORKERS = 63, SLOTS = 8, SPIN = 50000 /* ns */, PARTS = 4 /* for each thread */ };

static struct {
    pthread_mutex_t busy; /* held by the thread whose loop is shared */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int workers;
    int64_t width; /* threads that the loop may use, the caller included */
    atomic_llong loop; /* counts the loops: a worker waits for it to change */
    atomic_int sleeping;
    atomic_int open; /* whether there is a loop to join */
    atomic_int inside; /* workers that look at it */
    atomic_llong next, left; /* parts not yet taken, and not yet done */
    int64_t parts, count;
    MinigradBody body;
    void *context;
} pool = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};

static __thread int64_t width = 1; /* threads that this thread may use */

static void take_parts(void) {
    for (;;) {
        int64_t i = atomic_fetch_add(&pool.next, 1);
        if (i >= pool.parts) return;
        pool.body(pool.context, pool.count * i / pool.parts, pool.count * (i + 1) / pool.parts);
        atomic_fetch_sub(&pool.left, 1);
    }
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void await_loop(int64_t seen) {
    int64_t start = now();
    while (atomic_load(&pool.loop) == seen) {
        if (now() - start < SPIN) {
            sched_yield();
            continue;
        }
        pthread_mutex_lock(&pool.lock);
        atomic_fetch_add(&pool.sleeping, 1);
        while (atomic_load(&pool.loop) == seen) pthread_cond_wait(&pool.wake, &pool.lock);
        atomic_fetch_sub(&pool.sleeping, 1);
        pthread_mutex_unlock(&pool.lock);
    }
}

static void *work(void *number) {
    int64_t own = (int64_t)(intptr_t)number, seen = 0;
    for (;;) {
        await_loop(seen);
        seen = atomic_load(&pool.loop);
        atomic_fetch_add(&pool.inside, 1);
        if (atomic_load(&pool.open) && own < pool.width) take_parts();
        atomic_fetch_sub(&pool.inside, 1);
    }
    return NULL;
}

/* A forked process has only the thread that forked: it starts with an empty pool. */
static void forget(void) {
    pthread_mutex_init(&pool.busy, NULL);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pool.workers = 0;
    atomic_store(&pool.loop, 0);
    atomic_store(&pool.sleeping, 0);
    atomic_store(&pool.open, 0);
    atomic_store(&pool.inside, 0);
}

static void grow(int64_t threads) {
    while (pool.workers < threads - 1 && pool.workers < WORKERS) {
        pthread_t thread;
        pthread_attr_t detached;
        pthread_attr_init(&detached);
        pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &detached, work,
                                    (void *)(intptr_t)(pool.workers + 1));
        pthread_attr_destroy(&detached);
        if (failed) return;
        pool.workers++;
    }
}

int64_t minigrad_threads(void) { return width; }

void minigrad_parallel(MinigradBody body, void *context, int64_t count, int64_t grain) {
    if (count <= 0) return;
    int64_t threads = width, most = count / minigrad_most(grain, 1);
    int64_t parts = minigrad_most(1, minigrad_least(most, threads == 1 ? 1 : threads * PARTS));
    width = 1;
    if (parts == 1 || pthread_mutex_trylock(&pool.busy)) {
        for (int64_t i = 0; i < parts; i++)
            body(context, count * i / parts, count * (i + 1) / parts);
    } else {
        grow(threads);
        pool.width = threads;
        pool.body = body, pool.context = context, pool.count = count, pool.parts = parts;
        atomic_store(&pool.next, 0);
        atomic_store(&pool.left, parts);
        atomic_store(&pool.open, 1);
        atomic_fetch_add(&pool.loop, 1);
        if (atomic_load(&pool.sleeping)) {
            pthread_mutex_lock(&pool.lock);
            pthread_cond_broadcast(&pool.wake);
            pthread_mutex_unlock(&pool.lock);
        }
        take_parts();
        while (atomic_load(&pool.left)) sched_yield();
        atomic_store(&pool.open, 0);
        while (atomic_load(&pool.inside)) sched_yield();
        pthread_mutex_unlock(&pool.busy);
    }
    width = threads;
}

/* Memory. */

typedef struct {
    void *memory[SLOTS];
    size_t bytes[SLOTS];
} Scratch;

static pthread_key_t scratch_key;

static void drop_scratch(void *held) {
    Scratch *scratch = held;
    for (int i = 0; i < SLOTS; i++) free(scratch->memory[i]);
    free(scratch);
}

void *minigrad_scratch(int slot, size_t bytes) {
    Scratch *scratch = pthread_getspecific(scratch_key);
    if (!scratch) {
        scratch = calloc(1, sizeof *scratch);
        if (!scratch || pthread_setspecific(scratch_key, scratch)) return free(scratch), NULL;
    }
    if (scratch->bytes[slot] < bytes) {
        free(scratch->memory[slot]);
        scratch->bytes[slot] = 0;
        if (posix_memalign(&scratch->memory[slot], 64, bytes)) return scratch->memory[slot] = NULL;
        scratch->bytes[slot] = bytes;
    }
    return scratch->memory[slot];
}

__attribute__((constructor)) static void prepare(void) {
    pthread_atfork(NULL, NULL, forget);
    pthread_key_create(&scratch_key, drop_scratch);
}

/* Calls. */

static __thread int reason;

int minigrad_reason(void) { return reason; }

int64_t minigrad_run(const MinigradCall *calls, int64_t count, int64_t threads) {
    int64_t before = width, i = 0;
    width = minigrad_most(threads, 1);
    reason = 0;
    while (i < count
           && !(reason = calls[i].kernel(calls[i].arrays, calls[i].ints, calls[i].reals)))
        i++;
    width = before;
    return i < count ? i : -1;
}
