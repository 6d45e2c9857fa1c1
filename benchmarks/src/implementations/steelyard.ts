import {
  conv,
  gradients,
  matmul,
  maximum,
  realise,
  setDefaultDevice,
  step,
  tensor,
  Variable,
  type Device,
  type Tensor,
} from "@steelyard/core";
import { convPadding } from "../works/conv.ts";
import { chain } from "../works/cost.ts";
import { operandsOf } from "../works/operands.ts";
import type { ChainWork, ConvWork, EmptyStepWork, KernelsWork, MatmulWork, Work } from "../works/work.ts";
import { joined, unable, type Implementation, type Prepared } from "./implementation.ts";
import { steelyardNet } from "./steelyard-net.ts";

/** Steelyard on one of its devices, which is made when it is first needed. */
export function steelyard(device: string, threads: number, make: () => Device | Promise<Device>): Implementation {
  let made: Device | Promise<Device> | null = null;
  return {
    impl: "steelyard",
    device,
    threads,
    available: async () => null,
    async prepare(work) {
      const mine = await (made ??= make());
      setDefaultDevice(mine);
      const prepared = await preparedOf(work);
      // Several devices take turns in one process.
      return {
        ...prepared,
        run: () => {
          setDefaultDevice(mine);
          return prepared.run();
        },
      };
    },
  };
}

async function preparedOf(work: Work): Promise<Prepared> {
  switch (work.kind) {
    case "net":
      return steelyardNet(work.net);
    case "emptyStep":
      return emptyStep(work);
    case "kernels":
      return manyKernels(work);
    case "copy":
      throw unable("copy of plain memory");
    default: {
      const operands = operandsOf(work).map(({ data, shape }) => tensor(data, { shape }));
      await realise(...operands);
      return fromGraph(() => graphOf(work, operands), operands);
    }
  }
}

function graphOf(work: ConvWork | MatmulWork | ChainWork, operands: readonly Tensor[]): Tensor[] {
  const [x, w, dY] = operands as [Tensor, Tensor, Tensor];
  if (work.kind === "matmul") return [matmul(x, w)];
  if (work.kind === "chain") return [chainOf(x)];
  const { stride, dilation, groups } = work.shape;
  const padding = convPadding(work.shape).map((zeros): [number, number] => [zeros, zeros]);
  const y = conv(x, w, { stride, dilation, groups, padding });
  if (work.pass === "forward") return [y];
  if (work.pass === "all") return [y, ...gradients(y, [x, w], { cotangent: dY })];
  return gradients(y, [work.pass === "gradInput" ? x : w], { cotangent: dY });
}

function chainOf(x: Tensor): Tensor {
  return chain.reduce((y, [operation, by]) => {
    if (operation === "max") return maximum(y, by);
    return operation === "add" ? y.add(by) : y.mul(by);
  }, x);
}

/** A run is what a user waits for: a fresh graph, its plan out of the cache, and the values on the device. */
function fromGraph(build: () => Tensor[], operands: readonly Tensor[]): Prepared {
  return {
    async run() {
      const roots = build();
      await realise(...roots);
      for (const root of roots) root.dispose();
    },
    async result() {
      const roots = build();
      return joined(await Promise.all(roots.map((root) => root.data())));
    },
    close() {
      for (const operand of operands) operand.dispose();
    },
  };
}

const nodesOfCell = 20;

/** Small cells of state, each moved by a short chain: hundreds of nodes, next to no arithmetic. */
function emptyStep({ nodes }: EmptyStepWork): Prepared {
  const variables = Array.from({ length: nodes / nodesOfCell }, () => new Variable([0, 0, 0, 0]));
  return steps(variables, movedCell);
}

/** Arrays that have nothing to do with each other, each in a kernel of its own. */
function manyKernels(work: KernelsWork): Prepared {
  const values = operandsOf(work)[0]!;
  const variables = Array.from(
    { length: work.kernels },
    () => new Variable(tensor(values.data, { shape: values.shape })),
  );
  return steps(variables, (x) => x.add(1));
}

/** Steps that move each variable. */
function steps(variables: readonly Variable[], moved: (x: Tensor) => Tensor): Prepared {
  const run = async (): Promise<void> => {
    for (const variable of variables) variable.assign(moved(variable.value));
    await step();
  };
  return {
    run,
    async result() {
      await run();
      return joined(await Promise.all(variables.map((variable) => variable.value.data())));
    },
    close() {
      for (const variable of variables) variable.dispose();
    },
  };
}

/** −(x + 1 + … + 6) in twenty nodes: x, then for each number itself, its broadcast and the sum, and the negation. */
export function movedCell(x: Tensor): Tensor {
  const sum = [1, 2, 3, 4, 5, 6].reduce((y, by) => y.add(by), x);
  return sum.neg();
}
