import { invariant, type Binding } from "@steelyard/core";
import { wordOf } from "./elements.ts";
import type { Gpu } from "./adapter.ts";
import { usage } from "./flags.ts";
import type { Dispatch } from "./prepared.ts";

/** The words of all kernels of a plan, in one uniform buffer that stays with the plan. */
export interface Arguments {
  /** Where the words of each kernel are; null for one that has none. */
  readonly entries: readonly (GPUBufferBinding | null)[];
  /**
   * Writes the runtime numbers of kernels from … to, those that have changed. What was submitted before still sees the old
   * ones: the queue does all in order.
   */
  write(bindings: readonly Binding[], from: number, to: number): void;
  readonly buffer: GPUBuffer | null;
}

/** Room for the words of commands, with what never changes filled in: the offsets of their buffers. */
export function argumentsOf(
  { device }: Gpu,
  commands: readonly Pick<Dispatch, "command" | "shader" | "offsets">[],
): Arguments {
  const alignment = device.limits.minUniformBufferOffsetAlignment / 4;
  let words = 0;
  const starts = commands.map(({ shader }) => {
    const start = Math.ceil(words / alignment) * alignment;
    // A uniform is an array of vectors of four.
    if (shader.words > 0) words = start + 4 * Math.ceil(shader.words / 4);
    return start;
  });
  if (words === 0) return { entries: commands.map(() => null), write: () => undefined, buffer: null };

  const values = new Uint32Array(words);
  const numbers = commands.map(({ command, shader, offsets }, i) => {
    const { kernel, buffers } = command;
    const before = shader.words - kernel.numbers.length;
    invariant(
      before === 0 || before === buffers.length,
      `${kernel.name} has words for its numbers, and perhaps offsets`,
    );
    if (before > 0) values.set(offsets, starts[i]);
    return starts[i]! + before;
  });
  const buffer = device.createBuffer({ label: "arguments", size: 4 * words, usage: usage.uniform | usage.copyTarget });
  device.queue.writeBuffer(buffer, 0, values);
  return {
    entries: commands.map(({ shader }, i) =>
      shader.words === 0 ? null : { buffer, offset: 4 * starts[i]!, size: 16 * Math.ceil(shader.words / 4) },
    ),
    write(bindings, from, to) {
      let changed: [first: number, last: number] | null = null;
      for (let i = from; i < to; i++) {
        const { kernel, numbers: slots } = commands[i]!.command;
        for (const [k, slot] of slots.entries()) {
          const at = numbers[i]! + k;
          const word = wordOf(kernel.numbers[k]!, bindings[slot] as number);
          if (values[at] === word) continue;
          values[at] = word;
          changed = [changed?.[0] ?? at, at];
        }
      }
      if (changed !== null)
        device.queue.writeBuffer(buffer, 4 * changed[0], values, changed[0], changed[1] - changed[0] + 1);
    },
    buffer,
  };
}
