/** What the form of the page says: the options of `pnpm bench webgpu`. */
export interface Settings {
  readonly quick: boolean;
  readonly only: string;
  readonly without: readonly string[];
}

/** Several parts of names to leave out are separated by commas. */
export function readSettings(form: Pick<FormData, "get">): Settings {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const without = text("without")
    .split(",")
    .map((part) => part.trim());
  return { quick: form.get("quick") === "on", only: text("only"), without: without.filter((part) => part !== "") };
}
