import { planOf, type Plan, type Target } from "@steelyard/compiler";
import { sizeOf, SteelyardError, type Device, type DType, type Shape, type Storage } from "@steelyard/core";
import type { Calibration } from "./contraction/calibrate.ts";
import type { Family } from "./contraction/families.ts";
import { deviceBytes, loadElements, storeElements } from "./elements.ts";
import { executableOf, type CpuStorage, type Machine, type Profile } from "./executable.ts";
import { familyChoice } from "./family-choice.ts";
import { kernelCache } from "./kernels.ts";
import { deviceMemory, type MemoryUse } from "./runtime/memory.ts";
import { threadPool } from "./runtime/thread-pool.ts";

/** How the CPU device computes. */
export interface CpuOptions {
  /** Threads that compute, the calling one included; left out, one for each processor. */
  readonly threads?: number;
  /**
   * Switch on V8's revectorizer, which doubles the speed of contractions on x64. A flag of the whole process, hence
   * false when left out; `STEELYARD_REVECTORIZE=0` keeps it off whatever is asked.
   */
  readonly revectorize?: boolean;
  /** The same bits on every machine: no fused multiply-add, no choice by measurement. */
  readonly deterministic?: boolean;
  /**
   * Winograd's transforms for convolutions of 3 × 3 taps, where an estimate says that they are 1.2 times as quick. They
   * round more: an error is at most 63 times the bound of a direct sum's, and usually about twice a direct sum's error. Left
   * out: unless `deterministic`.
   */
  readonly winograd?: boolean;
  /** The register tile that contractions are computed with; left out, the best that engine and other options allow. */
  readonly family?: Family["name"];
  /** The most bytes of memory, at most (and by default) 4 GiB. */
  readonly limit?: number;
  /** Told of every plan that is made; for tests and teaching. */
  readonly observe?: (plan: Plan) => void;
  /** Told of every kernel that has run and the milliseconds it took. Kernels then run one by one, which takes longer. */
  readonly profile?: Profile;
}

/** The device of this package, with what other devices do not have. */
export interface CpuDevice extends Device {
  readonly threads: number;
  /** The register tile that contractions are computed with; may change once, when the first large one is measured. */
  readonly family: Family;
  /** Whether V8's revectorizer was asked for and could be switched on. */
  readonly revectorised: boolean;
  /** How quick each register tile is here. Takes some 50 ms the first time, which a large program takes anyway. */
  calibration(): Calibration;
  memory(): MemoryUse;
  /** How many different kernels have been emitted so far. */
  kernels(): number;
  /** Ends its threads. The device cannot compute any more. */
  close(): Promise<void>;
}

/**
 * The device that computes with the processor's vectors on all its cores, by WebAssembly made at run time.
 *
 * @throws DeviceError where there is no room for its memory
 * @throws ValueError for a family that the engine has no instructions for, or that is not `deterministic`
 * @example
 * const device = cpu({ threads: 2 });
 * setDefaultDevice(device);
 */
export function cpu(options: CpuOptions = {}): CpuDevice {
  const { limit, observe = () => undefined, profile = null, deterministic = false } = options;
  const { winograd = !deterministic } = options;
  const choice = familyChoice(options);
  const memory = deviceMemory(limit === undefined ? {} : { limit });
  // Who says how many threads wants them; otherwise they have to be worth it.
  const pool = threadPool(memory, options.threads === undefined ? {} : { threads: options.threads, startAfter: 0 });
  const kernels = kernelCache(pool);
  const live = new Set<CpuStorage>();

  const store = (address: number, { shape, dtype }: { shape: Shape; dtype: DType }, owner = "result"): CpuStorage => {
    const bytes = deviceBytes(dtype, sizeOf(shape));
    const storage = { device, shape, dtype, bytes, owner, references: 1, address };
    live.add(storage);
    return storage;
  };
  const free = (storage: Storage): void => {
    const mine = requireLive(live, storage);
    live.delete(mine);
    memory.free(mine.address);
  };
  const machine: Machine = { memory, pool, kernels, store, free, profile };
  const device: CpuDevice = {
    name: "cpu",
    threads: pool.threads,
    get family() {
      return choice.current();
    },
    revectorised: choice.revectorised,
    calibration: () => choice.calibration(),
    upload(data, shape, dtype, owner) {
      const address = memory.allocate(deviceBytes(dtype, data.length), owner);
      storeElements(memory, dtype, address, data);
      return store(address, { shape, dtype }, owner);
    },
    compile(program) {
      const family = choice.for(program);
      const plan = planOf(program, targetOf(family, winograd));
      observe(plan);
      return executableOf(program, plan, machine, family);
    },
    async read(storage) {
      const { address, dtype, shape } = requireLive(live, storage);
      return loadElements(memory, dtype, address, sizeOf(shape));
    },
    free,
    storages: () => live,
    memory: () => memory.report(),
    kernels: () => kernels.size,
    close: () => pool.close(),
  };
  return device;
}

/**
 * What contractions are to be like. The time of Winograd's transforms is that of memory mostly, and much the same whatever
 * the tile; so it is worth more operations of a wider one. From 2 to 4 MiB of transformed values at a time it does not
 * matter how many.
 */
function targetOf({ columns, lanes }: Family, winograd: boolean): Target {
  const target = { columns, panels: true };
  return winograd ? { ...target, winograd: { cost: 250 * lanes, resident: 2 ** 20 } } : target;
}

function requireLive(live: ReadonlySet<CpuStorage>, storage: Storage): CpuStorage {
  const mine = storage as CpuStorage;
  if (live.has(mine)) return mine;
  throw new SteelyardError({
    code: "DisposedTensor",
    who: "cpu",
    needs: "storage that is still live",
    got: `that of ${storage.owner}, which was freed or donated`,
  });
}
