import type { Binding, Device, Storage } from "../device.ts";
import { hostArray, type DType } from "../dtype.ts";
import { hostSolve } from "../host-solve.ts";
import { interpreter } from "../interpreter/interpreter.ts";
import { add, mod, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { sum } from "../ops/reductions.ts";
import { flip, reshape, slice, transpose } from "../ops/views.ts";
import { linearise, type Linearised } from "../program.ts";
import { realise, step } from "../realise.ts";
import { sizeOf, type Shape } from "../shape.ts";
import { tensor, type Tensor } from "../tensor.ts";
import { Variable } from "../variable.ts";
import { on, requireValues } from "./check-device-semantics.ts";
import { during, show, type DeviceLaw } from "./check-device-values.ts";
import { choosing, type Choose } from "./choose.ts";
import { drawInput } from "./draw.ts";

// Memory by random commands. After each command a live value is read and compared, so a use of what was freed or donated
// shows as a wrong number; and at the end nothing may be left.

/** One value, on the device and on the interpreter, which is the model: it spoils what it frees. */
interface Twin {
  readonly mine: Storage;
  readonly model: Storage;
}

interface Twins {
  readonly device: Device;
  readonly model: Device;
  readonly live: Twin[];
  readonly choose: Choose;
}

type TwinCommand = (twins: Twins) => Promise<void>;

const shapes: readonly Shape[] = [[3, 4], [4, 3], [12], [40, 50], [2000], [1], [0, 5]]; // prettier-ignore
const dtypes: readonly DType[] = ["f32", "i32"];

const upload: TwinCommand = async ({ device, model, live, choose }) => {
  const [shape, dtype] = [choose.among(shapes), choose.among(dtypes)];
  const values = hostArray(
    dtype,
    Array.from({ length: sizeOf(shape) }, () => choose.below(19) - 9),
  );
  const [mine, other] = [device, model].map((each) => each.upload(values, shape, dtype, "test")) as [Storage, Storage];
  live.push({ mine, model: other });
};

const free: TwinCommand = async ({ device, model, live, choose }) => {
  const [gone] = live.splice(choose.below(live.length), 1);
  if (gone === undefined) return;
  device.free(gone.mine);
  model.free(gone.model);
};

/** Runs one executable on one or two live values, perhaps twice, perhaps donating them; or fails and loses nothing. */
const evaluate: TwinCommand = async (twins) => {
  const { device, model, live, choose } = twins;
  if (live.length === 0) return;
  const operands = [choose.among(live), choose.among(live)] as const;
  const fails = choose.below(5) === 0;
  const { program, nodes } = programOf(operands.map(({ mine }) => mine) as [Storage, Storage], choose, fails);
  const executables = [device.compile(program), model.compile(program)] as const;
  const runs = fails ? 1 : 1 + choose.below(2);
  for (let i = 0; i < runs; i++) {
    const isLast = i === runs - 1;
    const given = new Set(isLast && operands[0] !== operands[1] ? operands.filter(() => choose.below(2) === 0) : []);
    const results = await Promise.all(
      (["mine", "model"] as const).map((side, k) => {
        const inputs = operands.map((twin) => twin[side]).values();
        const bindings = program.slots.map((slot): Binding => {
          const { slot: source } = nodes[slot]!;
          if (source?.kind === "number") return source.value;
          return source?.kind === "solve" ? source.solve : inputs.next().value!;
        });
        const donated = new Set([...given].map((twin) => twin[side]));
        return executables[k]!.run(bindings, donated).catch(() => null);
      }),
    );
    const [mine, other] = results as [readonly Storage[] | null, readonly Storage[] | null];
    if ((mine === null) !== fails) throw new Error(fails ? "a failing solve went unnoticed" : "a run failed");
    if (mine === null || other === null) return;
    given.forEach((twin) => live.splice(live.indexOf(twin), 1));
    live.push(...mine.map((storage, k) => ({ mine: storage, model: other[k]! })));
  }
};

/** Numbers stay whole and small, so that both sides have the same bits. */
function programOf(specs: readonly [Storage, Storage], { below, among }: Choose, fails: boolean): Linearised {
  const [a, b] = specs.map(({ shape, dtype }) => tensor(hostArray(dtype, sizeOf(shape)), { shape, dtype })) as [Tensor, Tensor]; // prettier-ignore
  const x = cast(a, "f32");
  const total = mod(sum(mod(cast(b, "f32"), 7)), 11);
  const [solved] = hostSolve([total], [[]], (t) => {
    if (fails) throw new Error("no solution");
    return [[t[0]! + 1]];
  });
  const results = [
    add(mod(x, 13), total),
    sub(flip(x), mod(x, 5)),
    transpose(mod(x, 17)),
    total,
    a,
    add(mod(x, 9), solved!),
  ];
  const roots = Array.from({ length: 1 + below(3) }, () => among(results));
  // Both inputs first, so that the first slots are theirs; and the solve always runs.
  return linearise([a, b, solved!, ...roots].map(({ node }) => node));
}

async function compareOne({ device, model, live, choose }: Twins): Promise<void> {
  if (live.length > 0) await compareTwin(device, model, choose.among(live));
}

async function compareTwin(device: Device, model: Device, twin: Twin): Promise<void> {
  const [got, wanted] = [await device.read(twin.mine), await model.read(twin.model)];
  const at = wanted.findIndex((value, i) => value !== got[i]);
  if (at >= 0) throw new Error(`element ${at} of a live value is ${show(got[at]!)} instead of ${show(wanted[at]!)}`);
}

const storageCommands = { upload, free, evaluate };

function storageLaw(seed: number, rounds: number): DeviceLaw {
  return {
    title:
      "no storage is used after it was freed or donated, and none leaks, whatever the order of uploads, runs and frees",
    async check(device) {
      for (let round = 0; round < rounds; round++) {
        const before = new Set(device.storages());
        const twins: Twins = { device, model: interpreter(), live: [], choose: choosing(seed + round) };
        const done: string[] = [];
        await during(`seed ${seed + round}`, async () => {
          for (let i = 0; i < 40; i++) {
            const [name, command] = twins.choose.among(Object.entries(storageCommands));
            done.push(name);
            await during(done.join(", "), () => command(twins).then(() => compareOne(twins)));
          }
          for (const twin of twins.live) await compareTwin(device, twins.model, twin);
          twins.live.forEach(({ mine }) => device.free(mine));
          const left = [...device.storages()].filter((storage) => !before.has(storage)).length;
          if (left > 0) throw new Error(`${left} storages are left after everything was freed`);
        });
      }
    },
  };
}

// The same through the public API: handles and Variables, with the values that each must have.

interface Held {
  readonly x: Tensor;
  readonly wanted: Float64Array;
  readonly from: readonly Held[];
  /** Its value is at hand: it was read or realised. */
  known: boolean;
  disposed: boolean;
}

interface Handles {
  readonly all: Held[];
  readonly variable: { readonly cell: Variable; wanted: Float64Array };
  readonly choose: Choose;
}

type HandleCommand = (handles: Handles) => Promise<void>;

function isReadable({ disposed, known, from }: Held): boolean {
  return !disposed && (known || from.every(isReadable));
}

function held(x: Tensor, wanted: Float64Array, from: readonly Held[] = []): Held {
  return { x, wanted, from, known: false, disposed: false };
}

const make: HandleCommand = async ({ all, choose }) => {
  const wanted = Float64Array.from({ length: 6 }, () => choose.below(9) - 4);
  all.push(held(tensor([...wanted], { shape: [2, 3] }), wanted));
};

const derive: HandleCommand = async ({ all, choose }) => {
  if (all.length === 0) return;
  const [a, b] = [choose.among(all), choose.among(all)];
  const made = [
    (): Held =>
      held(
        add(a.x, b.x),
        a.wanted.map((value, i) => value + b.wanted[i]!),
        [a, b],
      ),
    (): Held =>
      held(
        flip(a.x, 1),
        Float64Array.from([2, 1, 0, 5, 4, 3], (i) => a.wanted[i]!),
        [a],
      ),
    (): Held =>
      held(
        reshape(transpose(a.x), [2, 3]),
        Float64Array.from([0, 3, 1, 4, 2, 5], (i) => a.wanted[i]!),
        [a],
      ),
    (): Held =>
      held(
        sub(a.x, sum(slice(a.x, [1, 0], [1, 1]))),
        a.wanted.map((value) => value - a.wanted[3]!),
        [a],
      ),
  ];
  const next = choose.among(made)();
  // Numbers stay small.
  if (next.wanted.every((value) => Math.abs(value) < 1e6)) all.push(next);
};

const readOne: HandleCommand = async ({ all, choose }) => {
  if (all.length === 0) return;
  const one = choose.among(all);
  const isAllowed = isReadable(one);
  const error = await requireValues("a handle", one.x, one.wanted).then(
    () => null,
    (reason: unknown) => reason as Error,
  );
  if (isAllowed && error !== null) throw error;
  if (!isAllowed && error?.name !== "DisposedTensor")
    throw new Error(`a disposed value is answered with ${error?.message}`);
  if (isAllowed) one.known = true;
};

const keep: HandleCommand = async ({ all, choose }) => {
  const some = Array.from({ length: 3 }, () => all[choose.below(all.length)]).filter(
    (one) => one !== undefined && isReadable(one),
  );
  await realise(...some.map((one) => one!.x));
  some.forEach((one) => (one!.known = true));
};

const drop: HandleCommand = async ({ all, choose }) => {
  if (all.length === 0) return;
  const one = choose.among(all);
  one.x.dispose();
  one.disposed = true;
};

const commit: HandleCommand = async ({ all, variable, choose }) => {
  const usable = all.filter(isReadable);
  const other = usable[choose.below(usable.length)];
  const { cell } = variable;
  const [next, wanted] =
    other === undefined
      ? [flip(cell.value), variable.wanted.toReversed()]
      : [add(mod(cell.value, 5), other.x), variable.wanted.map((v, i) => v - 5 * Math.floor(v / 5) + other.wanted[i]!)];
  cell.assign(next);
  await step();
  variable.wanted = wanted;
  await requireValues("the Variable", cell, wanted);
};

const handleCommands = { make, derive, readOne, keep, drop, commit };

function handleLaw(seed: number, rounds: number): DeviceLaw {
  return {
    title: "handles and Variables keep their values, whatever the order of views, reads, realise, dispose and step",
    async check(device) {
      for (let round = 0; round < rounds; round++) {
        await during(`seed ${seed + round}`, () => on(device, () => useHandles(choosing(seed + round))));
      }
    },
  };
}

async function useHandles(choose: Choose): Promise<void> {
  const cell = new Variable(drawInput({ shape: [2, 3] }, choose.draw, { wholeUpTo: 4 }), { name: "cell" });
  const handles: Handles = { all: [], variable: { cell, wanted: Float64Array.from(await cell.value.data()) }, choose };
  const done: string[] = [];
  for (let i = 0; i < 60; i++) {
    const [name, command] = choose.among(Object.entries(handleCommands));
    done.push(name);
    await during(done.join(", "), () => command(handles));
  }
  handles.all.forEach(({ x }) => x.dispose());
  cell.dispose();
}

/** Memory under random commands, so many rounds of them. */
export function memoryLaws(seed: number, rounds: number): DeviceLaw[] {
  return [storageLaw(seed, rounds), handleLaw(seed, rounds)];
}
