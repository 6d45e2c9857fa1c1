import {
  doWhile,
  f32x4,
  i32,
  Locals,
  maximumPages,
  moduleBytes,
  types,
  v128,
} from "../../../packages/cpu/src/assembler/assembler.ts";

// What the machine's arithmetic units do at most: multiply-adds in registers, no memory. Every chain waits for its own
// last result only, so with enough chains the units never wait.

/** A way to multiply and add in WebAssembly. */
export type Family = "128-bit FMA" | "128-bit mul + add" | "256-bit FMA";

// Twelve accumulators and two operands fit into the sixteen registers of x64; of 256 bits each is a pair of vectors.
const chainsOf: Record<Family, number> = { "128-bit FMA": 12, "128-bit mul + add": 12, "256-bit FMA": 24 };
const unrolled = 4;
const lanes = 4;

/**
 * GFLOP/s of one thread in this process. The 256-bit family is what V8's revectorizer makes of pairs of 128-bit
 * operations on neighbouring memory: without it the loop is the slower 128-bit one.
 */
export function peakLoop(family: Family): () => number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared: true });
  const module = new WebAssembly.Module(loopOf(family));
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as (turns: number) => void;
  const operations = chainsOf[family] * unrolled * lanes * 2;
  const rate = (turns: number): number => {
    // 0.5·0.5 + c grows slowly and stays an ordinary number.
    new Float32Array(memory.buffer).fill(0.5);
    const start = performance.now();
    run(turns);
    return (turns * operations) / (performance.now() - start) / 1e6;
  };
  // Enough for the optimising compiler to take over.
  for (let i = 0; i < 20; i++) rate(20_000);
  return () => Math.max(rate(60_000), rate(60_000), rate(60_000));
}

function loopOf(family: Family): Uint8Array<ArrayBuffer> {
  const locals = new Locals([types.i32]);
  const turns = locals.parameter(0);
  const i = locals.add(types.i32);
  const [a, even, odd] = [0, 1, 2].map(() => locals.add(types.v128)) as [Vector, Vector, Vector];
  const chains = Array.from({ length: chainsOf[family] }, () => locals.add(types.v128));
  const zero = i32.const(0);
  const step = chains.map((c, j) => {
    const b = (j % 2 === 0 ? even : odd).get;
    return c.set(
      family === "128-bit mul + add" ? f32x4.add(f32x4.mul(a.get, b), c.get) : f32x4.relaxedMadd(a.get, b, c.get),
    );
  });
  // Loads and stores of neighbours are what the revectorizer starts from.
  const body = [
    a.set(v128.load32Splat(zero, 0)),
    even.set(v128.load(zero, 16)),
    odd.set(v128.load(zero, 32)),
    chains.map((c, j) => c.set(v128.load(zero, 64 + 16 * j))),
    i.set(zero),
    doWhile(
      Array.from({ length: unrolled }, () => step),
      i32.ltS(i.tee(i32.add(i.get, i32.const(1))), turns.get),
    ),
    chains.map((c, j) => v128.store(zero, c.get, 64 + 16 * j)),
  ];
  return moduleBytes([{ name: "run", parameters: [types.i32], results: [], locals, body }]);
}

type Vector = ReturnType<Locals["add"]>;
