import { planOf, type Command, type Plan, type Target } from "@steelyard/compiler";
import { SteelyardError, type Program } from "@steelyard/core";
import type { RenderOptions, Shader } from "../shader.ts";
import { argumentsOf, type Arguments } from "./arguments.ts";
import type { Pipeline } from "./pipelines.ts";
import type { Render, Session } from "./session.ts";
import { shareMemory, type Sharing } from "./sharing.ts";

type KernelCommand = Extract<Command, { kind: "kernel" }>;

/** A kernel of a plan, ready to be dispatched. */
export interface Dispatch {
  readonly command: KernelCommand;
  readonly shader: Shader;
  /** Where each buffer is bound, in elements: a multiple of `alignment`. */
  readonly starts: readonly number[];
  /** How much further its values begin: words of the shader, where there is such a buffer. */
  readonly offsets: readonly number[];
  /** By the buffers that are bound: the same ones come back every few runs, and a group takes long to make. */
  readonly groups: Map<string, GPUBindGroup>;
}

/** Buffers can be bound from a multiple of so many elements on: of 256 bytes, which the specification allows everywhere. */
export const alignment = 64;

/** Kernels one after another, or one command of the host. */
export type Segment =
  | { readonly kind: "kernels"; readonly from: number; readonly to: number }
  | { readonly kind: "host"; readonly command: Exclude<Command, KernelCommand> };

/** A program as one device runs it. */
export interface Prepared {
  readonly session: Session;
  readonly plan: Plan;
  readonly dispatches: readonly Dispatch[];
  readonly segments: readonly Segment[];
  readonly sharing: Sharing;
  readonly args: Arguments;
  /** Compiled when they are first asked for, all at once. */
  pipelines(): Promise<readonly Pipeline[]>;
}

/** How programs become shaders. */
export interface Printing {
  readonly target: Target;
  readonly render: Render;
  readonly options: Omit<RenderOptions, "offsets">;
  /** Told of every plan. */
  readonly observe: (plan: Plan) => void;
}

export function planned(program: Program, { target, observe }: Pick<Printing, "target" | "observe">): Plan {
  const plan = planOf(program, target);
  observe(plan);
  return plan;
}

/** @throws DeviceError when a kernel needs more than the device has */
export function prepare(
  plan: Plan,
  session: Session,
  { render, options }: Pick<Printing, "render" | "options">,
): Prepared {
  const dispatched = new Map<Command, Dispatch>();
  for (const command of plan.commands) {
    if (command.kind !== "kernel") continue;
    const dispatch = dispatchOf(command, (offsets) => render(command.kernel, { ...options, offsets }));
    requireFit(session.gpu.device.limits, dispatch);
    dispatched.set(command, dispatch);
  }
  // What computes nothing is not compiled either.
  const commands = plan.commands.filter((command) => !dispatched.get(command)?.shader.workgroups.includes(0));
  const dispatches = commands.flatMap((command) => dispatched.get(command) ?? []);
  let pipelines: Promise<readonly Pipeline[]> | null = null;
  return {
    session,
    plan,
    dispatches,
    segments: segmentsOf(commands),
    sharing: shareMemory(plan),
    args: argumentsOf(session.gpu, dispatches),
    pipelines() {
      pipelines ??= Promise.all(
        dispatches.map(({ shader, command }) => session.pipelines.pipeline(shader, command.kernel.name)),
      );
      // The next run tries again.
      pipelines.catch(() => (pipelines = null));
      return pipelines;
    },
  };
}

/** Values that begin where a buffer can be bound need no words, and their kernels may read them as vectors. */
function dispatchOf(command: KernelCommand, render: (offsets: boolean) => Shader): Dispatch {
  const offsets = command.buffers.map((_, i) => command.offsets?.[i] ?? 0);
  const starts = offsets.map((offset) => Math.floor(offset / alignment) * alignment);
  const rest = offsets.map((offset, i) => offset - starts[i]!);
  const shader = render(rest.some((offset) => offset > 0));
  return { command, shader, starts, offsets: rest, groups: new Map() };
}

function requireFit(limits: GPUSupportedLimits, { command, shader }: Dispatch): void {
  const { kernel } = command;
  const { access, workgroups } = shader;
  const most = limits.maxComputeWorkgroupsPerDimension;
  const wrong = (needs: string, got: string): SteelyardError =>
    new SteelyardError({ code: "DeviceError", who: kernel.name, needs, got });
  if (access.length > limits.maxStorageBuffersPerShaderStage)
    throw wrong(`${access.length} buffers`, `a device with ${limits.maxStorageBuffersPerShaderStage} for one kernel`);
  if (workgroups.some((count) => count > most))
    throw wrong(`${workgroups.join(" × ")} workgroups`, `a device with ${most} along one dimension`);
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
