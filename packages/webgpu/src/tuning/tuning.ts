import type { ContractionKernel } from "@steelyard/compiler";
import type { Gpu } from "../runtime/adapter.ts";
import type { Prepared } from "../runtime/prepared.ts";
import type { Render } from "../runtime/session.ts";
import type { RenderOptions, Shader } from "../shader.ts";
import { defaultSchedule, type ContractionSchedule } from "../wgsl/contraction-schedule.ts";
import { bucketOf, productsOf } from "./bucket.ts";
import { fits } from "./fits.ts";
import { gpuTrials, type StartTrials } from "./gpu-trials.ts";
import { measured } from "./measured.ts";
import type { ChosenSchedule, TuningOptions } from "./options.ts";
import { remembered, type Remembered } from "./remembered.ts";
import { defaultStore } from "./store.ts";
import { versionOf } from "./version.ts";

/** The schedules of one GPU's contractions. */
export interface Tuning {
  /** Prints kernels as well as is known. */
  readonly render: Render;
  /**
   * Measures what is not yet known of the plan's large contractions. True where the plan has to be prepared again, as it
   * would now be printed otherwise.
   */
  tune(prepared: Prepared): Promise<boolean>;
  chosen(): readonly ChosenSchedule[];
}

/** What a contraction was printed from. */
interface Printed {
  readonly kernel: ContractionKernel;
  readonly options: RenderOptions;
  readonly bucket: string;
  /** What the table had; null: nothing that is better than the default. */
  readonly tuned: ContractionSchedule | null;
  readonly schedule: ContractionSchedule;
}

/** What tuning must know of a GPU. */
export type TunedGpu = Pick<Gpu, "kind" | "description" | "subgroup">;

/** Some microseconds on a large GPU, and a millisecond on a small one. */
const large = 2 ** 24;

/**
 * Schedules as the options say. Left out, contractions are tuned on GPUs and not on software adapters, which take seconds
 * to compile each variant. `trials` is for tests.
 */
export async function tuningOf(
  gpu: TunedGpu,
  given: { readonly tune?: boolean | TuningOptions; readonly schedule?: ContractionSchedule },
  print: Render,
  trials: StartTrials = gpuTrials,
): Promise<Tuning> {
  const { tune = gpu.kind === "gpu", schedule } = given;
  if (tune === false || schedule !== undefined) return untuned(print);
  const { store = defaultStore(), least = large, progress = () => undefined } = tune === true ? {} : tune;
  const table = await remembered(store, { adapter: adapterOf(gpu), version: versionOf(print) });
  const fresh = new Set<string>();
  const printing = printingOf(print, table, fresh);
  const { printed } = printing;
  const settled = new WeakSet<Prepared>();
  const failed = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  /** The largest contraction of each unknown bucket, by its position in the plan. */
  const unknownOf = ({ dispatches }: Prepared): Map<string, number> => {
    const found = new Map<string, number>();
    const products = (position: number): number => productsOf(printed.get(dispatches[position]!.shader)!.kernel);
    dispatches.forEach(({ shader }, position) => {
      const contraction = printed.get(shader);
      if (contraction === undefined || productsOf(contraction.kernel) < least) return;
      const { bucket } = contraction;
      if (table.entry(bucket) !== undefined || failed.has(bucket)) return;
      const before = found.get(bucket);
      if (before === undefined || products(before) < products(position)) found.set(bucket, position);
    });
    return found;
  };
  const tuneUnknown = async (prepared: Prepared): Promise<void> => {
    const unknown = unknownOf(prepared);
    let done = 0;
    for (const [bucket, position] of unknown) {
      const { kernel, options } = printed.get(prepared.dispatches[position]!.shader)!;
      const { entry, ...result } = await measured(prepared, position, { kernel, options, print, trials });
      if (entry === null) failed.add(bucket);
      else {
        table.add(bucket, entry);
        fresh.add(bucket);
      }
      progress({ kernel: kernel.name, bucket, done: ++done, of: unknown.size, ...result });
    }
    if (unknown.size > 0) await table.save();
  };
  return {
    render: (kernel, options) => printing.render(kernel, options),
    async tune(prepared) {
      if (settled.has(prepared)) return false;
      // One plan after the other: they would disturb each other's clocks, and do the same twice.
      const turn = last.then(() => tuneUnknown(prepared));
      last = turn.catch(() => undefined);
      await turn;
      settled.add(prepared);
      return prepared.dispatches.some(({ shader }) => {
        const contraction = printed.get(shader);
        return contraction !== undefined && contraction.tuned !== tunedOf(table, contraction);
      });
    },
    chosen: () => printing.chosen(),
  };
}

/** Everything as given, or as usually suits the adapter. */
function untuned(print: Render): Tuning {
  return { ...printingOf(print, null, new Set()), tune: () => Promise.resolve(false) };
}

interface Printing {
  readonly render: Render;
  readonly printed: WeakMap<Shader, Printed>;
  chosen(): readonly ChosenSchedule[];
}

/** Prints contractions as the table says, and keeps account of it. */
function printingOf(print: Render, table: Remembered | null, fresh: ReadonlySet<string>): Printing {
  const printed = new WeakMap<Shader, Printed>();
  const latest = new Map<string, Printed>();
  return {
    render(kernel, options) {
      if (kernel.kind === "loop") return print(kernel, options);
      const bucket = bucketOf(kernel, options);
      const tuned = table === null ? null : tunedOf(table, { kernel, options, bucket });
      const schedule = options.schedule ?? tuned ?? defaultSchedule(kernel, options);
      const shader = print(kernel, { ...options, schedule });
      const contraction = { kernel, options, bucket, tuned, schedule };
      printed.set(shader, contraction);
      latest.set(bucket, contraction);
      return shader;
    },
    printed,
    chosen: () =>
      [...latest.values()].map(({ kernel, options, bucket, tuned, schedule }) => {
        const entry = table?.entry(bucket);
        const isMeasured = entry !== undefined && entry.schedule === tuned;
        const byTable = fresh.has(bucket) ? "tuned" : "remembered";
        const chosen = options.schedule !== null ? "given" : isMeasured ? byTable : "default";
        return { kernel: kernel.name, bucket, schedule, chosen, gain: isMeasured ? entry.gain : null };
      }),
  };
}

/** What the table has for a contraction; null: the default. */
function tunedOf(
  table: Remembered,
  { kernel, options, bucket }: Pick<Printed, "kernel" | "options" | "bucket">,
): ContractionSchedule | null {
  const found = table.entry(bucket)?.schedule ?? null;
  return found !== null && fits(kernel, found, options) ? found : null;
}

/** Driver and device, and what else decides which schedules there are. */
function adapterOf({ kind, description, subgroup }: TunedGpu): string {
  return `${description} (${kind}${subgroup === null ? "" : `, subgroups of ${subgroup}`})`;
}
