/**
 * A kernel as machine code. The module imports the shared memory and exports `run(args: i32, chunk: i32)`, which does one
 * chunk of the work.
 *
 * `args` is the address of the kernel's arguments: the address of each buffer (one i32 each, in the order of the kernel's
 * list), then the runtime numbers (four bytes each, as their dtype). Every element takes four bytes: f32, i32, u32, and
 * bool as 0 or 1 in 32 bits; f16 is an f32 that was rounded to f16 when it was stored.
 *
 * Chunks are a property of shapes alone, never of the number of threads: each may run on any thread, in any order, and
 * they write to disjoint places.
 */
export interface KernelModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly chunks: number;
}
