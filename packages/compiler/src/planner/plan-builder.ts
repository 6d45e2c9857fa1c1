import { invariant, type DType } from "@steelyard/core";
import type { Kernel } from "../ir.ts";
import { windowsOf } from "../pieces/windows-of.ts";
import { planMemory } from "../memory-plan.ts";
import type { Command, Place, Plan, PlanBuffer } from "../plan.ts";
import type { Target } from "../target.ts";
import type { View } from "../view.ts";
import type { Location, Operands } from "./expressions.ts";
import type { Value } from "./graph.ts";
import { mergeSiblings } from "./siblings.ts";

type KernelCommand = Extract<Command, { kind: "kernel" }>;

interface Draft {
  readonly elements: number;
  readonly dtype: DType;
  /** null: in the arena. */
  place: Place | null;
}

/** A plan in the making: buffers and commands so far, and where each value has come to lie. */
export class PlanBuilder {
  readonly target: Target;
  readonly commands: Command[] = [];
  /** Copies of operands with zeros around them, by operand. */
  readonly bordered: Map<Value, Location> = new Map();
  /** Buffers that are nothing but another order of an input, by what makes them. */
  readonly copies: Map<string, number> = new Map();
  /** The command before which kernels that are added now must not run, though their operands are there. */
  earliest = 0;
  readonly #earliest = new Map<Command, number>();
  readonly #drafts: Draft[] = [];
  readonly #locations = new Map<Value, Location>();

  constructor(target: Target) {
    this.target = target;
  }

  /** A new buffer; in the arena unless a place is given. */
  buffer(elements: number, dtype: DType, place: Place | null = null): number {
    return this.#drafts.push({ elements, dtype, place }) - 1;
  }

  /** Where a stored value lies; null for one that is not stored, or not yet. */
  readonly locate = (value: Value): Location | null => this.#locations.get(value) ?? null;

  readonly layoutOf = (value: Value): View | null => this.locate(value)?.view ?? null;

  locationOf(value: Value): Location {
    const location = this.locate(value);
    invariant(location !== null, `${value.instruction.label} is read before it is stored`);
    return location;
  }

  /** From now on the value lies there. */
  settle(value: Value, location: Location): void {
    this.#locations.set(value, location);
  }

  /** Makes a buffer of the arena the storage of an output; false if it is something else already. */
  claimOutput(buffer: number, output: number): boolean {
    const draft = this.#drafts[buffer]!;
    if (draft.place !== null) return false;
    draft.place = { kind: "output", output };
    return true;
  }

  elementsOf(buffer: number): number {
    return this.#drafts[buffer]!.elements;
  }

  /** Adds a kernel, with the plan's buffers and the program's slots for its lists. */
  run(kernel: Kernel, buffers: readonly number[], numbers: readonly number[], offsets?: readonly number[]): void {
    invariant(kernel.buffers.length === buffers.length, `${kernel.name} is given all its buffers`);
    invariant(kernel.numbers.length === numbers.length, `${kernel.name} is given all its numbers`);
    invariant(
      storedBy(kernel).every((position) => buffers.filter((buffer) => buffer === buffers[position]).length === 1),
      `${kernel.name} stores into nothing that it reads under another name`,
    );
    const command = { kind: "kernel", kernel, buffers, numbers } as const;
    const added = offsets === undefined ? command : { ...command, offsets };
    this.commands.push(added);
    this.#earliest.set(added, this.earliest);
  }

  finish(outputs: readonly number[]): Plan {
    const earliest = (command: Command): number => this.#earliest.get(command) ?? 0;
    const merged = mergeSiblings(this.commands, earliest, this.target.buffers);
    const commands = merged.flatMap((command) => (command.kind === "kernel" ? this.#pieces(command) : command));
    const lifetimes = this.#lifetimes(commands);
    const inArena = [...this.#drafts.keys()].filter((i) => this.#drafts[i]!.place === null && lifetimes[i] !== null);
    const { offsets, size } = planMemory(
      inArena.map((i) => ({ elements: wordsOf(this.#drafts[i]!), ...lifetimes[i]! })),
    );
    const offsetOf = new Map(inArena.map((buffer, i) => [buffer, offsets[i]!]));
    const buffers = this.#drafts.map(({ elements, dtype, place }, i): PlanBuffer => {
      return { elements, dtype, place: place ?? { kind: "arena", offset: offsetOf.get(i) ?? 0 } };
    });
    return { buffers, commands, outputs, arena: size };
  }

  /** A command as commands that touch no more than a device has room for; most are as they were. */
  #pieces(command: KernelCommand): Command[] {
    const { window = Infinity, buffers: most = Infinity } = this.target;
    const { kernel, buffers, numbers, offsets } = command;
    const sizes = buffers.map((buffer) => this.elementsOf(buffer));
    if (buffers.length <= most && sizes.every((elements) => elements <= window)) return [command];
    const { pieces, scratch } = windowsOf(kernel, sizes, { elements: window, buffers: most }, offsets);
    const all = [...buffers, ...scratch.map(({ elements, dtype }) => this.buffer(elements, dtype))];
    return pieces.map((piece) => ({
      kind: "kernel",
      kernel: piece.kernel,
      buffers: piece.buffers.map((position) => all[position]!),
      numbers: piece.kernel.numbers.length > 0 ? numbers : [],
      offsets: piece.windows.map(({ from }) => from),
    }));
  }

  /** For each buffer the first and last command that touches it; null for one that none does. */
  #lifetimes(commands: readonly Command[]): ({ first: number; last: number } | null)[] {
    const lifetimes = new Array<{ first: number; last: number } | null>(this.#drafts.length).fill(null);
    commands.forEach((command, at) => {
      const touched = command.kind === "kernel" ? command.buffers : [...command.inputs, command.output];
      for (const buffer of touched) {
        const lifetime = lifetimes[buffer];
        if (lifetime === null || lifetime === undefined) lifetimes[buffer] = { first: at, last: at };
        else lifetime.last = at;
      }
    });
    return lifetimes;
  }
}

/** The positions of what a kernel stores into. */
function storedBy(kernel: Kernel): readonly number[] {
  if (kernel.kind === "contraction") return [kernel.buffers.length - 1];
  return [...new Set(kernel.stores.map(({ buffer }) => buffer))];
}

/** Words of four bytes: an f64 takes two. */
function wordsOf({ elements, dtype }: Draft): number {
  return dtype === "f64" ? 2 * elements : elements;
}

/** The lists of a kernel that reads `operands` and writes one more buffer. */
export function withOutput(
  operands: Operands,
  dtype: DType,
): { readonly types: readonly DType[]; readonly position: number } {
  return { types: [...operands.bufferTypes, dtype], position: operands.buffers.length };
}
