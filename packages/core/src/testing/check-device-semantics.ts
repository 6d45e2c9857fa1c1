import { defaultDevice, setDefaultDevice } from "../default-device.ts";
import type { Device } from "../device.ts";
import { hostArray, type DType } from "../dtype.ts";
import { gradients } from "../gradients.ts";
import { hostSolve } from "../host-solve.ts";
import { interpreter } from "../interpreter/interpreter.ts";
import { add, exp, mul, sub, tanh } from "../ops/arithmetic.ts";
import { conv } from "../ops/conv.ts";
import { matmul } from "../ops/matmul.ts";
import { maxPool } from "../ops/pool.ts";
import { mean, sum } from "../ops/reductions.ts";
import { reshape, transpose } from "../ops/views.ts";
import { planCache } from "../plan-cache.ts";
import { realise, step } from "../realise.ts";
import { onWarning } from "../run-plan.ts";
import { full, tensor, type Tensor } from "../tensor.ts";
import { Variable } from "../variable.ts";
import { requireAgreement, show, type DeviceLaw } from "./check-device-values.ts";
import { choosing } from "./choose.ts";
import { drawInput } from "./draw.ts";

// What the rest of the framework asks of a device, asked through the public API: state, commits, donation, host solves.

/** Computes everything on the device meanwhile, and sees that nothing stays in its memory. */
export async function on(device: Device, work: () => Promise<void>): Promise<void> {
  const before = new Set(device.storages());
  const [deviceBefore, warnBefore] = [defaultDevice(), onWarning(() => undefined)];
  setDefaultDevice(device);
  try {
    await work();
  } finally {
    setDefaultDevice(deviceBefore);
    onWarning(warnBefore);
  }
  const left = [...device.storages()].filter((storage) => !before.has(storage));
  if (left.length > 0) throw new Error(`${left.length} storages stay behind, such as that of ${left[0]!.owner}`);
}

export async function requireValues(what: string, x: Tensor | Variable, wanted: ArrayLike<number>): Promise<void> {
  const got = await (x instanceof Variable ? x.value : x).data();
  const isSame = got.length === wanted.length && got.every((value, i) => Object.is(value, wanted[i]));
  if (!isSame)
    throw new Error(`${what} is [${[...got].map(show).join(", ")}] instead of [${Array.from(wanted).join(", ")}]`);
}

/** The message of what the promise is rejected with. */
async function rejection(what: string, work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`${what} should have been refused`);
}

function requireThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function law(title: string, check: (device: Device) => Promise<void>): DeviceLaw {
  return { title, check: (device) => on(device, () => check(device)) };
}

const refuse = (): never => {
  throw new Error("no solution");
};

const copiesLaw = law("upload and read copy: nothing on the host aliases the device's memory", async (device) => {
  for (const dtype of ["f32", "f64", "f16", "i32", "u32", "bool"] satisfies DType[]) {
    for (const values of [[1, 0, 1, 1, 0], []]) {
      const data = hostArray(dtype, values);
      const storage = device.upload(data, [values.length], dtype, "test");
      data.fill(0);
      const first = await device.read(storage);
      const isSame = first.constructor === data.constructor && first.every((value, i) => value === values[i]);
      requireThat(isSame && first.length === values.length, `${dtype} comes back as ${String(first)}`);
      first.fill(0);
      const again = await device.read(storage);
      requireThat(
        again.every((value, i) => value === values[i]),
        `${dtype} comes back a second time as ${String(again)}`,
      );
      requireThat([...device.storages()].includes(storage), "what was uploaded is among the live storages");
      device.free(storage);
    }
  }
});

const readingLaw = law("values are read once, twice and as part of others, realised or not", async () => {
  const x = tensor([1, 2, 3]);
  const [a, b] = [mul(x, 2), add(x, 1)];
  await requireValues("a read", a, [2, 4, 6]);
  await requireValues("the same read again", a, [2, 4, 6]);
  const view = transpose(reshape(b, [1, 3]));
  await realise(b, view);
  await Promise.all([
    requireValues("what was realised", b, [2, 3, 4]),
    requireValues("a sum of both", add(a, b), [4, 7, 10]),
    requireValues("an input", x, [1, 2, 3]),
  ]);
  b.dispose();
  await requireValues("a view of what was disposed, which was realised itself", view, [2, 3, 4]);
  view.dispose();
  await rejection("a read of what was disposed", b.data());
});

