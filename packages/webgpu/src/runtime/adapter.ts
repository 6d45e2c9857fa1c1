import { SteelyardError } from "@steelyard/core";
import { subnormalsOf, type Subnormals } from "./subnormals.ts";

/** Where the device comes from. */
export interface AdapterOptions {
  /** An adapter that was asked for elsewhere, not yet used. */
  readonly adapter?: GPUAdapter;
  /** A device that is shared with others, or that was opened with particular features and limits. */
  readonly device?: GPUDevice;
  /** Which adapter, where there are several; left out, "high-performance". */
  readonly power?: GPUPowerPreference;
  /** Flags for Dawn, in Node: `"adapter=llvmpipe"`, `"enable-dawn-features=allow_unsafe_apis"`. */
  readonly dawn?: readonly string[];
}

/** A GPU device that has been opened, and what is known of it. */
export interface Gpu {
  readonly device: GPUDevice;
  readonly kind: "software" | "gpu";
  /** For people: who made it and what drives it. */
  readonly description: string;
  readonly features: { readonly f16: boolean; readonly subgroups: boolean; readonly timestamps: boolean };
  /** Invocations of a subgroup, where they are always as many; otherwise null. */
  readonly subgroup: number | null;
  readonly subnormals: Subnormals;
  /** Why it was lost; null as long as it is there. */
  loss(): string | null;
}

/** Dawn takes the process with it when the collector takes Dawn, or a device at work. So somebody always holds them. */
const held = { dawn: new Map<string, GPU>(), devices: new Set<GPUDevice>() };

/** Features that kernels or the runtime make use of, where they are there. */
const features = ["shader-f16", "subgroups", "timestamp-query"] as const;

/**
 * Opens a GPU device with all that its adapter can do: in browsers by `navigator.gpu`, in Node by the package `webgpu`.
 *
 * @throws DeviceError where there is no WebGPU, or no adapter
 */
export async function openGpu(options: AdapterOptions): Promise<Gpu> {
  if (options.device !== undefined) return gpuOf(options.device, options.device.adapterInfo);
  const adapter = options.adapter ?? (await requestAdapter(options));
  const descriptor = {
    label: "steelyard",
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: limitsOf(adapter),
  };
  const device = await adapter.requestDevice(descriptor).catch((error: unknown) => {
    throw missing("a device", `none: ${firstLine(error)}`, "an adapter opens one device; ask for another adapter");
  });
  return gpuOf(device, adapter.info);
}

/** An object of getters, which a spread would not see. */
function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const limit: unknown = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof limit === "number") limits[name] = limit;
  }
  return limits;
}

async function entryPoint(flags: readonly string[]): Promise<GPU> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu !== undefined) return gpu;
  if ((globalThis as { readonly process?: unknown }).process === undefined)
    throw missing("a browser with WebGPU", "one without `navigator.gpu`", "use https, or another browser");
  const known = held.dawn.get(flags.join(" "));
  if (known !== undefined) return known;
  // Not written into the import, or else bundlers for browsers would ask for the package.
  const dawn = "webgpu";
  try {
    const { create } = (await import(/* @vite-ignore */ dawn)) as { create: (flags: readonly string[]) => GPU };
    const made = create(flags);
    held.dawn.set(flags.join(" "), made);
    return made;
  } catch (error) {
    throw missing("the package `webgpu` in Node", firstLine(error), "npm install webgpu");
  }
}

async function requestAdapter({ power = "high-performance", dawn = [] }: AdapterOptions): Promise<GPUAdapter> {
  const gpu = await entryPoint(dawn);
  const hint = "install a driver; for Vulkan, `VK_DRIVER_FILES` names what it should use. The CPU device needs none";
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: power });
    if (adapter !== null) return adapter;
  } catch (error) {
    // Dawn's way to say that there is none.
    throw missing("an adapter", `none: ${firstLine(error)}`, hint);
  }
  throw missing("an adapter", "none", hint);
}

async function gpuOf(device: GPUDevice, info: GPUAdapterInfo): Promise<Gpu> {
  held.devices.add(device);
  let loss: string | null = null;
  void device.lost.then(({ reason, message }) => {
    loss = message === "" ? reason : message.trim();
    held.devices.delete(device);
  });
  const subgroups = device.features.has("subgroups");
  return {
    device,
    kind: isSoftware(info) ? "software" : "gpu",
    description: descriptionOf(info),
    features: {
      f16: device.features.has("shader-f16"),
      subgroups,
      timestamps: device.features.has("timestamp-query"),
    },
    subgroup: subgroups && info.subgroupMinSize === info.subgroupMaxSize ? info.subgroupMinSize : null,
    subnormals: await subnormalsOf(device),
    loss: () => loss,
  };
}

function descriptionOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const words = description === "" ? [vendor, architecture, device] : [device, description];
  return words.filter((word) => word !== "").join(", ") || "an adapter without a name";
}

/** Whether the processor computes: Mesa's llvmpipe, SwiftShader, Windows' WARP. */
function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader|basic render/iu.test(descriptionOf(info));
}

function missing(needs: string, got: string, hint: string): SteelyardError {
  return new SteelyardError({ code: "DeviceError", who: "webgpu", needs, got, hint });
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!;
}
