import { random, relu, type RandomKey, type Tensor } from "@steelyard/core";
import {
  BatchNorm,
  Conv,
  Dropout,
  flatten,
  initialise,
  inside,
  Linear,
  nameVariables,
  Sequential,
} from "@steelyard/nn";
import type { Layer, Mode } from "@steelyard/nn";
import { dataError } from "./data-error.ts";

export interface FaceNetOptions {
  /** Height, width and channels of the images. */
  readonly inputShape: readonly [height: number, width: number, channels: number];
  /** The tasks, in the order of the logits. */
  readonly tasks: readonly { readonly name: string; readonly classes: number }[];
  /** Decides the first weights. */
  readonly key: RandomKey;
  /** Channels of the first convolution; those after it have two and four times as many. Default 16. */
  readonly width?: number;
  /** Width of the hidden layer in each head. Default 64. */
  readonly hidden?: number;
  /** Share of the shared features dropped in front of each head in training. Default 0. */
  readonly dropout?: number;
}

/** What one forward pass gives. */
export interface FaceOutputs {
  /** Z, `[N, F]`: what all tasks share, and what a weighter sees. */
  readonly features: Tensor;
  /** `[N, classes]` for each task, in their order. */
  readonly logits: readonly Tensor[];
}

/**
 * One trunk for all tasks and a head for each: three 3×3 convolutions of stride 2, each with batch norm and ReLU, whose
 * flattened output Z the heads share; a head is dropout, a hidden layer with ReLU, and the logits.
 *
 * The small sibling of the system's cut-down Inception-ResNet, sized for the interpreter: images of 32 × 32 cost about
 * 1.6 MFLOP each.
 *
 * @example
 * const net = new FaceNet({ inputShape: [32, 32, 3], tasks: [{ name: "identity", classes: 24 }], key: random.key(1) });
 * const { features, logits } = net.forward(images, train(random.key(2)));
 */
export class FaceNet {
  readonly trunk: Sequential;
  readonly heads: Readonly<Record<string, Sequential>>;
  // A record lists keys such as "10" before all others; the logits keep the order of the tasks.
  readonly #tasks: readonly string[];
  /** F: how many numbers Z holds for each image. */
  readonly featureCount: number;

  /** @throws DataError for two tasks of one name */
  constructor({ inputShape, tasks, key, width = 16, hidden = 64, dropout = 0 }: FaceNetOptions) {
    const [height, breadth, channels] = inputShape;
    const [trunkKey, headKey] = random.split(key, 2) as [RandomKey, RandomKey];
    this.trunk = new Sequential(trunkLayers(channels, width, trunkKey));
    this.#tasks = tasks.map(({ name }) => name);
    if (new Set(this.#tasks).size < tasks.length) {
      throw dataError("FaceNet", "tasks of different names", this.#tasks.join(", "), "each name has a head of its own");
    }
    this.featureCount = eighth(height) * eighth(breadth) * 4 * width;
    this.heads = Object.fromEntries(
      tasks.map(({ name, classes }, i) => {
        const [first, second] = random.split(random.foldIn(headKey, i), 2) as [RandomKey, RandomKey];
        const layers = {
          dropout: new Dropout(dropout),
          hidden: new Linear(this.featureCount, hidden, { key: first, initialise: initialise.heNormal }),
          relu,
          logits: new Linear(hidden, classes, { key: second }),
        };
        return [name, new Sequential(layers)];
      }),
    );
    nameVariables(this);
  }

  /** images `[N, H, W, C]` → features `[N, F]` and logits. */
  forward(images: Tensor, mode: Mode): FaceOutputs {
    const features = inside("trunk", mode, (inner) => this.trunk.forward(images, inner));
    const logits = this.#tasks.map((name) => inside(name, mode, (inner) => this.heads[name]!.forward(features, inner)));
    return { features, logits };
  }
}

function trunkLayers(channels: number, width: number, key: RandomKey): Record<string, Layer> {
  const sizes = [channels, width, 2 * width, 4 * width];
  const blocks = [1, 2, 3].map((block): [string, Layer][] => [
    [
      `conv${block}`,
      new Conv(sizes[block - 1]!, sizes[block]!, {
        key: random.foldIn(key, block),
        kernel: 3,
        stride: 2,
        padding: "same",
        bias: false,
        initialise: initialise.heNormal,
      }),
    ],
    // A run of some hundred steps needs statistics that follow faster than the decay of the full system.
    [`norm${block}`, new BatchNorm(sizes[block]!, { decay: 0.9 })],
    [`relu${block}`, relu],
  ]);
  return Object.fromEntries([...blocks.flat(), ["flatten", flatten]]);
}

/** What three convolutions of stride 2 with same padding leave of a height or width. */
function eighth(size: number): number {
  return [0, 1, 2].reduce((length) => Math.ceil(length / 2), size);
}
