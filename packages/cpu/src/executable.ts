import { runHostCommand, type Command, type Kernel, type Plan } from "@steelyard/compiler";
import {
  invariant,
  type Binding,
  type Executable,
  type HostFunction,
  type Program,
  type Storage,
} from "@steelyard/core";
import type { Family } from "./contraction/families.ts";
import { deviceBytes, elementsAt, storeElements, wordOf } from "./elements.ts";
import type { KernelCache } from "./kernels.ts";
import type { DeviceMemory } from "./runtime/memory.ts";
import type { Prepared, ThreadPool } from "./runtime/thread-pool.ts";

export interface CpuStorage extends Storage {
  /** Of its first element, in the device's memory. */
  readonly address: number;
}

/** What executables share: the machine they run on. */
export interface Machine {
  readonly memory: DeviceMemory;
  readonly pool: ThreadPool;
  readonly kernels: KernelCache;
  /** New storage at an address, which it owns from now on. */
  store(address: number, spec: Pick<Storage, "shape" | "dtype">): Storage;
  free(storage: Storage): void;
  /** Told how long each kernel took, which is then run by itself; null: nobody asks. */
  readonly profile: Profile | null;
}

/** Told of a kernel that has run, and the milliseconds that took. */
export type Profile = (kernel: Kernel, milliseconds: number) => void;

type KernelCommand = Extract<Command, { kind: "kernel" }>;

/** Kernels one after another, or one command of the host. */
type Segment =
  | { readonly kind: "kernels"; readonly from: number; readonly to: number }
  | { readonly kind: "host"; readonly command: Exclude<Command, KernelCommand> };

/** A plan with its kernels loaded, and the memory that holds their arguments from run to run. */
interface Loaded {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly segments: readonly Segment[];
  readonly commands: readonly { readonly command: KernelCommand; readonly args: number }[];
  readonly args: number;
}

/** When an executable is forgotten by its plan cache, its arguments go too. */
const backstop = new FinalizationRegistry<() => void>((dispose) => dispose());

/** A run needs the arguments to its end, even if nobody else holds the executable any more. */
const running = new Set<Executable>();

/** A plan that runs on the threads of a pool. */
export function executableOf(program: Program, plan: Plan, machine: Machine, family: Family): Executable {
  const loaded = load(plan, machine, family);
  const executable: Executable = {
    async run(bindings, donated) {
      invariant(!running.has(executable), "an executable runs once at a time: its arguments are in one place");
      running.add(executable);
      try {
        const outputs = await runOnce(loaded, machine, bindings, donated);
        return outputs.map((address, i) => machine.store(address, program.instructions[program.outputs[i]!]!));
      } finally {
        running.delete(executable);
      }
    },
  };
  backstop.register(executable, disposing(loaded, machine.memory));
  return executable;
}

/** Apart from the executable, so as not to hold it. */
function disposing({ prepared, args }: Loaded, memory: DeviceMemory): () => void {
  return () => {
    prepared.dispose();
    memory.free(args);
  };
}

/** Addresses of the outputs, which belong to the caller. When the run fails, nothing has changed. */
async function runOnce(
  loaded: Loaded,
  machine: Machine,
  bindings: readonly Binding[],
  donated: ReadonlySet<Storage>,
): Promise<readonly number[]> {
  const { memory } = machine;
  const { plan } = loaded;
  const held: number[] = [];
  const allocate = (bytes: number, who: string): number => {
    const address = memory.allocate(bytes, who);
    held.push(address);
    return address;
  };
  try {
    const arena = allocate(4 * plan.arena, "a plan's intermediate values");
    const outputs = plan.outputs.map((buffer) => {
      const { dtype, elements } = plan.buffers[buffer]!;
      return allocate(deviceBytes(dtype, elements), "result");
    });
    const addresses = addressesOf(plan, bindings, arena, outputs);
    writeArguments(loaded, memory, addresses, bindings);
    for (const segment of loaded.segments) {
      if (segment.kind === "kernels") await runKernels(loaded, machine, segment.from, segment.to);
      else await runOnHost(segment.command, plan, memory, addresses, bindings);
    }
    // Only now: until here the run could have failed, and the values had to stay.
    donated.forEach((storage) => machine.free(storage));
    held.splice(0, held.length, arena);
    return outputs;
  } finally {
    held.forEach((address) => memory.free(address));
  }
}

