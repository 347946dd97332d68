import { PRODUCTS } from '../../src/dev/index.ts';
import type { OwnValues, StrictProduct } from '../../src/dev/types.ts';

/** The strict server of that type. */
export async function productOf(type: string): Promise<StrictProduct> {
  const load = PRODUCTS[type];
  if (load === undefined) throw new Error(`${type} has no strict server`);
  return load();
}

/** What a product can hold, where that is not any bytes at any path. */
export async function ownValuesOf(type: string): Promise<OwnValues | undefined> {
  return (await productOf(type)).ownValues;
}

/** Secrets that a product can hold: these, or values of its own kind at the same paths. */
export async function holdable(
  own: OwnValues | undefined,
  secrets: Readonly<Record<string, string | Buffer>>,
): Promise<Readonly<Record<string, Buffer>>> {
  if (own !== undefined) return Object.fromEntries(await own.make(Object.keys(secrets)));
  return Object.fromEntries(Object.entries(secrets).map(([path, value]) => [path, Buffer.from(value)]));
}
