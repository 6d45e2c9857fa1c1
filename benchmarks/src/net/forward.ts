import { layersOf, type ConvLayer, type NetShape } from "./net-shape.ts";

/** The few operations that the net is made of, in one library's tensors `T`. */
export interface NetOperations<T> {
  /** Square odd kernel, (kernel − 1)/2 zeros on each side, no bias. */
  conv(x: T, filters: T, layer: ConvLayer): T;
  /** scale·(x − μ)/√(σ² + ε) + shift, with the batch's own mean and (biased) variance of each channel. */
  batchNorm(x: T, scale: T, shift: T): T;
  relu(x: T): T;
  add(x: T, y: T): T;
  /** The mean over the image: → [N, channels]. */
  pool(x: T): T;
  /** x·w + b */
  linear(x: T, w: T, b: T): T;
  /** The mean over the batch of −log softmax(logits)[label]. */
  crossEntropy(logits: T, labels: T, classes: number): T;
  scale(x: T, by: number): T;
}

/** Added to the variance in batch norm. */
export const epsilon = 0.001;

/**
 * The loss of the reference net, written once for all libraries: He et al., arXiv 1512.03385, with several heads.
 * Parameters come in the order of `netData`.
 */
export function forward<T>(
  ops: NetOperations<T>,
  net: NetShape,
  parameters: readonly T[],
  images: T,
  labels: readonly T[],
): T {
  const { stem, blocks } = layersOf(net);
  const rest = parameters.values();
  const next = (): T => rest.next().value!;
  const normalised = (x: T, layer: ConvLayer): T => ops.batchNorm(ops.conv(x, next(), layer), next(), next());
  let x = ops.relu(normalised(images, stem));
  for (const { first, second, projection } of blocks) {
    const y = normalised(ops.relu(normalised(x, first)), second);
    const around = projection === null ? x : normalised(x, projection);
    x = ops.relu(ops.add(y, around));
  }
  const features = ops.pool(x);
  const losses = net.heads.map(({ classes, weight }, i) => {
    return ops.scale(ops.crossEntropy(ops.linear(features, next(), next()), labels[i]!, classes), weight);
  });
  return losses.reduce((sum, loss) => ops.add(sum, loss));
}
