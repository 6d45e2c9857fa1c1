import type { NetShape } from "../net/net-shape.ts";
import { convWorks } from "../works/conv.ts";
import type { Work } from "../works/work.ts";

/** The reference net in small: every kind of block, nothing that takes time. */
export const tinyNet: NetShape = {
  batch: 2,
  side: 8,
  channels: 3,
  stem: 3,
  stages: [3, 4],
  blocksPerStage: 2,
  heads: [
    { classes: 5, weight: 1 },
    { classes: 3, weight: 0.5 },
  ],
  learningRate: 0.01,
  momentum: 0.9,
};

const small = { batch: 2, channels: 4, filters: 6, kernel: [3, 3], size: [6, 7] } as const;

/** Each kind of work that peers do, at sizes that take no time. */
export const tinyWorks: readonly Work[] = [
  ...convWorks(small),
  ...convWorks({ ...small, channels: 3, filters: 5, kernel: [1, 7] }),
  ...convWorks({ ...small, stride: 2 }),
  { kind: "matmul", name: "matmul 3×4×5", pass: "forward", m: 3, k: 4, n: 5 },
  { kind: "chain", name: "elementwise ×10 64", pass: "forward", size: 64 },
  { kind: "net", name: "tiny net", pass: "step", net: tinyNet },
];

/** The same kinds of work in fewer kernels, for devices whose compilers take their time. */
export const fewKernels: readonly Work[] = [
  ...convWorks(small).filter(({ pass }) => pass === "all"),
  ...tinyWorks.filter(({ kind }) => kind === "matmul" || kind === "chain"),
  {
    kind: "net",
    name: "tiniest net",
    pass: "step",
    net: { ...tinyNet, stages: [3], blocksPerStage: 1, heads: tinyNet.heads.slice(0, 1) },
  },
];

/** What not everybody can do. */
export const oddWorks: readonly Work[] = [
  ...convWorks({ ...small, dilation: 2 }),
  ...convWorks({ ...small, groups: 2 }),
];
