// SPDX-License-Identifier: BSD-3-Clause
// Loaded before user-mode Linux by LD_PRELOAD: lets it run where the registers of a process take
// more room than it knows of (AVX-512, AMX).
//
// User-mode Linux moves the registers of its processes by ptrace with NT_X86_XSTATE and a buffer of
// its own, fixed size. Where the CPU's area is larger the kernel hands out what fits, but refuses to
// take back a part: the first process of the guest dies of that, and the guest with it. Here the
// kernel always sees a whole area; what user-mode Linux left out is marked as in its initial state.
#include <cpuid.h>
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

enum {
  header_offset = 512,  // XSTATE_BV: one bit for each component that is not in its initial state
  first_extended = 2,   // components 0 and 1 are in the first 512 bytes
  components = 63,
  area_size = 64 * 1024
};

typedef long (*Ptrace)(enum __ptrace_request, ...);

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// The components that lie in the first `size` bytes of an area. Remembered, as `size` does not
// change and a virtual machine pays dearly for CPUID.
static uint64_t within(size_t size) {
  static size_t last_size;
  static uint64_t whole;
  if (size == last_size) {
    return whole;
  }
  last_size = size;
  whole = 3;
  for (unsigned i = first_extended; i < components; ++i) {
    unsigned length = 0, offset = 0, unused1 = 0, unused2 = 0;
    __cpuid_count(0xd, i, length, offset, unused1, unused2);
    if (length != 0 && offset + length <= size) {
      whole |= UINT64_C(1) << i;
    }
  }
  return whole;
}

static long read_area(Ptrace next, int pid, void* type, struct iovec* wanted) {
  static unsigned char area[area_size] __attribute__((aligned(64)));
  struct iovec whole = {area, sizeof area};
  const long result = next(PTRACE_GETREGSET, pid, type, &whole);
  if (result >= 0) {
    wanted->iov_len = smaller(wanted->iov_len, whole.iov_len);
    memcpy(wanted->iov_base, area, wanted->iov_len);
  }
  return result;
}

static long write_area(Ptrace next, int pid, void* type, const struct iovec* part) {
  static unsigned char area[area_size] __attribute__((aligned(64)));
  struct iovec whole = {area, sizeof area};
  if (next(PTRACE_GETREGSET, pid, type, &whole) < 0) {
    return -1;
  }
  const size_t known = smaller(part->iov_len, whole.iov_len);
  memset(area, 0, whole.iov_len);
  memcpy(area, part->iov_base, known);
  uint64_t present = 0;
  memcpy(&present, area + header_offset, sizeof present);
  present &= within(known);
  memcpy(area + header_offset, &present, sizeof present);
  return next(PTRACE_SETREGSET, pid, type, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
  static Ptrace next;
  if (next == NULL) {
    *(void**)&next = dlsym(RTLD_NEXT, "ptrace");
  }
  va_list arguments;
  va_start(arguments, request);
  const int pid = va_arg(arguments, int);
  void* address = va_arg(arguments, void*);
  void* data = va_arg(arguments, void*);
  va_end(arguments);
  if ((uintptr_t)address == NT_X86_XSTATE && request == PTRACE_GETREGSET) {
    return read_area(next, pid, address, data);
  }
  if ((uintptr_t)address == NT_X86_XSTATE && request == PTRACE_SETREGSET) {
    return write_area(next, pid, address, data);
  }
  return next(request, pid, address, data);
}
