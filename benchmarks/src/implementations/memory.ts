import { operandsOf } from "../works/operands.ts";
import { unable, type Implementation } from "./implementation.ts";

/** The machine's own copy of memory (`memmove`), by one thread. */
export const memoryCopy: Implementation = {
  impl: "memory",
  device: "copy",
  threads: 1,
  available: async () => null,
  async prepare(work) {
    if (work.kind !== "copy") throw unable("arithmetic");
    const from = operandsOf(work)[0]!.data;
    const to = new Float32Array(from.length);
    return { run: async () => to.set(from), result: async () => (to.set(from), to), close: () => undefined };
  },
};
