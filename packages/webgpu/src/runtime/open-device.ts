import type { Target } from "@steelyard/compiler";
import { sizeOf } from "@steelyard/core";
import type { WebGpuDevice, WebGpuOptions } from "../device.ts";
import type { RenderOptions } from "../shader.ts";
import type { ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import type { Gpu } from "./adapter.ts";
import { executableOf, type Machine } from "./executable.ts";
import { faultError } from "./faults.ts";
import { alignment, prepare } from "./prepared.ts";
import type { Render } from "./session.ts";
import { sessionsOf } from "./sessions.ts";
import { placed, readBack } from "./staging.ts";
import { storagesOf } from "./storages.ts";

/** A device whose kernels are printed by `render`; `narrower` is for tests of plans for lesser devices. */
export async function openDevice(
  options: WebGpuOptions,
  render: Render,
  narrower: Partial<Target> = {},
): Promise<WebGpuDevice> {
  const sessions = await sessionsOf(options, options.limit ?? Infinity);
  const storages = storagesOf(() => device);
  const machine: Machine = {
    session: () => sessions.open(),
    prepare(program, session) {
      const target = { ...targetOf(session.gpu), ...narrower };
      const printing = { target, options: renderOptions(session.gpu, options), render };
      return prepare(program, session, { ...printing, observe: options.observe ?? (() => undefined) });
    },
    storages,
    profile: options.profile ?? null,
  };
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
    recover: () => sessions.recover(() => storages.clear()),
    destroy: () => sessions.latest().destroy(),
    async close() {
      sessions.close();
      storages.clear();
    },
  };
  return device;
}

function targetOf({ device: { limits } }: Gpu): Target {
  return {
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
