import { drawing, drawInput, requireSameBits } from "@steelyard/core/testing";
import { matmul } from "@steelyard/core";
import { cpu } from "../src/index.ts";
import { deviceMemory } from "../src/runtime/memory.ts";
import { threadPool } from "../src/runtime/thread-pool.ts";

// A worker of a page that owns the device itself: threads that threads start, and a calling thread that sleeps.

const pool = threadPool(deviceMemory());
const arrived = await pool.ready();
await pool.close();

const device = cpu();
const draw = drawing(5);
const [a, b] = [drawInput({ shape: [160, 90] }, draw, { wholeUpTo: 4 }), drawInput({ shape: [90, 170] }, draw, { wholeUpTo: 4 })]; // prettier-ignore
await requireSameBits(device, [matmul(a, b)]);
await device.close();

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
postMessage({ arrived, threads: device.threads });
