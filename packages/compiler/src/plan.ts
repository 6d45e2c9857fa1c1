import type { DType, Instruction, Spec } from "@steelyard/core";
import type { Kernel } from "./ir.ts";
import { showKernel } from "./show-kernel.ts";

/** Where a buffer of a plan lies when the plan runs. */
export type Place =
  /** Bound by the caller: position among the program's slots. */
  | { readonly kind: "slot"; readonly slot: number }
  /** Fresh storage that becomes the caller's: position among the program's outputs. */
  | { readonly kind: "output"; readonly output: number }
  /** In the arena that the plan has while it runs, so many elements from its start. */
  | { readonly kind: "arena"; readonly offset: number };

/** A piece of memory that commands read and write. */
export interface PlanBuffer {
  readonly elements: number;
  readonly dtype: DType;
  readonly place: Place;
}

/** One thing to do. Buffers are positions in the plan's list. */
export type Command =
  | {
      readonly kind: "kernel";
      readonly kernel: Kernel;
      /** In the order of the kernel's own list. */
      readonly buffers: readonly number[];
      /** The program's slots that hold its runtime numbers. */
      readonly numbers: readonly number[];
      /**
       * How many elements from its start each buffer is read or written; left out: none. Of a buffer that is larger than a
       * `Target.window`, no more than a window from there on is touched.
       */
      readonly offsets?: readonly number[];
    }
  /** An operation without a kernel: the primitive's own forward, on the host. */
  | {
      readonly kind: "host";
      readonly instruction: Instruction;
      readonly inSpecs: readonly Spec[];
      readonly inputs: readonly number[];
      readonly output: number;
    }
  /** What the host makes of a slot's binding: the results of a host solve's function, or an f64 of one number. */
  | {
      readonly kind: "solve";
      readonly slot: number;
      readonly instruction: Instruction;
      readonly inputs: readonly number[];
      readonly output: number;
    };

/** A program made ready for any device: what to run, in order, and where everything lies. Plain data. */
export interface Plan {
  readonly buffers: readonly PlanBuffer[];
  readonly commands: readonly Command[];
  /** For each output of the program, its buffer. */
  readonly outputs: readonly number[];
  /** Elements of four bytes that the arena needs. */
  readonly arena: number;
}

/** A plan as text: every buffer, then every command with its kernel. */
export function showPlan({ buffers, commands, arena }: Plan): string {
  const lines = [`plan: ${commands.length} commands, ${buffers.length} buffers, arena of ${arena} elements`];
  buffers.forEach(({ elements, dtype, place }, i) => lines.push(`  #${i} ${dtype}[${elements}] ${showPlace(place)}`));
  for (const command of commands) lines.push("", showCommand(command));
  return lines.join("\n");
}

function showPlace(place: Place): string {
  if (place.kind === "slot") return `bound to slot ${place.slot}`;
  return place.kind === "output" ? `output ${place.output}` : `arena + ${place.offset}`;
}

function showCommand(command: Command): string {
  if (command.kind === "kernel") {
    const offsets = command.offsets ?? [];
    const operands = command.buffers.map((buffer, i) => {
      return `b${i} = #${buffer}${(offsets[i] ?? 0) === 0 ? "" : ` + ${offsets[i]}`}`;
    });
    const numbers = command.numbers.map((slot, i) => `n${i} = slot ${slot}`);
    return `${showKernel(command.kernel)}\n  with ${[...operands, ...numbers].join(", ")}`;
  }
  const what = command.kind === "host" ? `host ${command.instruction.label}` : `host solve of slot ${command.slot}`;
  return `${what}: #${command.output} from ${command.inputs.map((input) => `#${input}`).join(", ")}`;
}
