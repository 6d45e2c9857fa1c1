import type { Binding, Device, Executable, Storage } from "../device.ts";
import { hostArray, type DType, type HostArray } from "../dtype.ts";
import { invariant, SteelyardError } from "../errors.ts";
import type { Program } from "../program.ts";
import type { Shape } from "../shape.ts";
import type { Algebra, Buffer } from "./algebra.ts";
import { execute, poison, type Bound, type Observe } from "./execute.ts";
import { f32Algebra, f64Algebra } from "./real.ts";

interface InterpreterStorage extends Storage {
  buffer: Buffer | null;
}

/** How the interpreter computes, and who watches. */
export interface InterpreterOptions {
  /** "f32" computes each dtype as itself, "f64" computes every float dtype in f64: the reference for others. */
  readonly precision?: "f32" | "f64";
  /** Told of every instruction as it is done; for tests, counts and teaching. */
  readonly observe?: Observe;
}

/**
 * The device that defines the others: runs any program instruction by instruction, in the obvious way. What it frees or
 * is donated it overwrites with NaN, so that a wrong use of storage shows in the numbers.
 */
export function interpreter({ precision = "f32", observe }: InterpreterOptions = {}): Device {
  const algebra = precision === "f32" ? f32Algebra : f64Algebra;
  const live = new Set<InterpreterStorage>();

  const store = (buffer: Buffer, shape: Shape, owner: string): InterpreterStorage => {
    const { dtype, planes } = buffer;
    const bytes = planes.reduce((sum, plane) => sum + plane.byteLength, 0);
    const storage: InterpreterStorage = { device, shape, dtype, bytes, owner, references: 1, buffer };
    live.add(storage);
    return storage;
  };

  const free = (storage: Storage): void => {
    const mine = storage as InterpreterStorage;
    poison(bufferOf(mine));
    mine.buffer = null;
    live.delete(mine);
  };

  const device: Device = {
    name: precision === "f32" ? "interpreter" : "interpreter in f64",
    upload: (data, shape, dtype, owner) => store(bufferFrom(algebra, dtype, data), shape, owner),
    compile: (program) => executableOf(program, algebra, observe, store, free),
    read: async (storage) => hostArray(storage.dtype, bufferOf(storage).planes[0]!),
    free,
    storages: () => live,
  };
  return device;
}

function executableOf(
  program: Program,
  algebra: Algebra,
  observe: Observe | undefined,
  store: (buffer: Buffer, shape: Shape, owner: string) => Storage,
  free: (storage: Storage) => void,
): Executable {
  return {
    async run(bindings: readonly Binding[], donated: ReadonlySet<Storage>): Promise<readonly Storage[]> {
      const bound = bindings.map((each): Bound => (typeof each === "object" ? bufferOf(each) : each));
      const steps = execute(program, bound, algebra, observe);
      let at = steps.next();
      while (at.done !== true) at = steps.next(await at.value.solve(...at.value.inputs));
      donated.forEach(free);
      return at.value.map((buffer, i) => store(buffer, program.instructions[program.outputs[i]!]!.shape, "result"));
    },
  };
}

/** Host values as a buffer of the algebra; further planes are zero. */
export function bufferFrom(algebra: Algebra, dtype: DType, data: HostArray): Buffer {
  const buffer = algebra.allocate(dtype, data.length);
  buffer.planes[0]!.set(data);
  return buffer;
}

function bufferOf(storage: Storage): Buffer {
  const { buffer, owner } = storage as InterpreterStorage;
  invariant(buffer !== undefined, "a storage of another device reached the interpreter");
  if (buffer !== null) return buffer;
  throw new SteelyardError({
    code: "DisposedTensor",
    who: "interpreter",
    needs: "storage that is still live",
    got: `that of ${owner}, which was freed or donated`,
  });
}
