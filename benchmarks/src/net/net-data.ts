import { randomBits, type Operand } from "../works/operands.ts";
import { convolutionsOf, featuresOf, type NetShape } from "./net-shape.ts";

/** Everything a training step starts from. */
export interface NetData {
  /**
   * For each convolution its filters [k, k, inputs, outputs], scale and shift [outputs]; then for each head its weights
   * [features, classes] and bias [classes].
   */
  readonly parameters: readonly (Operand & { readonly kind: ParameterKind })[];
  /** [N, side, side, channels] */
  readonly images: Operand;
  /** For each head, [N]. */
  readonly labels: readonly Int32Array<ArrayBuffer>[];
}

export type ParameterKind = "filters" | "vector" | "matrix";

/** Random images and labels, and weights as He et al. draw them (arXiv 1502.01852): the same for everyone. */
export function netData(net: NetShape): NetData {
  const draw = normals(1);
  const random = (kind: ParameterKind, deviation: number, ...shape: number[]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return { kind, shape, data: Float32Array.from({ length: size }, () => deviation * draw()) };
  };
  const features = featuresOf(net);
  const convolutions = convolutionsOf(net).flatMap(({ kernel, inputs, outputs }) => [
    random("filters", Math.sqrt(2 / (kernel * kernel * inputs)), kernel, kernel, inputs, outputs),
    constant(1, outputs),
    constant(0, outputs),
  ]);
  const heads = net.heads.flatMap(({ classes }) => [
    random("matrix", Math.sqrt(1 / features), features, classes),
    constant(0, classes),
  ]);
  const bits = randomBits(2);
  return {
    parameters: [...convolutions, ...heads],
    images: random("filters", 1, net.batch, net.side, net.side, net.channels),
    labels: net.heads.map(({ classes }) => Int32Array.from({ length: net.batch }, () => bits() % classes)),
  };
}

function constant(value: number, length: number) {
  return { kind: "vector" as const, shape: [length], data: new Float32Array(length).fill(value) };
}

/** Normal numbers by Box and Muller's transform. */
function normals(seed: number): () => number {
  const bits = randomBits(seed);
  const uniform = (): number => (bits() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
