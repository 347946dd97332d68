import type { SecretRef } from '../../lib/secrets.ts';
import type { PlannedRequest } from '../types.ts';
import { chunkV2, V2_PATH } from './batch-v2.ts';
import { batchPath, chunkV1 } from './batch.ts';
import { singlePath } from './single.ts';
import type { Site } from './site.ts';
import { isDynamic, type Variable, variablesOf } from './variables.ts';

/** Which requests read which variables. */
export interface Arrangement {
  readonly v2: readonly (readonly Variable[])[];
  readonly v1: readonly (readonly Variable[])[];
  readonly single: readonly Variable[];
}

/** The fewest requests that bring these variables when nothing fails. */
export function arrange(site: Site, variables: readonly Variable[]): Arrangement {
  if (site.batch === 'off') return { v2: [], v1: [], single: variables };
  if (site.batch === 'v1' || site.learned.noV2) return arrangeV1(site, variables);
  const v2 = worthIt(chunkV2(variables.filter(canBeBatched)));
  return { v2, v1: [], single: without(variables, v2) };
}

/** The same with the first API only. */
export function arrangeV1(site: Site, variables: readonly Variable[]): Arrangement {
  if (site.learned.noV1) return { v2: [], v1: [], single: variables };
  const together = variables.filter((variable) => canBeBatched(variable) && !variable.id.includes(','));
  const v1 = worthIt(chunkV1(site, together));
  return { v2: [], v1, single: without(variables, v1) };
}

/** A batch of one would ask for more than a single read and give less. */
function worthIt(chunks: readonly (readonly Variable[])[]): readonly (readonly Variable[])[] {
  return chunks.filter((chunk) => chunk.length > 1);
}

function without(variables: readonly Variable[], batches: readonly (readonly Variable[])[]): readonly Variable[] {
  const batched = new Set(batches.flat());
  return variables.filter((variable) => !batched.has(variable));
}

/** The reads that bring these references when nothing fails, each path as it goes on the wire. No packet. */
export function planReads(site: Site, refs: readonly SecretRef[]): PlannedRequest[] {
  const { v2, v1, single } = arrange(site, variablesOf(refs, site.account));
  const planned = (method: string, path: string, variables: readonly Variable[]): PlannedRequest => ({
    purpose: 'read',
    method,
    path: `${site.basePath}${path}`,
    brings: variables.flatMap((variable) => variable.refs.map((ref) => ref.name)),
  });
  return [
    ...v2.map((batch) => planned('POST', V2_PATH, batch)),
    ...v1.map((batch) => planned('GET', batchPath(batch), batch)),
    ...single.map((variable) => planned('GET', singlePath(site, variable), [variable])),
  ];
}

/** A batch knows no versions; each read of a dynamic secret mints a new credential, so those are never read twice (1.4). */
function canBeBatched(variable: Variable): boolean {
  return variable.version === undefined && !isDynamic(variable);
}
