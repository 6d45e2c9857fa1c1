import type { ContractionKernel } from "@steelyard/compiler";
import type { Prepared } from "../runtime/prepared.ts";
import type { Render } from "../runtime/session.ts";
import type { RenderOptions } from "../shader.ts";
import { candidates } from "../wgsl/contraction-schedule.ts";
import type { StartTrials } from "./gpu-trials.ts";
import type { TuningProgress } from "./options.ts";
import { race } from "./race.ts";
import type { TableEntry } from "./table.ts";

/** What is measured, and with what. */
interface Measuring {
  readonly kernel: ContractionKernel;
  readonly options: RenderOptions;
  readonly print: Render;
  readonly trials: StartTrials;
}

/** What came of it; no entry where nothing could be measured. */
type Measured = Pick<TuningProgress, "tried" | "failure"> & { readonly entry: TableEntry | null };

/**
 * Tries all candidates for the contraction in this position of a plan. A failure, such as of memory, is no reason not to
 * run the plan as it is: only the loss of the device is.
 *
 * @throws DeviceError when the device was lost
 */
export async function measured(
  prepared: Prepared,
  position: number,
  { kernel, options, print, trials }: Measuring,
): Promise<Measured> {
  // Some that are cut to fit the kernel become the same.
  const all = candidates(kernel, options).map((schedule) => ({
    schedule,
    shader: print(kernel, { ...options, schedule }),
  }));
  const texts = all.map(({ shader }) => shader.text);
  const proposed = all.filter((_, i) => texts.indexOf(texts[i]!) === i);
  try {
    const ready = await trials(
      prepared,
      position,
      proposed.map(({ shader }) => shader),
    );
    try {
      const { winner, gain, finishes } = await race(ready.starts);
      const tried = proposed.map(({ schedule }, i) => ({ schedule, finish: finishes[i]! }));
      const schedule = winner === 0 ? null : proposed[winner]!.schedule;
      return { tried, failure: null, entry: { schedule, gain: Math.round(100 * gain) / 100 } };
    } finally {
      ready.release();
    }
  } catch (error) {
    prepared.session.requireOpen();
    return { tried: [], failure: error instanceof Error ? error.message : String(error), entry: null };
  }
}
