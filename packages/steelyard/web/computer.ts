import { openCpu } from "../src/device.ts";
import { deviceChoice, interpreter, setDefaultDevice } from "../src/index.ts";

/** What computes on this page, in words. */
export interface Computer {
  readonly name: string;
  /** `cpu, 8 threads`. */
  readonly text: string;
  /** Why it is this one. */
  readonly because: string;
}

/** Opens what the settings ask for, or else the best there is, and computes with it from now on. */
export async function openComputer(asked: string | null): Promise<Computer> {
  const { name, because, gpu } = await deviceChoice(asked ?? undefined);
  if (gpu !== null) {
    setDefaultDevice(gpu);
    return { name, text: `WebGPU, ${gpu.adapter}`, because };
  }
  if (name === "interpreter") {
    setDefaultDevice(interpreter());
    return { name, text: "the interpreter, slowly", because };
  }
  const cpu = openCpu();
  setDefaultDevice(cpu);
  const { threads } = "report" in cpu ? await cpu.report() : cpu;
  return { name, text: `the CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`, because };
}
