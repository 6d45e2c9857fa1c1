import type { ContractionKernel } from "@steelyard/compiler";
import { emitContraction } from "./emit-contraction.ts";
import type { Family } from "./families.ts";

/** A matrix product in a memory of its own, to try a family with. */
export interface Trial {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  /** C = A·B */
  readonly run: () => void;
}

/** C [m, n] = A [m, k] · B [k, n], B as it lies in rows. */
export function trialOf(family: Family, m: number, k: number, n: number): Trial {
  const kernel: ContractionKernel = {
    kind: "contraction",
    name: "trial",
    outer: [],
    m: { size: m, a: k, c: n },
    n: { size: n, b: 1 },
    k: [{ size: k, a: 1, b: n }],
    start: { a: 0, b: 0, c: 0 },
    epilogue: { kind: "accumulator", dtype: "f32", position: 0 },
    buffers: ["f32", "f32", "f32"],
    numbers: [],
    schedule: { b: "rows", columns: family.columns },
  };
  const { bytes, chunks } = emitContraction(kernel, family);
  // The first page holds no data but the arguments; the last one is there so that reading on behind C is harmless.
  const page = 65536;
  const starts = [page, page + 4 * m * k, page + 4 * (m * k + k * n)] as const;
  const end = starts[2] + 4 * m * n;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / page) + 1, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const chunk = exports["run"] as (args: number, chunk: number) => void;
  new Int32Array(memory.buffer).set(starts, args / 4);
  const [a, b, c] = starts;
  return {
    a: new Float32Array(memory.buffer, a, m * k),
    b: new Float32Array(memory.buffer, b, k * n),
    c: new Float32Array(memory.buffer, c, m * n),
    run() {
      for (let i = 0; i < chunks; i++) chunk(args, i);
    },
  };
}

const args = 1024;
