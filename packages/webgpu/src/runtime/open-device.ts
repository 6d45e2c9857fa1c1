import type { Target } from "@steelyard/compiler";
import { sizeOf } from "@steelyard/core";
import type { WebGpuDevice, WebGpuOptions } from "../device.ts";
import type { RenderOptions } from "../shader.ts";
import { tuningOf, type Tuning } from "../tuning/tuning.ts";
import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import type { Gpu } from "./adapter.ts";
import { executableOf, type Machine } from "./executable.ts";
import { faultError } from "./faults.ts";
import { alignment, planned, prepare } from "./prepared.ts";
import type { Render } from "./session.ts";
import { sessionsOf, type Sessions } from "./sessions.ts";
import { placed, readBack } from "./staging.ts";
import { storagesOf, type Storages } from "./storages.ts";

/** A device whose kernels are printed by `render`; `narrower` is for tests of plans for lesser devices. */
export async function openDevice(
  options: WebGpuOptions,
  render: Render,
  narrower: Partial<Target> = {},
): Promise<WebGpuDevice> {
  const sessions = await sessionsOf(options, options.limit ?? Infinity);
  const storages = storagesOf(() => device);
  const openTuning = (): Promise<Tuning> => tuningOf(sessions.latest().gpu, options, render);
  let tuning = await openTuning();
  const machine = machineOf({ options, narrower, sessions, storages, tuning: () => tuning });
  const device: WebGpuDevice = {
    name: "webgpu",
    get adapter() {
      return sessions.latest().gpu.description;
    },
    get kind() {
      return sessions.latest().gpu.kind;
    },
    get subnormals() {
      return sessions.latest().gpu.subnormals;
    },
    upload(data, shape, dtype, owner) {
      const session = sessions.open();
      return storages.store(session, placed(session, data, dtype, owner), { shape, dtype }, owner);
    },
    compile: (program) => executableOf(program, machine),
    async read(storage) {
      const session = sessions.open();
      const { piece, dtype, shape, owner } = storages.requireLive(session, storage);
      const fault = await piece.fault;
      if (fault !== null) throw faultError(fault, owner);
      const [values] = await readBack(session, [{ piece, dtype, elements: sizeOf(shape) }], owner);
      return values!;
    },
    free: (storage) => storages.free(storage),
    storages: () => storages.all(),
    memory() {
      const { buffers, staging } = sessions.latest();
      return { values: buffers.use(), staging: staging.use() };
    },
    pipelines: () => sessions.latest().pipelines.size,
    tuning: () => tuning.chosen(),
    async recover() {
      await sessions.recover(() => storages.clear());
      tuning = await openTuning();
    },
    destroy: () => sessions.latest().destroy(),
    async close() {
      sessions.close();
      storages.clear();
    },
  };
  return device;
}

interface MachineParts {
  readonly options: WebGpuOptions;
  readonly narrower: Partial<Target>;
  readonly sessions: Sessions;
  readonly storages: Storages;
  /** That of the GPU device of the moment. */
  readonly tuning: () => Tuning;
}

function machineOf({ options, narrower, sessions, storages, tuning }: MachineParts): Machine {
  return {
    session: () => sessions.open(),
    plan(program, { gpu }) {
      const target = { ...targetOf(gpu), ...narrower };
      return planned(program, { target, observe: options.observe ?? (() => undefined) });
    },
    prepare: (plan, session) =>
      prepare(plan, session, { render: tuning().render, options: renderOptions(session.gpu, options) }),
    tune: (prepared) => tuning().tune(prepared),
    storages,
    profile: options.profile ?? null,
  };
}

/** Sums that few tiles would take are cut until there are enough for all units of a GPU; a processor has few. */
const spread = { tiles: 256, elements: 4096, terms: 512 };

function targetOf({ device: { limits }, kind }: Gpu): Target {
  return {
    ...(kind === "gpu" ? { spread } : {}),
    columns: 4,
    panels: false,
    buffers: limits.maxStorageBuffersPerShaderStage,
    window: Math.floor(limits.maxStorageBufferBindingSize / 4 / alignment) * alignment,
    hostStalls: true,
  };
}

function renderOptions(
  { device: { limits }, kind, features, subgroup }: Gpu,
  { schedule = null }: { readonly schedule?: ContractionSchedule | null },
): Omit<RenderOptions, "offsets"> {
  return {
    schedule,
    adapter: kind,
    features,
    limits: {
      workgroups: limits.maxComputeWorkgroupsPerDimension,
      invocations: limits.maxComputeInvocationsPerWorkgroup,
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      ...(subgroup === null ? {} : { subgroup }),
    },
  };
}
