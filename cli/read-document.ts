import { readFile } from "node:fs/promises";

/**
 * Reads a JSON document that Skerry wrote.
 *
 * @param version the version that it must have
 * @param versionOf finds the version in the document
 * @param remedy how to get a document that can be read
 * @throws Error that names the file and the remedy if it does not exist, is no JSON object, or is of another version
 */
export async function readDocument(
  file: string,
  version: number,
  remedy: string,
  versionOf: (document: Readonly<Record<string, unknown>>) => unknown = ({ version: own }) => own,
): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === "ENOENT" ? `${file} does not exist: ${remedy}` : `${file} cannot be read: ${message}`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON: ${remedy}`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new Error(`${file} must be a JSON object: ${remedy}`);
  const found = versionOf(document as Readonly<Record<string, unknown>>);
  if (found !== version)
    throw new Error(`${file}: version must be ${version}, got ${JSON.stringify(found) ?? "none"}: ${remedy}`);
  return document as Readonly<Record<string, unknown>>;
}
