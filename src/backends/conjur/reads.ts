import { SecretctlError } from '../../lib/errors.ts';
import type { HttpRequest } from '../../lib/http.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import type { Outcome } from '../types.ts';
import { authorization } from './access-token.ts';
import { arrange, arrangeV1 } from './arrangement.ts';
import { askBatchV2, type V2Readings } from './batch-v2.ts';
import { askBatch, type BatchAnswer } from './batch.ts';
import { readGroup, type Reader } from './bisect.ts';
import { allOf, openLanes } from '../../lib/lanes.ts';
import { watchRole } from './role.ts';
import { readSingly } from './single.ts';
import type { Site } from './site.ts';
import { type Reading, type Variable, variablesOf } from './variables.ts';

/** Most requests under way at once. */
const LANES = 8;

/** One outcome per reference, in order, from as few requests as the protocol allows. Throws AccessTokenRefused for a 401. */
export async function readAll(site: Site, accessToken: AccessToken, refs: readonly SecretRef[]): Promise<Outcome[]> {
  const variables = variablesOf(refs, site.account);
  const readings = await readVariables(site, variables, { authorization: authorization(accessToken) });
  const byRef = new Map(
    variables.flatMap((variable) => variable.refs.map((ref) => [ref, readings.get(variable)] as const)),
  );
  return refs.map((ref) => outcomeOf(ref, byRef.get(ref)));
}

function outcomeOf(ref: SecretRef, reading: Reading | undefined): Outcome {
  if (reading === undefined) throw new SecretctlError('INTERNAL', 'a variable was not read');
  return 'value' in reading ? { ref, value: reading.value, rest: ref.field } : { ref, ...reading };
}

async function readVariables(
  site: Site,
  variables: readonly Variable[],
  secretHeaders: HttpRequest['secretHeaders'],
): Promise<ReadonlyMap<Variable, Reading>> {
  const readings = new Map<Variable, Reading>();
  const lanes = openLanes(LANES);
  const role = watchRole(site, variables.length, secretHeaders);
  const reader: Reader = {
    ask: (group) => lanes.run(() => askUnlessUnusable(site, group, secretHeaders)),
    readSingly: (variable) =>
      lanes.run(async () => {
        const reading = await readSingly(site, variable, secretHeaders);
        await role.note(reading);
        return reading;
      }),
    record: (variable, reading) => void readings.set(variable, reading),
  };
  const { v2, v1, single } = arrange(site, variables);
  const askV2 = (group: readonly Variable[]): Promise<V2Readings> =>
    lanes.run(() => askBatchV2(site, group, secretHeaders));
  await allOf<unknown>([
    ...v2.map((group) => readGroupV2(site, reader, group, askV2)),
    ...v1.map((group) => readGroup(reader, group)),
    ...single.map((variable) => readGroup(reader, [variable])),
  ]);
  return readings;
}

/** What one batch has learned about the way to the server holds for the others. */
async function askUnlessUnusable(
  site: Site,
  group: readonly Variable[],
  secretHeaders: HttpRequest['secretHeaders'],
): Promise<BatchAnswer> {
  if (site.learned.noV1) return { kind: 'unusable' };
  const answer = await askBatch(site, group, secretHeaders);
  if (answer.kind === 'unusable') site.learned.noV1 = true;
  return answer;
}

/** What the second API does not bring is read with the first, which carries any bytes. */
async function readGroupV2(
  site: Site,
  reader: Reader,
  group: readonly Variable[],
  ask: (group: readonly Variable[]) => Promise<V2Readings>,
): Promise<void> {
  const brought = await ask(group);
  for (const [variable, reading] of brought) reader.record(variable, reading);
  const rest = group.filter((variable) => !brought.has(variable));
  const { v1, single } = arrangeV1(site, rest);
  await allOf([...v1, ...single.map((variable) => [variable])].map((some) => readGroup(reader, some)));
}
