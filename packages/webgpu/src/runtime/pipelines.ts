import { SteelyardError } from "@steelyard/core";
import type { Shader } from "../shader.ts";
import type { Gpu } from "./adapter.ts";
import { watched } from "./faults.ts";
import { visibleToCompute } from "./flags.ts";

/** A shader that the device has compiled. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The pipelines of one device by the code of their shaders. */
export interface PipelineCache {
  /**
   * The shader's pipeline, made when no other shader of the same code was asked for. Making goes on in the background,
   * so ask for all of a plan before waiting for the first.
   *
   * @throws DeviceError (by the promise) with what the device's compiler says, in the name of `who`
   */
  pipeline(shader: Shader, who: string): Promise<Pipeline>;
  readonly size: number;
}

/** More than any network needs; a program whose shapes change all the time would fill the memory with them. */
const capacity = 4096;

export function pipelineCache({ device }: Gpu): PipelineCache {
  // A Map keeps insertion order: its first entry is the one that was used longest ago.
  const pipelines = new Map<string, Promise<Pipeline>>();
  const layouts = new Map<string, GPUBindGroupLayout>();

  const layoutOf = ({ access, words }: Shader): GPUBindGroupLayout => {
    const key = [...access, words > 0].join();
    const known = layouts.get(key);
    if (known !== undefined) return known;
    const types: GPUBufferBindingType[] = access.map((way) => (way === "read" ? "read-only-storage" : "storage"));
    if (words > 0) types.push("uniform");
    const layout = device.createBindGroupLayout({
      entries: types.map((type, binding) => ({ binding, visibility: visibleToCompute, buffer: { type } })),
    });
    layouts.set(key, layout);
    return layout;
  };
  const make = async (shader: Shader, who: string): Promise<Pipeline> => {
    const { result, fault } = watched(device, () => {
      const layout = layoutOf(shader);
      const module = device.createShaderModule({ label: who, code: shader.text });
      const pipeline = device.createComputePipelineAsync({
        label: who,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
      // That of the module says more.
      pipeline.catch(() => undefined);
      return { module, pipeline, layout };
    });
    const found = await fault;
    try {
      if (found !== null) throw new Error(found.message);
      return { pipeline: await result.pipeline, layout: result.layout };
    } catch (error) {
      throw await compileError(error, result.module, shader, who);
    }
  };
  return {
    pipeline(shader, who) {
      const code = withoutComments(shader.text);
      const found = pipelines.get(code) ?? make(shader, who);
      pipelines.delete(code);
      pipelines.set(code, found);
      // A failure may have been one of a moment, such as memory.
      found.catch(() => pipelines.delete(code));
      if (pipelines.size > capacity) pipelines.delete(pipelines.keys().next().value!);
      return found;
    },
    get size() {
      return pipelines.size;
    },
  };
}

/** Of what is for people only, such as the formula in the header: kernels of other origin may have the same code. */
function withoutComments(text: string): string {
  return text.replaceAll(/^ *\/\/.*\n/gmu, "");
}

/** What the compiler says, with the lines that it means. */
async function compileError(
  error: unknown,
  module: GPUShaderModule,
  { text }: Shader,
  who: string,
): Promise<SteelyardError> {
  const lines = text.split("\n");
  const { messages } = await module.getCompilationInfo();
  const told = messages.map(({ message, lineNum }) => `${message} in line ${lineNum}: ${lines[lineNum - 1] ?? ""}`);
  const reason = error instanceof Error ? error.message : String(error);
  return new SteelyardError({
    code: "DeviceError",
    who,
    needs: "a shader that the device compiles",
    got: told.length > 0 ? told.join("; ") : reason,
  });
}
