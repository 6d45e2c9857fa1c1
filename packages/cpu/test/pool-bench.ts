import { SteelyardError } from "@steelyard/core";
import { afterAll, expect } from "vitest";
import { doWhile, i32, Locals, moduleBytes, types, when, type Code, type Local } from "../src/assembler/assembler.ts";
import type { KernelModule } from "../src/kernel-module.ts";
import { deviceMemory, type DeviceMemory } from "../src/runtime/memory.ts";
import { threadPool, type PoolOptions, type ThreadPool } from "../src/runtime/thread-pool.ts";

// Kernels written by hand. Their arguments are addresses and numbers, one word each.

type Body = (word: (index: number) => Code, chunk: Code, local: () => Local) => Code;

function kernel(body: Body): KernelModule {
  const locals = new Locals([types.i32, types.i32]);
  const word = (index: number): Code => i32.load(locals.parameter(0).get, index * 4);
  const code = body(word, locals.parameter(1).get, () => locals.add(types.i32));
  const bytes = moduleBytes([{ name: "run", parameters: [types.i32, types.i32], results: [], locals, body: code }]);
  return { bytes, chunks: 1 };
}

const element = (base: Code, index: Code): Code => i32.add(base, i32.shl(index, i32.const(2)));

/** (counts): counts[chunk]++ */
export const count: KernelModule = kernel((word, chunk) => {
  const place = element(word(0), chunk);
  return i32.store(place, i32.add(i32.load(place), i32.const(1)));
});

/** (input, output, length): output[chunk] = 31 · Σ input + chunk. It needs all that the step before wrote. */
export const mix: KernelModule = kernel((word, chunk, local) => {
  const [i, sum] = [local(), local()];
  const more = i32.ltS(i.tee(i32.add(i.get, i32.const(1))), word(2));
  return [
    doWhile(sum.set(i32.add(sum.get, i32.load(element(word(0), i.get)))), more),
    i32.store(element(word(1), chunk), i32.add(i32.mul(sum.get, i32.const(31)), chunk)),
  ];
});

/**
 * (arrivals, trapping, turns): says that this chunk has come, and waits until the other one of two has. Then the one
 * traps if it is the one that is asked to, and the second counts to so many, to be the last.
 */
export const meet: KernelModule = kernel((word, chunk, local) => {
  const i = local();
  return [
    i32.store(element(word(0), chunk), i32.const(1)),
    doWhile([], i32.eqz(i32.load(element(word(0), i32.xor(chunk, i32.const(1)))))),
    when(i32.eq(chunk, word(1)), [0x00]),
    doWhile([], i32.ltS(i.tee(i32.add(i.get, i32.const(1))), i32.mul(chunk, word(2)))),
  ];
});

/** (flag): waits until the flag is set. */
export const awaitFlag: KernelModule = kernel((word) => doWhile([], i32.eqz(i32.load(word(0)))));

/** (turns): counts to that many, to pass the time. */
export const dawdle: KernelModule = kernel((word, _, local) => {
  const i = local();
  return doWhile([], i32.ltS(i.tee(i32.add(i.get, i32.const(1))), word(0)));
});

/** (which): traps at this chunk. */
export const trapAt: KernelModule = kernel((word, chunk) => when(i32.eq(chunk, word(0)), [0x00]));

export const trap: KernelModule = kernel(() => [0x00]);

export interface Bench {
  readonly memory: DeviceMemory;
  readonly pool: ThreadPool;
  /** A block of zeros. */
  readonly zeros: (length: number) => number;
  /** A block of words. */
  readonly block: (...words: number[]) => number;
}

const benches: Bench[] = [];

afterAll(async () => {
  await Promise.all(benches.map(({ pool }) => pool.close()));
});

/** A memory and a pool whose workers are started at once, closed when the tests of the file have run. */
export function bench(options: PoolOptions = {}): Bench {
  const memory = deviceMemory();
  const block = (...words: number[]): number => {
    const address = memory.allocate(words.length * 4, "test");
    memory.i32(address, words.length).set(words);
    return address;
  };
  const made = {
    memory,
    pool: threadPool(memory, { startAfter: 0, ...options }),
    block,
    zeros: (length: number) => block(...new Array<number>(length).fill(0)),
  };
  benches.push(made);
  return made;
}

/** The DeviceError that a run fails with. */
export async function failureOf(run: Promise<void>): Promise<SteelyardError> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SteelyardError);
  expect((error as SteelyardError).code).toBe("DeviceError");
  return error as SteelyardError;
}

/** The pool does all chunks of a program, once each. */
export async function expectUsable({ memory, pool, block, zeros }: Bench): Promise<void> {
  const counts = zeros(100);
  const args = block(counts);
  const program = pool.prepare([{ kernel: pool.load(count, "count"), args, chunks: 100 }]);
  await pool.run(program);
  expect([...memory.i32(counts, 100)]).toEqual(new Array(100).fill(1));
  program.dispose();
  memory.free(args);
  memory.free(counts);
}
