import { join } from "node:path";
import { chromiumFolder, contents } from "./chromium-folder.ts";

/**
 * The environment in which a Node process that loads Dawn finds a Vulkan driver that computes on the processor:
 * SwiftShader, and the loader that Dawn asks for it, as they come with Chromium. It must be set when the process starts.
 */
export async function softwareVulkan(): Promise<Readonly<Record<string, string>>> {
  const folder = await chromiumFolder();
  return {
    LD_LIBRARY_PATH: [folder, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":"),
    VK_DRIVER_FILES: join(folder, contents.vulkanDriver),
    // The loader complains where there is none.
    XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? folder,
  };
}
