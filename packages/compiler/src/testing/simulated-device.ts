import {
  hostArray,
  invariant,
  type Binding,
  type Device,
  type DType,
  type Executable,
  type HostArray,
  type HostFunction,
  type Program,
  type Shape,
  type Storage,
} from "@steelyard/core";
import { runHostCommand } from "../host-command.ts";
import type { Command, Plan } from "../plan.ts";
import { planOf } from "../planner/planner.ts";
import type { Target } from "../target.ts";
import { simulate } from "./simulate.ts";

interface SimulatedStorage extends Storage {
  readonly data: HostArray;
}

/**
 * A device that runs the compiler's plans element by element: what a plan means, without any code being emitted. Arena
 * buffers share memory as planned, and everything starts as NaN, so a wrong lifetime shows in the numbers. Kernels are given
 * no more of a buffer than a window of the target holds.
 */
export function simulatedDevice(target: Target, observe: (plan: Plan) => void = () => undefined): Device {
  const live = new Set<Storage>();
  const store = (data: HostArray, shape: Shape, dtype: DType, owner: string): SimulatedStorage => {
    const storage = { device, shape, dtype, bytes: data.byteLength, owner, references: 1, data };
    live.add(storage);
    return storage;
  };
  const device: Device = {
    name: "simulated",
    upload: (data, shape, dtype, owner) => store(hostArray(dtype, data), shape, dtype, owner),
    compile(program: Program): Executable {
      const plan = planOf(program, target);
      observe(plan);
      return {
        async run(bindings, donated) {
          const outputs = await runPlan(plan, bindings, target.window ?? Infinity);
          donated.forEach((storage) => live.delete(storage));
          return outputs.map((data, i) => {
            const { shape, dtype } = program.instructions[program.outputs[i]!]!;
            return store(data, shape, dtype, "result");
          });
        },
      };
    },
    read: async (storage) => hostArray(storage.dtype, (storage as SimulatedStorage).data),
    free: (storage) => void live.delete(storage),
    storages: () => live,
  };
  return device;
}

async function runPlan(plan: Plan, bindings: readonly Binding[], window: number): Promise<HostArray[]> {
  const arena = new ArrayBuffer(4 * plan.arena);
  new Float32Array(arena).fill(NaN);
  const buffers = plan.buffers.map(({ elements, dtype, place }): HostArray => {
    if (place.kind === "slot") return (bindings[place.slot] as SimulatedStorage).data;
    // An f16 is stored as the f32 that it is, a bool in a word, and f64 apart, as no kernel touches it.
    if (place.kind === "output" || dtype === "f64") return new (arrayOf(dtype))(elements);
    const Elements = arrayOf(dtype);
    return new Elements(arena, 4 * place.offset, elements);
  });
  for (const command of plan.commands) {
    if (command.kind === "kernel") {
      const numbers = command.numbers.map((slot) => bindings[slot] as number);
      const { operands, offsets } = boundTo(command, buffers, window);
      simulate(command.kernel, operands, numbers, {}, offsets);
    } else {
      const bound = command.kind === "solve" ? (bindings[command.slot] as HostFunction | number) : null;
      const inputs = command.inputs.map((input) => buffers[input]!);
      buffers[command.output]!.set(await runHostCommand(command, inputs, bound));
    }
  }
  return plan.outputs.map((buffer) => buffers[buffer]!);
}

/** What a kernel is given: of a buffer that is larger than a window, the window at its offset. */
function boundTo(
  command: Extract<Command, { kind: "kernel" }>,
  buffers: readonly HostArray[],
  window: number,
): { readonly operands: readonly HostArray[]; readonly offsets: readonly number[] } {
  const offsets = command.offsets ?? command.buffers.map(() => 0);
  const isLarge = command.buffers.map((buffer) => buffers[buffer]!.length > window);
  invariant(
    offsets.every((offset, i) => !isLarge[i] || offset % 64 === 0),
    "windows begin at multiples of 64",
  );
  return {
    operands: command.buffers.map((buffer, i) => {
      const whole = buffers[buffer]!;
      return isLarge[i] === true ? whole.subarray(offsets[i], offsets[i]! + window) : whole;
    }),
    offsets: offsets.map((offset, i) => (isLarge[i] === true ? 0 : offset)),
  };
}

const arrays = {
  f32: Float32Array,
  f16: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Int32Array,
};

function arrayOf(dtype: DType): (typeof arrays)[DType] {
  return arrays[dtype];
}
