import { full, random, type RandomKey, type Shape, type Tensor } from "@steelyard/core";

/** How many numbers flow into one output of a layer, and how many outputs one of its inputs reaches. */
export interface Fan {
  readonly in: number;
  readonly out: number;
}

/** The first value of a weight: a graph, computed when a step first needs it. */
export type Initialiser = (key: RandomKey, shape: Shape, fan: Fan) => Tensor;

// A uniform draw from [−a, a] has variance a²/3, which is where the 3 under the roots comes from.

/**
 * U(−a, a), a = √(6/(in + out)): variance 2/(in + out), a compromise that keeps the scale of activations forward and of
 * gradients backward. Source: Glorot & Bengio, AISTATS 2010, equation 16 (Xavier is Glorot's first name).
 */
export const xavierUniform: Initialiser = (key, shape, fan) => uniform(key, shape, 2 / (fan.in + fan.out));

/** N(0, 2/(in + out)). Source: as `xavierUniform`, equation 12. */
export const xavierNormal: Initialiser = (key, shape, fan) => normal(key, shape, 2 / (fan.in + fan.out));

/** U(−a, a), a = √(6/in): as `heNormal`, with bounded values. */
export const heUniform: Initialiser = (key, shape, fan) => uniform(key, shape, 2 / fan.in);

/**
 * N(0, 2/in): half of a ReLU's inputs are lost, so the variance is doubled.
 * Source: He et al., "Delving deep into rectifiers", ICCV 2015, equation 10.
 */
export const heNormal: Initialiser = (key, shape, fan) => normal(key, shape, 2 / fan.in);

/**
 * N(0, deviation²) conditioned on lying within two deviations of 0, as TensorFlow's: what is left has 0.880 times the
 * deviation given, and no outliers.
 *
 * @example
 * // The weight unit of the reference method.
 * new Linear(512, 2, { key: random.key(1), initialise: initialise.truncatedNormal(0.1) })
 */
export function truncatedNormal(deviation: number): Initialiser {
  return (key, shape) => random.truncatedNormal(key, shape, { deviation });
}

/** Every element the same. */
export function constant(value: number): Initialiser {
  return (_, shape) => full(shape, value);
}

/** All zeros: for biases and shifts. */
export const zeros: Initialiser = constant(0);

function uniform(key: RandomKey, shape: Shape, variance: number): Tensor {
  const bound = Math.sqrt(3 * variance);
  return random
    .uniform(key, shape)
    .mul(2 * bound)
    .sub(bound);
}

function normal(key: RandomKey, shape: Shape, variance: number): Tensor {
  return random.normal(key, shape, { deviation: Math.sqrt(variance) });
}
