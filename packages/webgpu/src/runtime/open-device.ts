import { sizeOf } from "@steelyard/core";
import type { WebGpuDevice, WebGpuOptions } from "../device.ts";
import type { RenderOptions } from "../shader.ts";
import type { Gpu } from "./adapter.ts";
import { executableOf, type Machine } from "./executable.ts";
import { faultError } from "./faults.ts";
import { prepare, type Printing } from "./prepared.ts";
import type { Render } from "./session.ts";
import { sessionsOf } from "./sessions.ts";
import { placed, readBack } from "./staging.ts";
import { storagesOf } from "./storages.ts";

/** A device whose kernels are printed by `render`. */
export async function openDevice(options: WebGpuOptions, render: Render): Promise<WebGpuDevice> {
  const sessions = await sessionsOf(options, options.limit ?? Infinity);
  const storages = storagesOf(() => device);
  const machine: Machine = {
    session: () => sessions.open(),
    prepare: (program, session) => prepare(program, session, printingFor(session.gpu, options, render)),
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

function printingFor(gpu: Gpu, asked: WebGpuOptions, render: Render): Printing {
  const { device, kind, features, subgroup } = gpu;
  const { limits } = device;
  const options: Omit<RenderOptions, "offsets"> = {
    schedule: asked.schedule ?? null,
    adapter: kind,
    features,
    limits: {
      workgroups: limits.maxComputeWorkgroupsPerDimension,
      invocations: limits.maxComputeInvocationsPerWorkgroup,
      workgroupBytes: limits.maxComputeWorkgroupStorageSize,
      ...(subgroup === null ? {} : { subgroup }),
    },
  };
  const target = { columns: 4, panels: false, buffers: limits.maxStorageBuffersPerShaderStage };
  return { target, options, render, observe: asked.observe ?? (() => undefined) };
}
