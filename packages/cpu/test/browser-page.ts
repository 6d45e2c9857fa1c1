import {
  conv,
  gradients,
  hostSolve,
  interpreter,
  matmul,
  realise,
  relu,
  setDefaultDevice,
  softmax,
  step,
  tensor,
  Variable,
  type Tensor,
} from "@steelyard/core";
import { drawing, drawInput, requireSameBits } from "@steelyard/core/testing";
import { coordinatedCpu, type CoordinatedCpu, type CpuReport } from "../src/index.ts";

// What `browser.test.ts` does on the main thread of a page, and partly in Node, to compare.

type Options = Parameters<typeof coordinatedCpu>[0];

let device: CoordinatedCpu;

/** Opens a device in place of the one before. */
export async function open(options: Options): Promise<void> {
  await device?.close();
  device = coordinatedCpu(options);
  setDefaultDevice(device);
}

/** As the device says it; and what the page is. */
export async function report(): Promise<CpuReport & { readonly isolated: boolean; readonly processors: number }> {
  return {
    ...(await device.report()),
    isolated: globalThis.crossOriginIsolated,
    processors: navigator.hardwareConcurrency,
  };
}

/** A matrix product, and convolutions with their gradients, on whole numbers; throws where a bit is another. */
export async function requireExactProducts(): Promise<void> {
  const draw = drawing(7);
  const whole = (...shape: number[]): Tensor => drawInput({ shape }, draw, { wholeUpTo: 4 });
  await requireSameBits(device, [matmul(whole(67, 45), whole(45, 83))]);
  const [x, f] = [whole(2, 15, 14, 5), whole(3, 3, 5, 19)];
  const y = conv(x, f, { padding: "same" });
  await requireSameBits(device, [y, ...gradients(y.mul(whole(...y.shape)).sum(), [x, f])]);
}

/** Losses of a small net that learns with momentum. */
export async function losses(steps: number): Promise<number[]> {
  const draw = drawing(3);
  const real = (...shape: number[]): Tensor => drawInput({ shape, domain: [-0.5, 0.5] }, draw);
  const parameters = [real(3, 3, 2, 8), real(288, 24), real(24, 5)].map((value) => new Variable(value));
  const velocities = parameters.map(({ shape }) => new Variable(tensor(0).broadcastTo(shape)));
  const [filters, inner, outer] = parameters as [Variable, Variable, Variable];
  const [images, targets] = [real(16, 8, 8, 2), softmax(real(16, 5).mul(20))];
  // Each step is to use the values, not compute them again.
  await realise(images, targets);
  const found: number[] = [];
  for (let i = 0; i < steps; i++) {
    const features = relu(conv(images, filters.value)).reshape([16, 288]);
    const scores = matmul(matmul(features, inner.value).tanh(), outer.value);
    const loss = softmax(scores).log().mul(targets).sum().div(-16);
    gradients(loss, parameters).forEach((dP, at) => {
      const [parameter, velocity] = [parameters[at]!, velocities[at]!];
      velocity.assign(velocity.value.mul(0.9).add(dP));
      parameter.assign(parameter.value.sub(velocity.next.mul(0.02)));
    });
    await step(loss);
    found.push(await loss.item());
  }
  [...parameters, ...velocities].forEach((each) => each.dispose());
  return found;
}

/** Sorts on the page's own thread in the middle of a plan: what came of it, and whether there was a document there. */
export async function solveHere(): Promise<{ readonly values: readonly number[]; readonly sawDocument: boolean }> {
  let sawDocument = false;
  const x = tensor([3, 1, 2]).mul(2);
  const [sorted] = hostSolve([x], [[3]], async (values) => {
    sawDocument = globalThis.document !== undefined;
    return [values.toSorted()];
  });
  return { values: [...(await sorted!.add(1).data())], sawDocument };
}

/** Asks a device for more than it may hold: the error's own words, and what the device computes after it. */
export async function askTooMuch(): Promise<{ readonly message: string; readonly after: readonly number[] }> {
  const small = coordinatedCpu({ threads: 1, limit: 2 ** 21 });
  setDefaultDevice(small);
  try {
    const message = await tensor(new Float32Array(2 ** 20))
      .add(1)
      .data()
      .then(String, String);
    return { message, after: [...(await tensor([1, 2]).add(1).data())] };
  } finally {
    await small.close();
    setDefaultDevice(device);
  }
}

interface Frames {
  readonly frames: number;
  readonly milliseconds: number;
}

/** How many frames the page drew while one plan ran, on the device or (to compare) on this thread. */
export async function framesDuring(where: "device" | "this thread"): Promise<Frames> {
  const size = where === "device" ? 1024 : 192;
  let y = tensor(new Float32Array(size * size).fill(1 / size), { shape: [size, size] });
  for (let i = 0; i < 12; i++) y = matmul(y, y).mul(0.5);
  if (where === "this thread") setDefaultDevice(interpreter());
  let frames = 0;
  let isOn = true;
  const count = (): void => {
    frames++;
    if (isOn) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const start = performance.now();
  await realise(y);
  isOn = false;
  const milliseconds = performance.now() - start;
  y.dispose();
  setDefaultDevice(device);
  return { frames, milliseconds };
}

/** What a thread of the page says that owns a device, and the pool beneath, itself. */
export async function inWorker(): Promise<{ readonly arrived: number; readonly threads: number }> {
  const worker = new Worker(new URL("browser-worker.ts", import.meta.url), { type: "module" });
  try {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof inWorker>>>();
    worker.addEventListener("message", ({ data }) => resolve(data as Awaited<typeof promise>), { once: true });
    return await promise;
  } finally {
    worker.terminate();
  }
}

/** Closes the device: what a call to it comes to, one that was under way and one that is made afterwards. */
export async function closeAtWork(): Promise<readonly string[]> {
  const x = tensor(new Float32Array(2 ** 20), { shape: [1024, 1024] });
  const running = matmul(x, x).sum().item().then(String, String);
  await new Promise((resolve) => setTimeout(resolve));
  await device.close();
  const later = tensor([1]).add(1).data().then(String, String);
  return Promise.all([running, later]);
}
