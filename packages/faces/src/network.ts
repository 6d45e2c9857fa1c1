import { random, relu, type RandomKey, type Tensor } from "@steelyard/core";
import {
  AvgPool,
  BatchNorm,
  Conv,
  Dropout,
  flatten,
  initialise,
  inside,
  Linear,
  nameVariables,
  ResidualBlock,
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
  /** Channels of the stem and the first stage; those after it have two and four times as many. Default 16. */
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

// A run of some hundred steps needs statistics that follow faster than the decay of the full system.
const decay = 0.9;

/**
 * One trunk for all tasks and a head for each. The trunk: a 3×3 convolution, then three stages that each begin with stride 2
 * and double the channels but for the first, one residual block a stage; its last map, averaged over 2×2 and flattened, is
 * the Z that the heads share. A head is dropout, a hidden layer with batch norm and ReLU, and the logits.
 *
 * The map is not averaged as a whole, as He et al. do: where in the picture a brow or a mouth corner lies says what a face
 * expresses.
 *
 * The small sibling of the system's cut-down Inception-ResNet, sized for two cores: images of 64 × 64 cost about 28 MFLOP
 * each to tell, three times that to learn from.
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
    this.featureCount = sixteenth(height) * sixteenth(breadth) * 4 * width;
    this.heads = Object.fromEntries(
      tasks.map(({ name, classes }, i) => {
        const [first, second] = random.split(random.foldIn(headKey, i), 2) as [RandomKey, RandomKey];
        const layers = {
          dropout: new Dropout(dropout),
          hidden: new Linear(this.featureCount, hidden, { key: first, bias: false, initialise: initialise.heNormal }),
          // None of Z is below 0, so a step moves all inputs of a hidden unit to one side, by more than they vary where Z is
          // long: without a norm the units of a whole head could be cut off for good.
          norm: new BatchNorm(hidden, { decay }),
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
  const stem = { kernel: 3, padding: "same", bias: false, initialise: initialise.heNormal } as const;
  const sizes = [width, width, 2 * width, 4 * width];
  const stages = [1, 2, 3].map((stage): [string, Layer] => [
    `stage${stage}`,
    new ResidualBlock(sizes[stage - 1]!, sizes[stage]!, { key: random.foldIn(key, stage), stride: 2, decay }),
  ]);
  return {
    stem: new Conv(channels, width, { ...stem, key: random.foldIn(key, 0) }),
    stemNorm: new BatchNorm(width, { decay }),
    stemRelu: relu,
    ...Object.fromEntries(stages),
    pool: new AvgPool({ window: 2, padding: "same" }),
    flatten,
  };
}

/** What three stages and the pooling leave of a height or width, each of them half of it, rounded up. */
function sixteenth(size: number): number {
  return [1, 2, 3, 4].reduce((length) => Math.ceil(length / 2), size);
}
