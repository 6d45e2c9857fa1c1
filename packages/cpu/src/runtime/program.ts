import { invariant } from "@steelyard/core";
import { commandAt, commandWords } from "./control.ts";
import type { KernelStore } from "./kernel-store.ts";
import type { DeviceMemory } from "./memory.ts";

/** One run of a kernel over all its chunks. */
export interface Command {
  /** As `load` returned it. */
  readonly kernel: number;
  /** Address of the arguments in device memory. They may change between runs of the program. */
  readonly args: number;
  readonly chunks: number;
}

/** A list of commands in device memory, where all threads see it. */
export interface Prepared {
  readonly commands: number;
  /** Threads it can keep busy: the chunks of the command that has most. */
  readonly width: number;
  /** Its first word. */
  readonly word: number;
  /** Gives the memory back, when no program is under way any more. */
  dispose(): void;
}

/** Lays out a list of commands, and finds its steps: a command, or several of at most one chunk each. */
export function program(memory: DeviceMemory, kernels: KernelStore, commands: readonly Command[]): Prepared {
  const address = memory.allocate(commands.length * commandWords * 4, "programs");
  const word = address / 4;
  const { words } = memory;
  let next = commands.length;
  for (let i = commands.length - 1; i >= 0; i--) {
    const { kernel, args, chunks } = commands[i]!;
    invariant(Number.isInteger(chunks) && chunks >= 0 && chunks < 2 ** 31, `a command of ${chunks} chunks`);
    const following = commands[i + 1];
    if (chunks > 1 || following === undefined || following.chunks > 1) next = i + 1;
    const place = word + i * commandWords;
    words[place + commandAt.kernel] = kernels.word(kernel);
    words[place + commandAt.args] = args;
    words[place + commandAt.chunks] = chunks;
    words[place + commandAt.next] = next;
  }
  const width = commands.reduce((most, { chunks }) => Math.max(most, chunks), 1);
  return { commands: commands.length, width, word, dispose: () => memory.free(address) };
}

/** Chunks of the commands `from` … `to` that the calling thread need not do itself: of each all but one. */
export function chunksToShare(words: Int32Array, { word }: Prepared, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.max(0, words[word + i * commandWords + commandAt.chunks]! - 1);
  return sum;
}

/** Puts the counters of the commands `from` … `to` back to zero. */
export function rewind(words: Int32Array, { word }: Prepared, from: number, to: number): void {
  for (let place = word + from * commandWords; place < word + to * commandWords; place += commandWords) {
    words[place + commandAt.taken] = 0;
    words[place + commandAt.done] = 0;
  }
}
