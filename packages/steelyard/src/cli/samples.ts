import type { FaceProblem } from "@steelyard/faces";
import type { SampleFace } from "./report/html.ts";

/**
 * Faces that the network learns from, each stretched to black and white as a screen shows it (the network's own input has
 * no fixed range), cut to a square.
 */
export function sampleFaces({ train, tasks }: FaceProblem, wanted = 14): SampleFace[] {
  const [height, width, channels] = train.shape;
  const indices = Int32Array.from({ length: Math.min(wanted, train.count) }, (_, i) =>
    Math.floor((i * train.count) / Math.min(wanted, train.count)),
  );
  const pixels = train.images(indices);
  return Array.from(indices, (index, i) => {
    const image = pixels.subarray(i * height * width * channels, (i + 1) * height * width * channels);
    const label = tasks.map(({ name, classes }) => classes[train.labels.get(name)![index]!] ?? `no ${name}`);
    return { ...square(stretched(image), height, width, channels), label: label.join(", ") };
  });
}

function stretched(image: Float32Array): Float32Array {
  const low = image.reduce((least, x) => Math.min(least, x), Infinity);
  const high = image.reduce((most, x) => Math.max(most, x), -Infinity);
  return image.map((x) => (x - low) / (high - low || 1));
}

/** The middle of an image, as wide as it is high, or as high as it is wide. */
function square(
  image: Float32Array,
  height: number,
  width: number,
  channels: number,
): Pick<SampleFace, "pixels" | "size" | "channels"> {
  const size = Math.min(height, width);
  const [top, left] = [(height - size) >> 1, (width - size) >> 1];
  const pixels = new Float32Array(size * size * channels);
  for (let y = 0; y < size; y++) {
    const from = ((top + y) * width + left) * channels;
    pixels.set(image.subarray(from, from + size * channels), y * size * channels);
  }
  return { pixels, size, channels: channels === 1 ? 1 : 3 };
}
