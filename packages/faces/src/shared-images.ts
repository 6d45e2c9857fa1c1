import { takeRows } from "@steelyard/nn";
import type { FaceProblem, LabelledImages } from "./problem.ts";

/** Memory for the images of each set of a problem that threads share; null for a set that would take too much of it. */
export interface SharedImages {
  readonly train: SharedSet | null;
  readonly validation: ReadonlyMap<string, SharedSet | null>;
}

interface SharedSet {
  /** `[count, H, W, C]` as f32. */
  readonly pixels: SharedArrayBuffer;
  /** `[count]`, one of `state` for each image. */
  readonly states: SharedArrayBuffer;
}

const state = { missing: 0, underWay: 1, there: 2 } as const;

/** The most bytes for one set; images of a larger one are made each time they are asked for. */
const mostBytes = 2 ** 30;

/**
 * Memory for threads that learn from one problem: what one of them has made the others only read, and nobody makes an image
 * twice. (Strategies with one seed see the same batches.) It crosses to a thread as it is, and pages cost nothing before an
 * image is written to them.
 */
export function sharedImages({ train, validation }: FaceProblem): SharedImages {
  return { train: sharedSet(train), validation: new Map([...validation].map(([task, set]) => [task, sharedSet(set)])) };
}

/** The same problem, its images kept in the memory that `sharedImages` made for it, in this thread or another. */
export function withSharedImages(problem: FaceProblem, { train, validation }: SharedImages): FaceProblem {
  return {
    ...problem,
    train: keeping(problem.train, train),
    validation: new Map(
      [...problem.validation].map(([task, set]) => [task, keeping(set, validation.get(task) ?? null)]),
    ),
  };
}

function sharedSet(set: LabelledImages): SharedSet | null {
  const bytes = 4 * set.count * pixelsOf(set);
  if (bytes > mostBytes) return null;
  return { pixels: new SharedArrayBuffer(bytes), states: new SharedArrayBuffer(4 * set.count) };
}

function pixelsOf({ shape: [height, width, channels] }: LabelledImages): number {
  return height * width * channels;
}

function keeping(set: LabelledImages, shared: SharedSet | null): LabelledImages {
  if (shared === null) return set;
  const length = pixelsOf(set);
  const pixels = new Float32Array(shared.pixels);
  const states = new Int32Array(shared.states);
  const make = (index: number): void => {
    pixels.set(set.images(Int32Array.of(index)), index * length);
    // Whoever reads this state sees the pixels, which were written before it.
    Atomics.store(states, index, state.there);
  };
  return {
    ...set,
    images(indices) {
      for (const index of indices.filter((each) => each in states)) {
        if (Atomics.compareExchange(states, index, state.missing, state.underWay) === state.missing) make(index);
      }
      // What another thread had begun is mostly there by now. If not it is made here too: these are the same bits, so it does
      // not matter who writes last, and nobody waits for a thread that may have ended. (An index outside the set is refused.)
      for (const index of indices) if (!(index in states) || Atomics.load(states, index) !== state.there) make(index);
      return takeRows(pixels, length, indices);
    },
  };
}
