import { add, conv, matmul, mean, mul, relu, tensor, Variable, type Tensor } from "@steelyard/core";
import { crossEntropy, labels as labelsOf, sgd } from "@steelyard/nn";
import { epsilon, forward, type NetOperations } from "../net/forward.ts";
import { netData } from "../net/net-data.ts";
import type { NetShape } from "../net/net-shape.ts";
import { joined, type Prepared } from "./implementation.ts";

const operations: NetOperations<Tensor> = {
  conv: (x, filters, { kernel, stride }) => conv(x, filters, { stride, padding: (kernel - 1) / 2 }),
  batchNorm(x, scale, shift) {
    const centred = x.sub(mean(x, [0, 1, 2]));
    const variance = mean(centred.square(), [0, 1, 2]);
    return centred.mul(variance.add(epsilon).rsqrt().mul(scale)).add(shift);
  },
  relu: (x) => relu(x),
  add: (x, y) => add(x, y),
  pool: (x) => mean(x, [1, 2]),
  linear: (x, w, b) => matmul(x, w).add(b),
  crossEntropy: (logits, labels) => crossEntropy(logits, labels),
  scale: (x, by) => mul(x, by),
};

/** Training steps of the net, the graph built anew in each of them as a user's loop does. */
export async function steelyardNet(net: NetShape): Promise<Prepared> {
  const data = netData(net);
  const images = tensor(data.images.data, { shape: data.images.shape });
  const labels = data.labels.map((values, i) => labelsOf(values, net.heads[i]!.classes));
  const parameters = data.parameters.map(({ data: values, shape }, i) => {
    return new Variable(tensor(values, { shape }), { name: `parameter.${i}` });
  });
  const optimiser = sgd(parameters, { learningRate: net.learningRate, momentum: net.momentum });
  const stepOnce = async (): Promise<number> => {
    const values = parameters.map((parameter) => parameter.value);
    const loss = forward(operations, net, values, images, labels);
    await optimiser.step(loss);
    return loss.item();
  };
  const velocities = optimiser.slots["momentum"]!;
  return {
    run: async () => void (await stepOnce()),
    async result() {
      const first = await stepOnce();
      // After the first step the velocity is the gradient.
      const gradient = await velocities["parameter.0"]!.value.data();
      return joined([[first, await stepOnce()], gradient]);
    },
    close() {
      for (const variable of [...parameters, ...Object.values(velocities)]) variable.dispose();
    },
  };
}
