import { PRODUCTS } from '../../src/dev/index.ts';
import type { OwnValues } from '../../src/dev/types.ts';

/** What a product can hold, where that is not any bytes at any path. */
export async function ownValuesOf(type: string): Promise<OwnValues | undefined> {
  return (await PRODUCTS[type]?.())?.ownValues;
}

/** Secrets that a product can hold: these, or values of its own kind at the same paths. */
export async function holdable(
  own: OwnValues | undefined,
  secrets: Readonly<Record<string, string | Buffer>>,
): Promise<Readonly<Record<string, Buffer>>> {
  if (own !== undefined) return Object.fromEntries(await own.make(Object.keys(secrets)));
  return Object.fromEntries(Object.entries(secrets).map(([path, value]) => [path, Buffer.from(value)]));
}
