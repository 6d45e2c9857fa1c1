import { execFile } from "node:child_process";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createBrotliDecompress } from "node:zlib";

const require = createRequire(import.meta.url);

/** What lies in the folder. */
export const contents = {
  chromium: "chromium",
  /** Libraries that Chromium needs and not every Linux has. */
  libraries: "lib",
  fonts: "fonts",
  fontsList: "fonts.conf",
  vulkanDriver: "vk_swiftshader_icd.json",
} as const;

/**
 * The folder with Chromium, its libraries, its fonts and SwiftShader, unpacked from the npm package that carries them.
 * That takes some seconds the first time. The package's own way would leave them straight in the folder for temporary
 * files, where half a file is taken for a whole one.
 */
export async function chromiumFolder(): Promise<string> {
  const machine = `${process.platform} on ${process.arch}`;
  if (machine !== "linux on x64") throw new Error(`testing-web: needs linux on x64 for its Chromium, got ${machine}`);
  const archives = join(dirname(require.resolve("@sparticuz/chromium")), "../bin");
  const manifest = JSON.parse(await readFile(join(archives, "../package.json"), "utf8")) as { version: string };
  const cache = fileURLToPath(new URL("../out", import.meta.url));
  const folder = join(cache, `chromium-${manifest.version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, "unpacking-"));
  try {
    await unpack(archives, fresh);
    await writeFile(join(fresh, contents.fontsList), fontsList(folder));
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another process may have been at it at the same time, and quicker.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function unpack(archives: string, folder: string): Promise<void> {
  const decompress = async (name: string, mode: number): Promise<string> => {
    const file = join(folder, name);
    const from = createReadStream(join(archives, `${name}.br`));
    await pipeline(from, createBrotliDecompress(), createWriteStream(file, { mode }));
    return file;
  };
  const packed = ["swiftshader.tar", "fonts.tar", "al2023.tar"].map(async (name) => {
    const archive = await decompress(name, 0o644);
    await promisify(execFile)("tar", ["-xf", archive, "-C", folder, "--no-same-owner"]);
    await rm(archive);
  });
  await Promise.all([decompress(contents.chromium, 0o755), ...packed]);
}

/** The package's own list names folders of another machine. */
function fontsList(folder: string): string {
  const [fonts, cache] = [join(folder, contents.fonts), join(folder, "fonts-cache")];
  return `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`;
}
