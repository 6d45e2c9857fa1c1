import { relu, random, type RandomKey, type Tensor } from "@steelyard/core";
import { BatchNorm } from "./batch-norm.ts";
import { Conv } from "./conv.ts";
import { heNormal, type Initialiser } from "./initialisers.ts";
import { inside, type Mode, type Module } from "./module.ts";

export interface ResidualBlockOptions {
  /** Decides the first filters. */
  readonly key: RandomKey;
  /** Of the first convolution and the projection; 1 when left out. */
  readonly stride?: number;
  /** Of the running statistics of its batch norms, as there. */
  readonly decay?: number;
  /** `heNormal` when left out. */
  readonly initialise?: Initialiser;
}

/**
 * y = relu(F(x) + P(x)): F is two 3×3 convolutions with batch norm, a ReLU between them; P is x itself, or a 1×1
 * convolution with batch norm where stride or channels make y another shape than x.
 * x [N, H, W, inputs] → [N, ⌈H/stride⌉, ⌈W/stride⌉, outputs].
 *
 * The second norm learns a scale: usually the weights behind a norm can take it over, but F(x) is added as it is.
 *
 * Source: He et al., arXiv 1512.03385, section 3.3 and equation 2 (shortcuts of option B).
 *
 * @example new ResidualBlock(16, 32, { key: random.key(1), stride: 2 })
 */
export class ResidualBlock implements Module {
  readonly conv1: Conv;
  readonly norm1: BatchNorm;
  readonly conv2: Conv;
  readonly norm2: BatchNorm;
  readonly projection: Conv | null;
  readonly projectionNorm: BatchNorm | null;

  constructor(
    inputs: number,
    outputs: number,
    { key, stride = 1, decay, initialise = heNormal }: ResidualBlockOptions,
  ) {
    const [first, second, third] = random.split(key, 3) as [RandomKey, RandomKey, RandomKey];
    const shared = { padding: "same", bias: false, initialise } as const;
    const norms = decay === undefined ? {} : { decay };
    this.conv1 = new Conv(inputs, outputs, { ...shared, key: first, kernel: 3, stride });
    this.norm1 = new BatchNorm(outputs, norms);
    this.conv2 = new Conv(outputs, outputs, { ...shared, key: second, kernel: 3 });
    this.norm2 = new BatchNorm(outputs, { ...norms, scale: true });
    const projects = stride !== 1 || inputs !== outputs;
    this.projection = projects ? new Conv(inputs, outputs, { ...shared, key: third, kernel: 1, stride }) : null;
    this.projectionNorm = projects ? new BatchNorm(outputs, norms) : null;
  }

  forward(x: Tensor, mode: Mode): Tensor {
    const first = this.#normalised("1", this.conv1, this.norm1, x, mode);
    const second = this.#normalised("2", this.conv2, this.norm2, relu(first), mode);
    if (this.projection === null) return relu(second.add(x));
    const shortcut = inside("projection", mode, () => this.projection!.forward(x));
    return relu(second.add(inside("projectionNorm", mode, (inner) => this.projectionNorm!.forward(shortcut, inner))));
  }

  #normalised(place: string, conv: Conv, norm: BatchNorm, x: Tensor, mode: Mode): Tensor {
    const y = inside(`conv${place}`, mode, () => conv.forward(x));
    return inside(`norm${place}`, mode, (inner) => norm.forward(y, inner));
  }
}
