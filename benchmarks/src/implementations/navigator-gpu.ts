import { reasonOf } from "./implementation.ts";

/** What both names of a GPU need of it here. */
interface Gpu {
  requestAdapter(): Promise<object | null>;
}

/** Dawn for Node, if somebody has installed it: a package of 130 MB that nothing else here needs yet. */
const dawn = "webgpu";

/**
 * Gives this process a `navigator.gpu`, from the package `webgpu` where the engine has none. Answers why there is no
 * adapter; null when there is one.
 */
export async function openGpu(): Promise<string | null> {
  const navigator = globalThis.navigator as { gpu?: Gpu };
  if (navigator.gpu === undefined) {
    try {
      const found = (await import(dawn)) as { create(flags: string[]): Gpu; globals: object };
      Object.assign(globalThis, found.globals);
      Object.defineProperty(navigator, "gpu", { value: found.create([]), configurable: true });
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
