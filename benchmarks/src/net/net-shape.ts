/** A residual classifier with several heads, as sizes. */
export interface NetShape {
  readonly batch: number;
  /** Images are side × side. */
  readonly side: number;
  readonly channels: number;
  /** Channels after the first convolution. */
  readonly stem: number;
  /** Channels of each stage; all but the first halve the size. */
  readonly stages: readonly number[];
  readonly blocksPerStage: number;
  readonly heads: readonly Head[];
  readonly learningRate: number;
  readonly momentum: number;
}

/** A linear classifier on the pooled features, and its share of the loss. */
interface Head {
  readonly classes: number;
  readonly weight: number;
}

/** The net whose training step everyone is measured by: 20.25 GFLOP a step. */
export const referenceNet: NetShape = {
  batch: 8,
  side: 64,
  channels: 3,
  stem: 32,
  stages: [32, 64, 128],
  blocksPerStage: 2,
  heads: [
    { classes: 100, weight: 1 },
    { classes: 7, weight: 0.5 },
  ],
  learningRate: 0.01,
  momentum: 0.9,
};

/** A convolution without bias and the batch norm behind it. */
export interface ConvLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Square; padded so that stride 1 keeps the size. */
  readonly kernel: number;
  readonly stride: number;
  /** Length of its output's sides. */
  readonly side: number;
}

/** relu(second(relu(first(x))) + (projection(x) or x)) */
export interface ResidualBlock {
  readonly first: ConvLayer;
  readonly second: ConvLayer;
  readonly projection: ConvLayer | null;
}

/** The layers of the trunk, from sizes. */
export function layersOf(net: NetShape): { readonly stem: ConvLayer; readonly blocks: readonly ResidualBlock[] } {
  const stem: ConvLayer = { inputs: net.channels, outputs: net.stem, kernel: 3, stride: 1, side: net.side };
  const blocks: ResidualBlock[] = [];
  let { outputs: inputs, side } = stem;
  for (const [stage, outputs] of net.stages.entries()) {
    for (let block = 0; block < net.blocksPerStage; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      side = Math.ceil(side / stride);
      const first: ConvLayer = { inputs, outputs, kernel: 3, stride, side };
      const second: ConvLayer = { inputs: outputs, outputs, kernel: 3, stride: 1, side };
      const projection = stride > 1 || inputs !== outputs ? { inputs, outputs, kernel: 1, stride, side } : null;
      blocks.push({ first, second, projection });
      inputs = outputs;
    }
  }
  return { stem, blocks };
}

/** All convolutions, in the order of their parameters. */
export function convolutionsOf(net: NetShape): ConvLayer[] {
  const { stem, blocks } = layersOf(net);
  return [
    stem,
    ...blocks.flatMap(({ first, second, projection }) => [first, second, ...(projection === null ? [] : [projection])]),
  ];
}

/** Length of the pooled features. */
export function featuresOf(net: NetShape): number {
  return net.stages.at(-1) ?? net.stem;
}

/**
 * Of one training step, a multiply-add counting two: each contraction forward and in both gradients, except that nobody
 * needs the gradient in the images. What is done element by element counts nothing.
 */
export function netFlops(net: NetShape): number {
  const ofLayer = ({ inputs, outputs, kernel, side }: ConvLayer): number =>
    2 * net.batch * side * side * kernel * kernel * inputs * outputs;
  const layers = convolutionsOf(net);
  const convolutions = layers.reduce((sum, layer) => sum + 3 * ofLayer(layer), 0) - ofLayer(layers[0]!);
  const classes = net.heads.reduce((sum, head) => sum + head.classes, 0);
  return convolutions + 3 * 2 * net.batch * featuresOf(net) * classes;
}

/** How far two right implementations of a training step may lie apart. */
export interface NetTolerance {
  /** Relative, of a loss. */
  readonly loss: number;
  /** Of the gradient in the first filters, relative to its Euclidean norm. */
  readonly gradient: number;
}

const kinks = 16;

/**
 * A sum of K products is off by at most K·u of the sum of their sizes (Higham, "Accuracy and Stability of Numerical
 * Algorithms", section 3.1). Batch norm brings every layer's numbers back to the order of one, so what the sums are off
 * by adds up over the layers: K = taps · channels, forward and in the input gradient.
 *
 * The gradient has jumps besides: among millions of activations some lie within rounding of 0, and their slope is 1 for
 * one implementation and 0 for the other. Of P positions that add up with random signs each makes about 1/√P of the
 * sum, and 16 of them √(16/P). The loss has no such jumps; that of the second step tells of every gradient.
 */
export function netTolerance(net: NetShape): NetTolerance {
  const terms = convolutionsOf(net).reduce(
    (sum, { inputs, outputs, kernel }) => {
      return sum + kernel * kernel * (inputs + outputs);
    },
    2 * featuresOf(net),
  );
  const loss = terms * 2 ** -24;
  return { loss, gradient: loss + Math.sqrt(kinks / (net.batch * net.side * net.side)) };
}
