import { defaultDevice, hostArray, realise, setDefaultDevice, sizeOf, step } from "@steelyard/core";
import type { Device, Program, Storage, Tensor } from "@steelyard/core";
import { planOf, type Plan, type Target } from "../src/index.ts";

const usual: Target = { columns: 8, panels: true };

/** A device that makes plans and runs none: every value is zero. */
function planningDevice(target: Target, plans: Plan[]): Device {
  const live = new Set<Storage>();
  const store = (spec: Pick<Storage, "shape" | "dtype">, owner: string): Storage => {
    const storage = { device, ...spec, bytes: 4 * sizeOf(spec.shape), owner, references: 1 };
    live.add(storage);
    return storage;
  };
  const device: Device = {
    name: "planning",
    upload: (_, shape, dtype, owner) => store({ shape, dtype }, owner),
    compile({ instructions, outputs, ...rest }: Program) {
      plans.push(planOf({ instructions, outputs, ...rest }, target));
      return {
        run: async () =>
          outputs.map((i) => store({ shape: instructions[i]!.shape, dtype: instructions[i]!.dtype }, "result")),
      };
    },
    read: async ({ shape, dtype }) => hostArray(dtype, sizeOf(shape)),
    free: (storage) => void live.delete(storage),
    storages: () => live,
  };
  return device;
}

/** The plans made while `work` runs. */
async function plansDuring(work: () => Promise<void>, target: Target): Promise<Plan[]> {
  const plans: Plan[] = [];
  const before = defaultDevice();
  setDefaultDevice(planningDevice(target, plans));
  try {
    await work();
  } finally {
    setDefaultDevice(before);
  }
  return plans;
}

/** The plan that computes the roots. */
export async function planned(roots: readonly Tensor[], target: Target = usual): Promise<Plan> {
  const plans = await plansDuring(() => realise(...roots), target);
  roots.forEach((root) => root.dispose());
  return plans.at(-1)!;
}

/** The plan of a step that commits all pending assignments. */
export async function plannedStep(reads: readonly Tensor[], target: Target = usual): Promise<Plan> {
  const plans = await plansDuring(() => step(...reads), target);
  return plans.at(-1)!;
}

/** What a plan does, one word for each command: the name of its kernel, or what the host does. */
export function namesOf({ commands }: Plan): string[] {
  return commands.map((command) => {
    if (command.kind === "kernel") return command.kernel.name;
    return `${command.kind} ${command.instruction.label}`;
  });
}
