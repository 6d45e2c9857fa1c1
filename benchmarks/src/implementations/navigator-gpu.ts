import { reasonOf } from "./implementation.ts";

// Not written into the import: bundlers for browsers would ask for the package.
const dawn = "webgpu";

/**
 * Gives this process a `navigator.gpu`, from the package `webgpu` (Dawn) where the engine has none. Answers why there is
 * no adapter; null when there is one.
 */
export async function openGpu(): Promise<string | null> {
  const navigator = globalThis.navigator as { gpu?: GPU };
  if (navigator.gpu === undefined) {
    try {
      const { create, globals } = (await import(/* @vite-ignore */ dawn)) as typeof import("webgpu");
      Object.assign(globalThis, globals);
      Object.defineProperty(navigator, "gpu", { value: create([]), configurable: true });
    } catch {
      return "no navigator.gpu in this engine, and no package webgpu beside it";
    }
  }
  try {
    return (await navigator.gpu!.requestAdapter()) === null ? "navigator.gpu finds no adapter" : null;
  } catch (error) {
    return reasonOf(error);
  }
}

// What nobody holds is collected, and Dawn does not expect that of something in use.
const held: object[] = [];

/** A device of that adapter, for as long as the process lives. @throws Error where there is none */
export async function plainDevice(): Promise<GPUDevice> {
  const missing = await openGpu();
  if (missing !== null) throw new Error(missing);
  const adapter = (await navigator.gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  held.push(adapter, device);
  return device;
}

/** What computes, in its own words; null where there is nothing. */
export async function adapterName(): Promise<string | null> {
  if ((await openGpu()) !== null) return null;
  const { info } = (await navigator.gpu.requestAdapter())!;
  const { vendor, architecture, device, description } = info;
  const words = description === "" ? [vendor, architecture, device] : [device, description];
  return words.filter((word) => word !== "").join(", ") || "without a name";
}
