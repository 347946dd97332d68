import { unzipSync } from 'fflate';

/** An entry is bigger than may be read. */
export class ArchiveTooBig extends Error {}

/** Files of such an archive; one that has many more is none of this product's. */
const MOST_FILES = 32;

/**
 * The files of a ZIP archive whose names have one of these endings, by ending; undefined where it is no ZIP archive or
 * two files have one ending. Throws {@link ArchiveTooBig} before more than `mostBytes` are unpacked.
 */
export function filesIn(
  archive: Uint8Array,
  endings: readonly string[],
  mostBytes: number,
): ReadonlyMap<string, Buffer> | undefined {
  let bytes = 0;
  let files = 0;
  const unpacked = unpack(archive, ({ name, originalSize }) => {
    if (++files > MOST_FILES) throw new ArchiveTooBig();
    if (!endings.some((ending) => name.endsWith(ending))) return false;
    bytes += originalSize;
    if (bytes > mostBytes) throw new ArchiveTooBig();
    return true;
  });
  if (unpacked === undefined) return undefined;
  const found = new Map<string, Buffer>();
  for (const [name, content] of Object.entries(unpacked)) {
    const ending = endings.find((one) => name.endsWith(one));
    if (ending === undefined || found.has(ending)) return undefined;
    found.set(ending, Buffer.from(content));
  }
  return found;
}

type Filter = (file: { readonly name: string; readonly originalSize: number }) => boolean;

function unpack(archive: Uint8Array, filter: Filter): Readonly<Record<string, Uint8Array>> | undefined {
  try {
    return unzipSync(archive, { filter });
  } catch (error) {
    if (error instanceof ArchiveTooBig) throw error;
    return undefined;
  }
}