const commitLaw = law("a commit swaps all Variables at once, and each sees the old values of the others", async () => {
  const [a, b] = [new Variable([1, 2], { name: "a" }), new Variable([10, 20], { name: "b" })];
  for (let i = 0; i < 3; i++) {
    a.assign(b.value.add(1));
    b.assign(a);
    await step();
  }
  await requireValues("a", a, [12, 22]);
  await requireValues("b", b, [2, 3]);
  [a, b].forEach((variable) => variable.dispose());
});

const donationLaw = law(
  "what a handle shares is not donated; what nobody shares may be written over",
  async (device) => {
    const w = new Variable([1, 2, 3], { name: "w" });
    const held = w.value;
    await realise(held);
    const stored = new Set<number>();
    for (let i = 0; i < 4; i++) {
      // Every element of the new value depends on all of the old ones.
      w.assign(sub(sum(w.value), w.value));
      await step();
      stored.add([...device.storages()].length);
    }
    await requireValues("the handle's value", held, [1, 2, 3]);
    await requireValues("the Variable's value", w, [31, 32, 33]);
    requireThat(stored.size === 1, `the number of storages changes from step to step: ${[...stored].join(", ")}`);
    held.dispose();
    w.dispose();
  },
);

const solveLaw = law("a host solve in the middle of a plan: what was computed before it is used after it", async () => {
  const x = tensor([[2, 0], [0, 4]]); // prettier-ignore
  const before = mul(x, 2);
  const [inverse, trace] = hostSolve([before, sum(before)], [[2, 2], []], async (k, total) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [[1 / k[0]!, 0, 0, 1 / k[3]!], [total[0]! + 0.5]];
  });
  const after = matmul(matmul(before, inverse!), before);
  const [last] = hostSolve([after, trace!], [[1]], (k, t) => [[k[0]! + t[0]!]], { dtype: "f64" });
  await Promise.all([
    requireValues("the product", after, [4, 0, 0, 8]),
    requireValues("the second solve", last!, [16.5]),
    requireValues("the solve's second result", trace!, [12.5]),
  ]);
});

const failureLaw = law(
  "a failing host solve loses nothing: all values stay readable, and nothing leaks",
  async (device) => {
    const [w, slot] = [new Variable([1, 2], { name: "w" }), new Variable([0, 0], { name: "slot" })];
    const kept = exp(tensor([0, 0, 0]));
    await realise(kept);
    await requireValues("w at first", w, [1, 2]);
    await requireValues("slot at first", slot, [0, 0]);
    const count = [...device.storages()].length;
    for (const bad of [refuse, () => Promise.reject(new Error("no solution")), () => [[1, 2, 3]]]) {
      const [solved] = hostSolve([mul(w.value, 2)], [[2]], bad);
      w.assign(add(w.value, solved!));
      slot.assign(mul(w.value, 3));
      const error = await rejection("a step with a failing solve", step(mul(kept, 2)));
      requireThat(/no solution|results of 2 numbers/.test(error.message), `the step fails with ${error.message}`);
      requireThat([...device.storages()].length === count, "a failed step leaves storage behind, or loses some");
      await requireValues("w", w, [1, 2]);
      await requireValues("slot", slot, [0, 0]);
      await requireValues("what was realised", add(kept, 0), [1, 1, 1]);
    }
    w.assign(add(w.value, 1));
    await step();
    await requireValues("w after the next step", w, [2, 3]);
    [w, slot, kept].forEach((each) => each.dispose());
  },
);

