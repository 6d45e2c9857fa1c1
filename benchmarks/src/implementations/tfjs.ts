import * as tf from "@tensorflow/tfjs-core";
import { convPadding, filterShape, inputShape } from "../works/conv.ts";
import { chain } from "../works/cost.ts";
import { operandsOf } from "../works/operands.ts";
import type { ConvWork, Work } from "../works/work.ts";
import { joined, reasonOf, unable, type Implementation, type Prepared } from "./implementation.ts";
import { adapterName, openGpu } from "./navigator-gpu.ts";
import { tfjsNet } from "./tfjs-net.ts";

const backends = {
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
  wasm: () => import("@tensorflow/tfjs-backend-wasm"),
  webgpu: () => import("@tensorflow/tfjs-backend-webgpu"),
};
type Backend = keyof typeof backends;

/**
 * TensorFlow.js 4.22 on one of its backends. Its entry point registers no derivatives of its operations: `loadGradients`
 * does, in a way that depends on who loads its modules.
 */
export function tfjs(backend: Backend, loadGradients: () => Promise<unknown>): Implementation {
  return {
    impl: "tfjs",
    device: backend,
    // Its WebAssembly threads need a browser: in Node it does not start them.
    threads: 1,
    available: () => start(backend, loadGradients).catch(reasonOf),
    adapter: async () => (backend === "webgpu" ? adapterName() : null),
    async prepare(work) {
      const missing = await start(backend, loadGradients);
      if (missing !== null) throw new Error(missing);
      return preparedOf(work);
    },
  };
}

/** Answers why the backend does not start; null when it has. */
async function start(backend: Backend, loadGradients: () => Promise<unknown>): Promise<string | null> {
  if (tf.getBackend() === backend) return null;
  if (backend === "webgpu") {
    const missing = await openGpu();
    if (missing !== null) return missing;
  }
  tf.enableProdMode();
  await backends[backend]();
  await loadGradients();
  const started = await tf.setBackend(backend);
  await tf.ready();
  return started ? null : `the backend ${backend} does not start`;
}

async function preparedOf(work: Work): Promise<Prepared> {
  if (work.kind === "net") return tfjsNet(work.net);
  if (work.kind === "copy" || work.kind === "emptyStep" || work.kind === "kernels") throw unable("such work");
  const operands = operandsOf(work).map(({ data, shape }) => tf.tensor(data, [...shape]));
  const build = (): tf.Tensor[] => {
    if (work.kind === "conv") return convolved(work, operands);
    return [work.kind === "matmul" ? tf.matMul(operands[0]!, operands[1]!) : chained(operands[0]!)];
  };
  return {
    async run() {
      const results = tf.tidy(build);
      await finished(results);
      tf.dispose(results);
    },
    async result() {
      const results = tf.tidy(build);
      const data = await Promise.all(results.map((result) => result.data()));
      tf.dispose(results);
      return joined(data);
    },
    close: () => tf.dispose(operands),
  };
}

function chained(x: tf.Tensor): tf.Tensor {
  return chain.reduce((y, [operation, by]) => {
    if (operation === "max") return tf.maximum(y, by);
    return operation === "add" ? tf.add(y, by) : tf.mul(y, by);
  }, x);
}

/** On the WebGPU backend work is queued: the results are there when one number of the last of them can be read. */
async function finished(results: readonly tf.Tensor[]): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  const last = tf.tidy(() => tf.slice(tf.reshape(results.at(-1)!, [-1]), [0], [1]));
  await last.data();
  last.dispose();
}

/** The passes one by one, by the kernels that tfjs has for them: `tf.grad` would do the forward pass each time. */
function convolved({ pass, shape }: ConvWork, [x, w, dY]: readonly tf.Tensor[]): tf.Tensor[] {
  const { stride, dilation, groups } = shape;
  const pad = paddingOf(convPadding(shape));
  const forward = (input: tf.Tensor, filters: tf.Tensor): tf.Tensor =>
    tf.conv2d(input as tf.Tensor4D, filters as tf.Tensor4D, stride, pad, "NHWC", dilation);
  if (pass === "forward") return [forward(x!, w!)];
  // Throws, and says why: the kernels alone would return something.
  if (dilation > 1 || groups > 1) return tf.grads((input, filters) => forward(input, filters))([x!, w!], dY);
  const attrs = { strides: stride, pad, dataFormat: "NHWC", dimRoundingMode: "floor" };
  const kernel = (name: string, inputs: tf.NamedTensorMap, of: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...of });
  const gradInput = () => kernel("Conv2DBackpropInput", { dy: dY!, filter: w! }, { inputShape: inputShape(shape) });
  const gradFilter = () => kernel("Conv2DBackpropFilter", { x: x!, dy: dY! }, { filterShape: filterShape(shape) });
  if (pass === "all") return [forward(x!, w!), gradInput(), gradFilter()];
  return [pass === "gradInput" ? gradInput() : gradFilter()];
}

function paddingOf([h, w]: readonly [number, number]): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [h, h],
    [w, w],
    [0, 0],
  ];
}
