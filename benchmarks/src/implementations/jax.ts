import { blockUntilReady, defaultDevice, init, jit, lax, numpy as np, vjp, type Array as JaxArray } from "@jax-js/jax";
import { convPadding, filterShape, inputShape, outputShape } from "../works/conv.ts";
import { chain } from "../works/cost.ts";
import { operandsOf } from "../works/operands.ts";
import type { ConvWork, Work } from "../works/work.ts";
import { joined, reasonOf, unable, type Implementation, type Prepared } from "./implementation.ts";
import { jaxNet } from "./jax-net.ts";
import { fromJax, toJax } from "./jax-layout.ts";
import { adapterName, openGpu } from "./navigator-gpu.ts";

/** jax-js 0.1.25 on one of its devices. */
export function jax(device: "wasm" | "webgpu"): Implementation {
  return {
    impl: "jax-js",
    device,
    threads: 1,
    available: () => start(device).catch(reasonOf),
    adapter: async () => (device === "webgpu" ? adapterName() : null),
    async prepare(work) {
      const missing = await start(device);
      if (missing !== null) throw new Error(missing);
      return work.kind === "net" ? jaxNet(work.net) : fromFunction(work);
    },
  };
}

/** Answers why the device does not start; null when it has. */
async function start(device: "wasm" | "webgpu"): Promise<string | null> {
  if (device === "webgpu") {
    const missing = await openGpu();
    if (missing !== null) return missing;
  }
  if (!(await init(device)).includes(device)) return `the device ${device} does not start`;
  defaultDevice(device);
  return null;
}

/** What a piece of work computes, compiled by jax-js, and the shapes of its results in our layout. */
interface Compiled {
  readonly call: (...operands: JaxArray[]) => JaxArray[];
  readonly shapes: readonly (readonly number[])[];
}

function fromFunction(work: Work): Prepared {
  const { call, shapes } = compiled(work);
  const images = work.kind === "conv";
  const operands = operandsOf(work).map(({ data, shape }, i) => toJax(data, shape, images ? kinds[i]! : "plain"));
  // A call takes its operands away, so it is given references.
  const once = (): JaxArray[] => call(...operands.map((operand) => operand.ref));
  return {
    async run() {
      const results = once();
      await blockUntilReady(results);
      for (const result of results) result.dispose();
    },
    async result() {
      const data = await Promise.all(once().map((result) => result.data()));
      return joined(
        data.map((values, i) => fromJax(values as Float32Array, shapes[i]!, images ? kindOf(work, i) : "plain")),
      );
    },
    close() {
      for (const operand of operands) operand.dispose();
    },
  };
}

const kinds = ["images", "filters", "images"] as const;

/** Results come as y, dx, dw, whichever the pass has. */
function kindOf({ pass }: Work, i: number): "images" | "filters" {
  return pass === "gradFilter" || i === 2 ? "filters" : "images";
}

function compiled(work: Work): Compiled {
  switch (work.kind) {
    case "conv":
      return convolution(work);
    case "matmul":
      return { call: jit((a: JaxArray, b: JaxArray) => [np.matmul(a, b)]), shapes: [[work.m, work.n]] };
    case "chain":
      return { call: jit((x: JaxArray) => [chained(x)]), shapes: [[work.size]] };
    default:
      throw unable("such work");
  }
}

function chained(x: JaxArray): JaxArray {
  return chain.reduce((y, [operation, by]) => {
    if (operation === "max") return np.maximum(y, by);
    return operation === "add" ? y.add(by) : y.mul(by);
  }, x);
}

function convolution({ pass, shape }: ConvWork): Compiled {
  const { stride, dilation, groups } = shape;
  const padding = convPadding(shape).map((zeros): [number, number] => [zeros, zeros]);
  const options = { rhsDilation: [dilation, dilation], featureGroupCount: groups };
  const forward = (x: JaxArray, w: JaxArray): JaxArray =>
    lax.convGeneralDilated(x, w, [stride, stride], padding, options);
  const [dx, dw, y] = [inputShape(shape), filterShape(shape), outputShape(shape)];
  if (pass === "forward") return { call: jit((x: JaxArray, w: JaxArray) => [forward(x, w)]), shapes: [y] };
  const pulled = (x: JaxArray, w: JaxArray, dY: JaxArray): JaxArray[] => {
    if (pass === "gradInput") return alone((input) => forward(input, w), x, dY);
    if (pass === "gradFilter") return alone((filters) => forward(x, filters), w, dY);
    const [out, pull] = vjp(forward, [x, w]);
    return [out, ...pull(dY)] as JaxArray[];
  };
  return { call: jit(pulled), shapes: pass === "all" ? [y, dx, dw] : [pass === "gradInput" ? dx : dw] };
}

/** The cotangent of the one operand that a linear function has. */
function alone(linear: (x: JaxArray) => JaxArray, x: JaxArray, dY: JaxArray): JaxArray[] {
  const [y, pull] = vjp(linear, [x]);
  y.dispose();
  return pull(dY);
}
