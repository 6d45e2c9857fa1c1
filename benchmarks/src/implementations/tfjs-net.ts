import * as tf from "@tensorflow/tfjs-core";
import { epsilon, forward, type NetOperations } from "../net/forward.ts";
import { netData } from "../net/net-data.ts";
import type { NetShape } from "../net/net-shape.ts";
import { joined, type Prepared } from "./implementation.ts";

const operations: NetOperations<tf.Tensor> = {
  conv: (x, filters, { kernel, stride }) =>
    tf.conv2d(x as tf.Tensor4D, filters as tf.Tensor4D, stride, (kernel - 1) / 2),
  batchNorm(x, scale, shift) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const factor = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), scale);
    return tf.add(tf.mul(tf.sub(x, mean), factor), shift);
  },
  relu: (x) => tf.relu(x),
  add: (x, y) => tf.add(x, y),
  pool: (x) => tf.mean(x, [1, 2]),
  linear: (x, w, b) => tf.add(tf.matMul(x, w), b),
  crossEntropy(logits, labels, classes) {
    const chosen = tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, classes));
    return tf.neg(tf.mean(tf.sum(chosen, 1)));
  },
  scale: (x, by) => tf.mul(x, by),
};

/** Training steps of the net in tfjs's own way: variables, and its optimiser with momentum. */
export async function tfjsNet(net: NetShape): Promise<Prepared> {
  const data = netData(net);
  const images = tf.tensor(data.images.data, [...data.images.shape]);
  const labels = data.labels.map((classes) => tf.tensor1d(classes, "int32"));
  const parameters = data.parameters.map(({ data: values, shape }) => tf.variable(tf.tensor(values, [...shape])));
  const optimiser = tf.train.momentum(net.learningRate, net.momentum);
  const stepOnce = async (): Promise<number> => {
    const loss = optimiser.minimize(
      () => tf.tidy(() => forward(operations, net, parameters, images, labels)) as tf.Scalar,
      true,
      parameters,
    )!;
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
  return {
    run: async () => void (await stepOnce()),
    async result() {
      const first = await stepOnce();
      // Its weights are the count of steps, then the velocities; after the first step these are the gradients.
      const [, velocity] = await optimiser.getWeights();
      const gradient = await velocity!.tensor.data();
      return joined([[first, await stepOnce()], gradient]);
    },
    close() {
      tf.dispose([images, ...labels, ...parameters]);
      optimiser.dispose();
    },
  };
}
