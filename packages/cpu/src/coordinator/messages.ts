import {
  registry,
  SteelyardError,
  type DType,
  type ErrorDetails,
  type HostArray,
  type Instruction,
  type Program,
  type Shape,
} from "@steelyard/core";
import type { Family } from "../contraction/families.ts";
import type { CpuOptions } from "../device.ts";
import type { MemoryUse } from "../runtime/memory.ts";

// What a page and the worker that owns its device tell each other: plain data. Objects on the other side have numbers.

/** The options that can be sent; functions stay where they are. */
export type SentOptions = Omit<CpuOptions, "observe" | "profile">;

/** What a device says of itself. */
export interface CpuReport {
  /** Threads that compute: one where the page is not isolated from other origins. */
  readonly threads: number;
  readonly family: Family["name"];
  readonly revectorised: boolean;
  readonly memory: MemoryUse;
  /** How many different kernels have been emitted so far. */
  readonly kernels: number;
}

/** A program whose primitives are names. */
export type SentProgram = Omit<Program, "instructions"> & {
  readonly instructions: readonly (Omit<Instruction, "primitive"> & { readonly primitive: string | null })[];
};

/** A binding: stored values by number, a number, or a host solve, whose function stays with the page. */
export type SentBinding = { readonly storage: number } | number | { readonly solve: true };

/** From the page. They are done in order, each when the one before it is done. */
export type Request =
  | { readonly kind: "open"; readonly options: SentOptions }
  | {
      readonly kind: "upload";
      readonly storage: number;
      readonly data: HostArray;
      readonly shape: Shape;
      readonly dtype: DType;
      readonly owner: string;
    }
  | { readonly kind: "compile"; readonly executable: number; readonly program: SentProgram }
  | {
      readonly kind: "run";
      readonly call: number;
      readonly executable: number;
      readonly bindings: readonly SentBinding[];
      readonly donated: readonly number[];
      /** The numbers that the results get. */
      readonly outputs: readonly number[];
    }
  | { readonly kind: "read"; readonly call: number; readonly storage: number }
  | { readonly kind: "report"; readonly call: number }
  | { readonly kind: "free"; readonly storage: number }
  | { readonly kind: "forget"; readonly executable: number };

/** From the page, in the middle of a run: what a host solve gave. */
export type Solved = { readonly kind: "solved"; readonly solve: number; readonly answer: Answer<ArrayLike<number>[]> };

/** What calls come to: values for a read, a report, and nothing for a run. */
export type Result = HostArray | CpuReport | null;

/** From the worker; first of all, that it is there. */
export type Reply =
  | { readonly kind: "started" }
  | { readonly kind: "done"; readonly call: number; readonly answer: Answer<Result> }
  | {
      readonly kind: "solve";
      readonly solve: number;
      readonly call: number;
      /** Position among the run's bindings. */
      readonly binding: number;
      readonly inputs: readonly Float64Array[];
    };

/** A value, or why there is none. */
export type Answer<Value> =
  { readonly value: Value } | { readonly details: ErrorDetails } | { readonly message: string };

/** What a promise comes to, as something that can be sent. */
export async function answerOf<Value>(promise: Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await promise };
  } catch (error) {
    // Errors lose their class on the way; details are plain data.
    if (error instanceof SteelyardError) return { details: error.details };
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

/** The value of an answer, or its error thrown here. */
export function valueOf<Value>(answer: Answer<Value>): Value {
  if ("value" in answer) return answer.value;
  throw "details" in answer ? new SteelyardError(answer.details) : new Error(answer.message);
}

export function sentProgram(program: Program): SentProgram {
  const instructions = program.instructions.map((each) => ({ ...each, primitive: each.primitive?.name ?? null }));
  return { ...program, instructions };
}

const primitives = new Map(registry.map((primitive) => [primitive.name, primitive]));

/** @throws SteelyardError DeviceError for a primitive that only the page knows */
export function receivedProgram({ instructions, ...rest }: SentProgram): Program {
  const received = instructions.map((each): Instruction => {
    const primitive = each.primitive === null ? null : primitives.get(each.primitive);
    if (primitive !== undefined) return { ...each, primitive };
    throw new SteelyardError({
      code: "DeviceError",
      who: "cpu coordinator",
      needs: "primitives of the registry",
      got: each.primitive!,
      hint: "a primitive of your own runs on a device in its own thread: use cpu()",
    });
  });
  return { ...rest, instructions: received };
}
