import { referenceNet } from "../net/net-shape.ts";
import { convWorks } from "./conv.ts";
import type { ConvWork, MatmulWork, NetWork, Work } from "./work.ts";

const three = [3, 3] as const;

/** Shapes of ordinary trunks: where speed counts. */
const ordinary: readonly ConvWork[] = [
  convWorks({ channels: 64, filters: 64, kernel: three, size: [56, 56] }),
  convWorks({ channels: 128, filters: 128, kernel: three, size: [28, 28] }),
  convWorks({ channels: 256, filters: 256, kernel: three, size: [14, 14] }),
  convWorks({ channels: 32, filters: 64, kernel: three, size: [80, 80] }),
  convWorks({ channels: 128, filters: 128, kernel: [1, 7], size: [17, 17] }),
  convWorks({ channels: 128, filters: 128, kernel: [7, 1], size: [17, 17] }),
  convWorks({ channels: 3, filters: 32, kernel: three, stride: 2, size: [160, 160] }),
  convWorks({ channels: 256, filters: 128, kernel: [1, 1], size: [17, 17] }),
].flat();

/** An odd shape, and the even one it is compared with per operation. */
interface Pair {
  readonly odd: readonly ConvWork[];
  readonly twin: readonly ConvWork[];
}

const even = { channels: 128, filters: 128, kernel: three, size: [28, 28] } as const;

// Odd sizes are primes; their twins have each size rounded up to a multiple of 4.
const pairs: readonly Pair[] = [
  { odd: convWorks({ ...even, stride: 2 }), twin: convWorks(even) },
  { odd: convWorks({ ...even, dilation: 2 }), twin: convWorks(even) },
  { odd: convWorks({ ...even, groups: 4 }), twin: convWorks(even) },
  oddSize(3, [53, 59]),
  oddSize(5, [41, 43]),
  oddSize(7, [29, 31]),
  oddSize(37, [29, 31]),
];

function oddSize(channels: number, size: readonly [number, number]): Pair {
  const odd = { channels, filters: 37, kernel: three, size };
  const twin = { channels: up(channels), filters: 40, kernel: three, size: [up(size[0]), up(size[1])] } as const;
  return { odd: convWorks(odd), twin: convWorks(twin) };
}

function up(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Names of odd shapes, and of the even shape each is compared with. */
export const twins: ReadonlyMap<string, string> = new Map(pairs.map(({ odd, twin }) => [odd[0]!.name, twin[0]!.name]));

function matmulWork(m: number, k: number, n: number): MatmulWork {
  const name = m === k && k === n ? `matmul ${m}` : `matmul ${m}×${k}×${n}`;
  return { kind: "matmul", name, pass: "forward", m, k, n };
}

export const netName = "reference net";
const netWork: NetWork = { kind: "net", name: netName, pass: "step", net: referenceNet };
/** Not on the list: it is measured with whole processes. */
export const coldName = "reference net, cold, 2 steps";
export const chainName = "elementwise ×10 4M";
export const copyName = "memory copy 4M";
export const emptyStepName = "empty step, 500 nodes";
export const kernelsName = "1,000 small kernels";
const million4 = 4 * 2 ** 20;

/**
 * The works in groups that are compared with each other, each measured by the other: odd shapes with even ones, the
 * chain with a copy. In the order of the first of each.
 */
export function comparedTogether(works: readonly Work[]): Work[][] {
  return [...Map.groupBy(works, (work) => `${measureOf(work)} ${work.pass}`).values()];
}

function measureOf({ name }: Work): string {
  return twins.get(name) ?? (name === copyName ? chainName : name);
}

/** The work of ordinary trunks, by name: where peers are compared with. */
export const ordinaryNames: readonly string[] = [...new Set(ordinary.map(({ name }) => name))];

/** All the work there is to measure, in the order of the table. */
export function catalogue(): Work[] {
  const works: Work[] = [
    ...ordinary,
    ...pairs.flatMap(({ odd, twin }) => [...odd, ...twin]),
    matmulWork(256, 256, 256),
    matmulWork(512, 512, 512),
    matmulWork(1024, 1024, 1024),
    matmulWork(511, 513, 510),
    { kind: "chain", name: chainName, pass: "forward", size: million4 },
    { kind: "copy", name: copyName, pass: "forward", size: million4 },
    netWork,
    { kind: "emptyStep", name: emptyStepName, pass: "step", nodes: 500 },
  ];
  // Twins stand in the list once.
  return [...new Map(works.map((work) => [`${work.name} ${work.pass}`, work])).values()];
}

/** What keeps a whole GPU busy: 355 GFLOP in its three passes, unless other sizes are given; and a training step. */
export function largeWorks(batch = 32, side = 56): Work[] {
  return [...convWorks({ batch, channels: 256, filters: 256, kernel: three, size: [side, side] }), netWork];
}

export const largeConvName: string = largeWorks()[0]!.name;

/** The same for a GPU, to which every kernel has to be sent. */
export function gpuCatalogue(): Work[] {
  return [...catalogue(), { kind: "kernels", name: kernelsName, pass: "step", kernels: 1000, size: 1024 }];
}
