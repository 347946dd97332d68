import { backendType } from '../backends/index.ts';
import type { Outcome } from '../backends/types.ts';
import type { BackendSettings, ChainedSetting, Settings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { SecretRef } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { SettingFault } from '../lib/settings.ts';
import { visible } from '../lib/text.ts';
import type { Hide } from './hide.ts';
import { selectField } from './select.ts';

/** Fetches from the backend of that name, whatever that takes. */
export type FetchFrom = (backend: string, refs: readonly SecretRef[]) => Promise<readonly Outcome[]>;

/** The backends of that name and those that give them settings, the giving ones first. */
export function withGivers(names: Iterable<string>, { backends }: Settings): BackendSettings[] {
  const ordered = new Set<BackendSettings>();
  const add = (name: string): void => {
    const backend = backends.find((one) => one.name === name);
    if (backend === undefined || ordered.has(backend)) return;
    for (const { ref } of backend.chained) add(ref.backend);
    ordered.add(backend);
  };
  for (const name of names) add(name);
  return [...ordered];
}

/**
 * The backend with what others give it put in. Throws SECRET_DENIED or SECRET_NOT_FOUND when one has it not,
 * FIELD_NOT_FOUND, and CONFIG_INVALID when what came is nothing that the setting takes; never with a byte of it.
 */
export async function supplied(backend: BackendSettings, fetchFrom: FetchFrom, hide: Hide): Promise<BackendSettings> {
  if (backend.chained.length === 0) return backend;
  const givers = [...new Set(backend.chained.map(({ ref }) => ref.backend))];
  const outcomes = await Promise.all(
    givers.map((giver) => {
      const refs = backend.chained.map(({ ref }) => ref).filter((ref) => ref.backend === giver);
      return fetchFrom(giver, refs);
    }),
  );
  const byName = new Map(outcomes.flat().map((outcome) => [outcome.ref.name, outcome]));
  const given = backend.chained.map((setting) => ({ ...setting, value: givenValue(setting, byName, hide) }));
  const jwt = given.find(({ key }) => key === 'token')?.value;
  return {
    ...backend,
    values: { ...backend.values, ...parsedValues(backend, given) },
    ...(jwt !== undefined && { token: { ...backend.token, given: { jwt, origin: originOf(backend.chained) } } }),
  };
}

function originOf(chained: readonly ChainedSetting[]): string {
  const ref = chained.find(({ key }) => key === 'token')?.ref;
  return `secret ${visible(ref?.text ?? '')}`;
}

function givenValue({ key, part, ref }: ChainedSetting, outcomes: ReadonlyMap<string, Outcome>, hide: Hide): Sensitive {
  const outcome = outcomes.get(ref.name);
  if (outcome === undefined) throw new SecretctlError('INTERNAL', `no outcome for ${visible(ref.text)}`);
  const what = `the setting ${nameOf({ key, part })} comes from ${visible(ref.text)}`;
  if ('refusal' in outcome) {
    const reason = outcome.refusal === 'missing' ? 'SECRET_NOT_FOUND' : 'SECRET_DENIED';
    const spelling =
      'check the reference, and whether what stands in front of its colon is a backend of the configuration';
    const hint = reason === 'SECRET_DENIED' ? "grant this job's identity the right to read it" : spelling;
    throw new SecretctlError(reason, `${what}: ${outcome.reason}`, { hint });
  }
  hide(ref.name, outcome.value);
  const selected = selectField(outcome.value, outcome.rest);
  if (!(selected instanceof Sensitive)) throw new SecretctlError('FIELD_NOT_FOUND', `${what}: ${selected.missing}`);
  hide(ref.name, selected);
  return selected;
}

/** A setting that another backend gave. */
interface GivenSetting extends ChainedSetting {
  readonly value: Sensitive;
}

function parsedValues(backend: BackendSettings, given: readonly GivenSetting[]): Record<string, unknown> {
  const rows = backendType(backend.type)?.settings ?? {};
  const values: Record<string, unknown> = {};
  for (const { key, part, value } of given) {
    const row = rows[key];
    if (row === undefined) continue;
    // A line end is how a file or an editor ends a text; as part of a name or a password nobody means it.
    const text = value
      .reveal()
      .toString('utf8')
      .replace(/\r?\n$/, '');
    if (part !== undefined) {
      values[key] = row.parser.tree?.parts?.given(values[key] ?? backend.values[key], part, new Sensitive(text));
      continue;
    }
    try {
      values[key] = row.parser.parse(text);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      throw notTaken(backend.name, key, error.message);
    }
  }
  return values;
}

/** The setting, or the part of it, as it stands in a configuration. */
function nameOf({ key, part }: Pick<ChainedSetting, 'key'> & { readonly part: string | undefined }): string {
  return part === undefined ? key : `${key}.${visible(part)}`;
}

function notTaken(backend: string, key: string, takes: string): SecretctlError {
  return new SecretctlError(
    'CONFIG_INVALID',
    `the backend ${visible(backend)}: what another backend gave as ${key} must be ${takes}`,
  );
}
