/* DPDK's rte_lpm and rte_lpm6 behind plain functions, for bench_lpm.py (see rival_dpdk.py). Every pointer is an array of the caller. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <rte_eal.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_memory.h>

/* Put fresh memory with transparent huge pages where DPDK's is: without them it would lose unfairly. */
static int to_huge_pages(const struct rte_memseg_list *list, void *unused) {
    size_t page = 1 << 21, size = list->len;
    (void)unused;
    char *room = mmap(NULL, size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED || madvise(room, size + 2 * page, MADV_HUGEPAGE)) return -1;
    /* As far from the beginning of a huge page as the memory it replaces: huge pages then survive the move. */
    room = (char *)((((uintptr_t)room + page - 1) & ~(page - 1)) + ((uintptr_t)list->base_va & (page - 1)));
    memcpy(room, list->base_va, size);
    return mremap(room, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, list->base_va) == MAP_FAILED ? -1 : 0;
}

int start(char *megabytes) {
    char *arguments[] = {"lpm", "--no-huge", "-m", megabytes, "--no-pci", "--no-telemetry", "--no-shconf", "--log-level=1", "-l", "0", NULL};
    return rte_eal_init(10, arguments) < 0 ? -1 : rte_memseg_list_walk(to_huge_pages, NULL);
}

void *table4(const uint32_t *low, const uint8_t *length, const int32_t *value, size_t count) {
    struct rte_lpm_config config = {.max_rules = count, .number_tbl8s = 4096};
    struct rte_lpm *lpm = rte_lpm_create("four", 0, &config);
    for (size_t at = 0; lpm && at < count; at++)
        if (rte_lpm_add(lpm, low[at], length[at], value[at])) return NULL;
    return lpm;
}

void one4(struct rte_lpm *lpm, const uint32_t *points, int32_t *out, size_t count) {
    for (size_t at = 0; at < count; at++) {
        uint32_t hop;
        out[at] = rte_lpm_lookup(lpm, points[at], &hop) ? -1 : (int32_t)hop;
    }
}

void bulk4(struct rte_lpm *lpm, const uint32_t *points, int32_t *out, size_t count) {
    for (size_t at = 0; at < count; at += 32) {
        uint32_t hops[32], many = count - at < 32 ? count - at : 32;
        rte_lpm_lookup_bulk(lpm, points + at, hops, many);
        for (uint32_t one = 0; one < many; one++)
            out[at + one] = hops[one] & RTE_LPM_LOOKUP_SUCCESS ? (int32_t)(hops[one] & 0xffffff) : -1;
    }
}

/* `count` is a multiple of 4. */
void fours4(struct rte_lpm *lpm, const uint32_t *points, int32_t *out, size_t count) {
    for (size_t at = 0; at < count; at += 4)
        rte_lpm_lookupx4(lpm, _mm_loadu_si128((const __m128i *)(points + at)), (uint32_t *)out + at, UINT32_MAX);
}

void *table6(const uint8_t *low, const uint8_t *length, const int32_t *value, size_t count) {
    struct rte_lpm6_config config = {.max_rules = count, .number_tbl8s = 1 << 17};
    struct rte_lpm6 *lpm = rte_lpm6_create("six", 0, &config);
    for (size_t at = 0; lpm && at < count; at++)
        if (rte_lpm6_add(lpm, low + 16 * at, length[at], value[at])) return NULL;
    return lpm;
}

void one6(struct rte_lpm6 *lpm, const uint8_t *points, int32_t *out, size_t count) {
    for (size_t at = 0; at < count; at++) {
        uint32_t hop;
        out[at] = rte_lpm6_lookup(lpm, points + 16 * at, &hop) ? -1 : (int32_t)hop;
    }
}

void bulk6(struct rte_lpm6 *lpm, uint8_t (*points)[16], int32_t *out, size_t count) {
    for (size_t at = 0; at < count; at += 32)
        rte_lpm6_lookup_bulk_func(lpm, points + at, out + at, count - at < 32 ? count - at : 32);
}
