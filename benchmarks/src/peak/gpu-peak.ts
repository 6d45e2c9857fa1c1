import { plainDevice } from "../implementations/navigator-gpu.ts";

// As the loops in WebAssembly: multiply-adds in registers, no memory. A GPU hides the latency of one invocation behind
// others, so there are many of them, enough for every lane of the largest. The processor as a GPU (lavapipe) spends as
// much on the loop itself as on a dozen operations, and multiplies a·b once and for all where nothing else changes: so a
// turn is long, and the product is that of the chain's own last value.

const chains = 8;
/** a, b and what the chains begin with: all are ½, so that a·c + b comes to 1 and stays there. */
const operands = 2 + chains;
const unrolled = 16;
const invocations = 2 ** 18;
const perWorkgroup = 64;
const flopsOfTurn = invocations * chains * unrolled * 2;
/** So long that starting and waiting do not count. */
const leastMs = 20;

const names = Array.from({ length: chains }, (_, i) => `c${i}`);
const lines = (line: (name: string, i: number) => string): string => names.map(line).join("\n    ");

const text = `
@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<uniform> turns: vec4<u32>;

@compute @workgroup_size(${perWorkgroup})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let a = values[0];
  let b = values[1];
  ${lines((c, i) => `var ${c} = values[${2 + i}];`)}
  for (var turn = 0u; turn < turns.x; turn++) {
    ${Array.from({ length: unrolled }, () => lines((c) => `${c} = fma(${c}, a, b);`)).join("\n    ")}
  }
  values[id.x + ${operands}] = ${names.join(" + ")};
}
`;

/** GFLOP/s of all that the adapter has. Rejects where there is none. */
export async function gpuPeakLoop(): Promise<() => Promise<number>> {
  const device = await plainDevice();
  const loop = await prepared(device);
  const once = async (turns: number): Promise<number> => {
    loop.setTurns(turns);
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(loop.pipeline);
    pass.setBindGroup(0, loop.group);
    pass.dispatchWorkgroups(invocations / perWorkgroup);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  // A driver may compile when something is first dispatched.
  let turns = 4;
  await once(turns);
  let ms = await once(turns);
  for (; ms < leastMs; ms = await once(turns)) turns *= 2;
  return async () => (flopsOfTurn * turns) / (await once(turns)) / 1e6;
}

async function prepared(device: GPUDevice) {
  const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: 4 * (operands + invocations), usage: STORAGE | COPY_DST });
  device.queue.writeBuffer(buffer, 0, new Float32Array(operands).fill(0.5));
  const turns = device.createBuffer({ size: 16, usage: UNIFORM | COPY_DST });
  const module = device.createShaderModule({ code: text });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  const entries = [buffer, turns].map((each, binding) => ({ binding, resource: { buffer: each } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const setTurns = (count: number): void => device.queue.writeBuffer(turns, 0, new Uint32Array([count, 0, 0, 0]));
  return { group, pipeline, setTurns, buffer };
}
