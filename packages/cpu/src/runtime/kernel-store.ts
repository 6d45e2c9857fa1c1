import { invariant } from "@steelyard/core";
import { kernelAt } from "./control.ts";
import type { DeviceMemory } from "./memory.ts";
import { runOf, type Run } from "./walk.ts";

/** The kernels of a pool: their bytes in shared memory for the workers, and the caller's own instances. */
export interface KernelStore {
  /** The caller's instances, by index. */
  readonly runs: Run[];
  /** Index of the kernel with these bytes. */
  load(bytes: Uint8Array<ArrayBuffer>, label: string): number;
  /** First word of a kernel's bytes and their length in shared memory. */
  word(index: number): number;
  label(index: number): string;
  dispose(): void;
}

/** @see KernelStore */
export function kernelStore(memory: DeviceMemory): KernelStore {
  const kernels: { readonly address: number; readonly label: string; readonly bytes: Uint8Array }[] = [];
  const runs: Run[] = [];
  const byHash = new Map<number, number[]>();

  const add = (bytes: Uint8Array<ArrayBuffer>, label: string): number => {
    const run = runOf(new WebAssembly.Module(bytes), memory.wasm);
    const address = memory.allocate(kernelAt.bytes * 4 + bytes.length, "kernels");
    const index = kernels.push({ address, label, bytes }) - 1;
    runs.push(run);
    memory.words[address / 4 + kernelAt.index] = index;
    memory.words[address / 4 + kernelAt.byteLength] = bytes.length;
    memory.u8(address + kernelAt.bytes * 4, bytes.length).set(bytes);
    return index;
  };

  return {
    runs,
    load(bytes, label) {
      const hash = hashOf(bytes);
      const sameHash = byHash.get(hash) ?? [];
      const known = sameHash.find((index) => equal(kernels[index]!.bytes, bytes));
      if (known !== undefined) return known;
      const index = add(bytes, label);
      byHash.set(hash, [...sameHash, index]);
      return index;
    },
    word(index) {
      const kernel = kernels[index];
      invariant(kernel !== undefined, `there is no kernel ${index}`);
      return kernel.address / 4;
    },
    label: (index) => kernels[index]?.label ?? `kernel ${index}`,
    dispose() {
      for (const { address } of kernels) memory.free(address);
    },
  };
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
