import { argMax, evaluate, max, realise, softmax, tensor, type FaceNet, type FaceProblem } from "../src/index.ts";

/** A face that nobody trains on, and what it expresses. */
export interface Stranger {
  /** `[size, size, 3]`, from black to white. */
  readonly pixels: Float32Array;
  readonly size: number;
  readonly expression: string;
}

/** What a network takes a face for, and how surely: 0 … 1. */
export interface Opinion {
  readonly expression: string;
  readonly share: number;
}

export interface Strangers {
  readonly faces: readonly Stranger[];
  /** One of each face. */
  opinions(network: FaceNet): Promise<readonly Opinion[]>;
}

const task = "expression";

/** Faces of people never trained on, one for each expression. */
export function strangersOf({ tasks, validation }: FaceProblem): Strangers {
  const position = tasks.findIndex(({ name }) => name === task);
  const { classes } = tasks[position]!;
  const set = validation.get(task)!;
  const [size, , channels] = set.shape;
  // Expressions take turns, so a stride of some whole rounds and one meets each of them, and people all over the set.
  const stride = Math.floor(set.count / classes.length ** 2) * classes.length + 1;
  const indices = Int32Array.from(classes, (_, i) => (i * stride) % set.count);
  const images = set.images(indices);
  const length = size * size * channels;
  return {
    faces: Array.from(indices, (index, i) => ({
      pixels: stretched(images.subarray(i * length, (i + 1) * length)),
      size,
      expression: classes[set.labels.get(task)![index]!]!,
    })),
    async opinions(network) {
      const { logits } = network.forward(tensor(images, { shape: [indices.length, ...set.shape] }), evaluate);
      const shares = softmax(logits[position]!);
      const [likeliest, share] = [argMax(shares), max(shares, -1)];
      await realise(likeliest, share);
      const [labels, values] = await Promise.all([likeliest.data(), share.data()]);
      return Array.from(labels as Int32Array, (label, i) => ({
        expression: classes[label]!,
        share: Number(values[i]),
      }));
    },
  };
}

/** As a screen shows it: a network's input has no fixed range. */
function stretched(image: Float32Array): Float32Array {
  const low = image.reduce((least, x) => Math.min(least, x), Infinity);
  const high = image.reduce((most, x) => Math.max(most, x), -Infinity);
  return image.map((x) => (x - low) / (high - low || 1));
}