async function runKernels(
  { prepared, commands }: Loaded,
  { pool, profile }: Machine,
  from: number,
  to: number,
): Promise<void> {
  if (profile === null) return pool.run(prepared, from, to);
  for (let i = from; i < to; i++) {
    const started = performance.now();
    await pool.run(prepared, i, i + 1);
    profile(commands[i]!.command.kernel, performance.now() - started);
  }
}

function load(plan: Plan, { memory, pool, kernels }: Machine, family: Family): Loaded {
  const commands = plan.commands.filter((command): command is KernelCommand => command.kind === "kernel");
  const known = commands.map(({ kernel }) => kernels.load(kernel, family));
  const words = commands.reduce((sum, { buffers, numbers }) => sum + buffers.length + numbers.length, 0);
  const args = memory.allocate(4 * words, "arguments of kernels");
  let next = args;
  const placed = commands.map((command) => {
    const mine = next;
    next += 4 * (command.buffers.length + command.numbers.length);
    return { command, args: mine };
  });
  try {
    const prepared = pool.prepare(
      placed.map((each, i) => ({ kernel: known[i]!.index, args: each.args, chunks: known[i]!.chunks })),
    );
    return { plan, prepared, segments: segmentsOf(plan.commands), commands: placed, args };
  } catch (error) {
    memory.free(args);
    throw error;
  }
}

function segmentsOf(commands: readonly Command[]): Segment[] {
  const segments: Segment[] = [];
  let kernels = 0;
  let from = 0;
  const close = (): void => {
    if (kernels > from) segments.push({ kind: "kernels", from, to: kernels });
    from = kernels;
  };
  for (const command of commands) {
    if (command.kind === "kernel") kernels++;
    else {
      close();
      segments.push({ kind: "host", command });
    }
  }
  close();
  return segments;
}

function addressesOf(plan: Plan, bindings: readonly Binding[], arena: number, outputs: readonly number[]): number[] {
  return plan.buffers.map(({ place }) => {
    if (place.kind === "arena") return arena + 4 * place.offset;
    if (place.kind === "output") return outputs[place.output]!;
    const binding = bindings[place.slot];
    invariant(typeof binding === "object", "a buffer is bound to storage");
    return (binding as CpuStorage).address;
  });
}

/** The addresses of this run's buffers and the numbers of its slots, where the kernels look for them. */
function writeArguments(
  { commands }: Loaded,
  memory: DeviceMemory,
  addresses: readonly number[],
  bindings: readonly Binding[],
): void {
  const { words } = memory;
  for (const { command, args } of commands) {
    let word = args / 4;
    command.buffers.forEach((buffer, i) => {
      words[word++] = addresses[buffer]! + 4 * (command.offsets?.[i] ?? 0);
    });
    command.numbers.forEach((slot, i) => {
      words[word++] = wordOf(command.kernel.numbers[i]!, bindings[slot] as number);
    });
  }
}

async function runOnHost(
  command: Exclude<Command, KernelCommand>,
  plan: Plan,
  memory: DeviceMemory,
  addresses: readonly number[],
  bindings: readonly Binding[],
): Promise<void> {
  const inputs = command.inputs.map((input) => {
    const { dtype, elements } = plan.buffers[input]!;
    return elementsAt(memory, dtype, addresses[input]!, elements);
  });
  const bound = command.kind === "solve" ? (bindings[command.slot] as HostFunction | number) : null;
  const values = await runHostCommand(command, inputs, bound);
  storeElements(memory, plan.buffers[command.output]!.dtype, addresses[command.output]!, values);
}