const doublesLaw = law("f64 is computed in f64", async (device) => {
  const { draw } = choosing(3);
  const [x, w] = [[4, 5], [5, 3]].map((shape) => drawInput({ shape, dtype: "f64" }, draw)) as [Tensor, Tensor]; // prettier-ignore
  const y = tanh(matmul(exp(x), w));
  await requireAgreement(device, [y, ...gradients(mean(mul(y, y)), [x, w])]);
  await requireAgreement(device, [x.mul(0.1).cast("f32").add(1), x.cast("f32").cast("f64").sum(0)]);
  const [third, y0] = [full([2, 2], 1 / 3, "f64"), x.add(1 / 3)];
  await requireAgreement(device, [x, x, third, third.add(1), transpose(x), y0, reshape(y0, [20]), y0]);
});

/** Least squares in steps that do not round: whole numbers, and rates that are powers of two. */
async function exactTraining(): Promise<number[][]> {
  const w = new Variable([[3], [-2]], { name: "w" });
  const velocity = new Variable([[0], [0]], { name: "velocity", trainable: false });
  const x = tensor([[1, 2], [0, 1], [2, -1], [1, 1]]); // prettier-ignore
  const seen: number[][] = [];
  for (let i = 0; i < 4; i++) {
    const loss = sum(matmul(x, w.value).square());
    const [dW] = gradients(loss, [w]);
    velocity.assign(velocity.value.mul(0.5).add(dW!));
    w.assign(w.value.sub(velocity.next.mul(1 / 16)));
    await step(loss);
    seen.push([await loss.item(), ...(await w.value.data()), ...(await velocity.value.data())]);
  }
  [w, velocity].forEach((each) => each.dispose());
  return seen;
}

const exactTrainingLaw: DeviceLaw = {
  title: "training in numbers that do not round is the same on every device, bit for bit",
  async check(device) {
    const runs: string[] = [];
    for (const each of [interpreter(), device]) {
      await on(each, async () => void runs.push(JSON.stringify(await exactTraining())));
    }
    requireThat(runs[0] === runs[1], `four steps give ${runs[1]} instead of ${runs[0]}`);
  },
};

const trainingLaw = law(
  "a convolutional network learns: its loss falls, and its second step finds the first one's plan",
  async (device) => {
    const { draw } = choosing(11);
    const numbers = (shape: readonly number[]): Tensor => drawInput({ shape, domain: [-0.5, 0.5] }, draw);
    const [filters, weights, bias] = [numbers([3, 3, 1, 4]), numbers([4, 3]), tensor([0, 0, 0])];
    const parameters = [filters, weights, bias].map((x, i) => new Variable(x, { name: `parameter ${i}` }));
    const [image, labels] = [numbers([6, 8, 8, 1]), tensor([0, 1, 2, 0, 1, 2], { dtype: "i32" })];
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const [f, w, b] = parameters.map(({ value }) => value) as [Tensor, Tensor, Tensor];
      const pooled = maxPool(conv(image, f, { padding: "same" }).relu(), { window: 2 });
      const logits = matmul(mean(pooled, [1, 2]), w).add(b);
      const target = labels
        .expandDims(1)
        .equal(tensor([0, 1, 2], { dtype: "i32" }))
        .cast("f32");
      const loss = sum(mul(logits.logSoftmax(), target)).mul(-1 / 6);
      gradients(loss, parameters).forEach((dP, p) => parameters[p]!.assign(parameters[p]!.value.sub(dP.mul(0.5))));
      await step(loss);
      losses.push(await loss.item());
      if (i === 0) planCache(device).misses = 0;
    }
    requireThat(losses.every(Number.isFinite) && losses.at(-1)! < losses[0]!, `the losses are ${losses.join(", ")}`);
    requireThat(planCache(device).misses === 0, `${planCache(device).misses} later steps have plans of their own`);
    parameters.forEach((each) => each.dispose());
  },
);

/** What the framework relies on. */
export function semanticLaws(): DeviceLaw[] {
  return [
    copiesLaw,
    readingLaw,
    commitLaw,
    donationLaw,
    solveLaw,
    failureLaw,
    doublesLaw,
    exactTrainingLaw,
    trainingLaw, // prettier-ignore
  ];
}
