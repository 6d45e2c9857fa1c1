import { jit, lax, nn, numpy as np, valueAndGrad, type Array as JaxArray } from "@jax-js/jax";
import { epsilon, forward, type NetOperations } from "../net/forward.ts";
import { netData, type ParameterKind } from "../net/net-data.ts";
import type { NetShape } from "../net/net-shape.ts";
import { joined, type Prepared } from "./implementation.ts";
import { fromJax, toJax, type Layout } from "./jax-layout.ts";

const layoutOf: Record<ParameterKind, Layout> = { filters: "filters", vector: "plain", matrix: "plain" };

// An operation takes its operands away: `.ref` keeps those that are used again.
const operations: NetOperations<JaxArray> = {
  conv(x, filters, { kernel, stride }) {
    const zeros = (kernel - 1) / 2;
    return lax.conv(
      x.ref,
      filters.ref,
      [stride, stride],
      [
        [zeros, zeros],
        [zeros, zeros],
      ],
    );
  },
  batchNorm(x, scale, shift) {
    const axis = [0, 2, 3];
    const centred = x.ref.sub(np.mean(x.ref, axis, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), axis, { keepdims: true });
    const deviation = np.sqrt(variance.add(epsilon));
    return centred.div(deviation).mul(perChannel(scale)).add(perChannel(shift));
  },
  relu: (x) => nn.relu(x.ref),
  add: (x, y) => x.ref.add(y.ref),
  pool: (x) => np.mean(x.ref, [2, 3]),
  linear: (x, w, b) => np.matmul(x.ref, w.ref).add(b.ref),
  crossEntropy(logits, labels, classes) {
    const chosen = nn.logSoftmax(logits.ref).mul(nn.oneHot(labels.ref, classes));
    return np.mean(np.sum(chosen, 1)).neg();
  },
  scale: (x, by) => x.ref.mul(by),
};

function perChannel(x: JaxArray): JaxArray {
  return x.ref.reshape([1, x.shape[0]!, 1, 1]);
}

/** Training steps of the net in jax-js's own way: one compiled function from state to state. */
export async function jaxNet(net: NetShape): Promise<Prepared> {
  const data = netData(net);
  const images = toJax(data.images.data, data.images.shape, "images");
  const labels = data.labels.map((classes) => np.array(classes, { shape: [net.batch], dtype: np.int32 }));
  const lossOf = (parameters: JaxArray[]): JaxArray => forward(operations, net, parameters, images, labels);
  const train = jit((parameters: JaxArray[], velocities: JaxArray[]) => {
    const [loss, gradients] = valueAndGrad(lossOf)(parameters.map((parameter) => parameter.ref)) as [
      JaxArray,
      JaxArray[],
    ];
    const after = velocities.map((velocity, i) => velocity.mul(net.momentum).add(gradients[i]!));
    const moved = parameters.map((parameter, i) => parameter.sub(after[i]!.ref.mul(net.learningRate)));
    return [loss, moved, after] as [JaxArray, JaxArray[], JaxArray[]];
  });
  let parameters = data.parameters.map(({ data: values, shape, kind }) => toJax(values, shape, layoutOf[kind]));
  let velocities = data.parameters.map(({ shape, kind, data: values }) =>
    toJax(new Float32Array(values.length), shape, layoutOf[kind]),
  );
  const stepOnce = async (): Promise<number> => {
    const [loss, moved, after] = train(parameters, velocities);
    [parameters, velocities] = [moved, after];
    const [value] = await loss.data();
    return value!;
  };
  return {
    run: async () => void (await stepOnce()),
    async result() {
      const first = await stepOnce();
      const theirs = (await velocities[0]!.ref.data()) as Float32Array;
      const gradient = fromJax(theirs, data.parameters[0]!.shape, "filters");
      return joined([[first, await stepOnce()], gradient]);
    },
    close() {
      for (const held of [...parameters, ...velocities, images, ...labels]) held.dispose();
    },
  };
}
