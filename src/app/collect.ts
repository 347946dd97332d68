import type { NamingSettings, SecretRequest, Settings } from '../config/types.ts';
import type { Outcome } from '../backends/types.ts';
import { type Reason, SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { allOf } from '../lib/lanes.ts';
import type { Secret, SecretRef } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import type { Hide } from './hide.ts';
import { membersOf } from './members.ts';
import type { OwnToken } from './revoke.ts';
import { type NotSelected, selectField } from './select.ts';
import { openSessions } from './sessions.ts';

/**
 * The values of everything that was asked for, in that order, from as many backends as it takes. Throws one error
 * that names every reference that is missing, forbidden or (when refused) empty; optional ones that do not exist
 * get their default or are left out. `own` hears of the access tokens that nobody else can use, however this ends.
 */
export async function collectSecrets(
  settings: Settings,
  invocation: Invocation,
  hide: Hide,
  own?: (token: OwnToken) => void,
): Promise<Secret[]> {
  const names = [...new Set(settings.secrets.map((request) => request.ref.backend))];
  const sessions = await openSessions(names, settings, invocation, hide);
  try {
    // Even where one fails all of them end: another may still have something to check in.
    const outcomes = await allOf(names.map((name) => sessions.fetchFrom(name, refsOf(name, settings.secrets))));
    return settle(settings, outcomes.flat(), hide);
  } finally {
    if (own !== undefined) for (const token of await sessions.own()) own(token);
    await sessions.close();
  }
}

/** What is asked of this backend. */
export function refsOf(backend: string, requests: readonly SecretRequest[]): SecretRef[] {
  return requests.map((request) => request.ref).filter((ref) => ref.backend === backend);
}

/** One reference that did not become a value. */
interface Shortfall {
  readonly reason: Extract<Reason, 'SECRET_DENIED' | 'SECRET_NOT_FOUND' | 'FIELD_NOT_FOUND' | 'VALUE_EMPTY'>;
  readonly line: string;
  /** Another way to understand what was written. */
  readonly hint?: string | undefined;
}

function settle(settings: Settings, outcomes: readonly Outcome[], hide: Hide): Secret[] {
  const byName = new Map(outcomes.map((outcome) => [outcome.ref.name, outcome]));
  const { naming } = settings.output;
  const settled = settings.secrets.flatMap((request) => {
    return settleOne(request, byName.get(request.ref.name), { hide, naming });
  });
  const secrets = settled.filter((one) => 'value' in one);
  const shortfalls = settled.filter((one) => 'line' in one);
  if (settings.output.requireNonempty) shortfalls.push(...secrets.filter(isEmpty).map(emptyShortfall));
  if (shortfalls.length > 0) throw shortfallError(shortfalls, settings.secrets.length);
  return secrets;
}

interface Settling {
  readonly hide: Hide;
  readonly naming: NamingSettings;
}

type Settled = readonly (Secret | Shortfall)[];

function settleOne(request: SecretRequest, outcome: Outcome | undefined, { hide, naming }: Settling): Settled {
  const { ref } = request;
  if (outcome === undefined) throw new SecretctlError('INTERNAL', `no outcome for ${visible(ref.text)}`);
  if ('refusal' in outcome) {
    if (outcome.refusal === 'missing' && request.optional) return standIn(request);
    const reason = outcome.refusal === 'missing' ? 'SECRET_NOT_FOUND' : 'SECRET_DENIED';
    return [{ reason, line: shortfallLine(request, outcome.reason), hint: request.hint }];
  }
  const selected = selectField(outcome.value, outcome.rest);
  const secrets = selected instanceof Sensitive ? selectedSecrets(request, selected, naming) : selected;
  // Of a `#*` the names of the members are what a message is about, so the object around them is not hidden as a whole.
  if (ref.every !== true || 'missing' in secrets) hide(ref.name, outcome.value);
  if (!('missing' in secrets)) {
    for (const secret of secrets) hide(secret.name, secret.value);
    return secrets;
  }
  if (request.optional) return standIn(request);
  return [{ reason: 'FIELD_NOT_FOUND', line: shortfallLine(request, secrets.missing) }];
}

function selectedSecrets(
  request: SecretRequest,
  value: Sensitive,
  naming: NamingSettings,
): readonly Secret[] | NotSelected {
  const { ref } = request;
  return ref.every === true ? membersOf(request, value, naming) : [secretOf(request, value)];
}

/** What an optional secret that does not exist becomes: its default, or nothing at all. */
function standIn(request: SecretRequest): Settled {
  if (request.default === undefined) return [];
  return [secretOf(request, new Sensitive(request.default))];
}

function secretOf({ ref, fileName }: SecretRequest, value: Sensitive): Secret {
  return { name: ref.name, value, reference: ref.text, ...(fileName !== undefined && { fileName }) };
}

function shortfallLine({ ref }: SecretRequest, phrase: string): string {
  const path = ref.text === ref.name ? '' : ` ${visible(ref.text)}:`;
  return `${ref.name}:${path} ${phrase}`;
}

function isEmpty(secret: Secret): boolean {
  return secret.value.byteLength === 0;
}

function emptyShortfall(secret: Secret): Shortfall {
  return { reason: 'VALUE_EMPTY', line: `${secret.name}: ${visible(secret.reference)}: the value is empty` };
}

/** Worst first: what the job may not read, what is not there, what has no such field, what is empty. */
const SEVERITY = ['SECRET_DENIED', 'SECRET_NOT_FOUND', 'FIELD_NOT_FOUND', 'VALUE_EMPTY'] as const;

const HINTS = {
  SECRET_DENIED: "grant this job's identity the right to read them",
  SECRET_NOT_FOUND: 'check the spelling; many products also say "not found" for what this identity may not see',
  FIELD_NOT_FOUND: 'a dot selects a level; put a field\'s own dots in quotes: path#"a.b".c',
  VALUE_EMPTY: 'drop --require-nonempty if an empty value is meant',
} as const;

/** Most hints on single references. */
const MOST_HINTS = 3;

function shortfallError(shortfalls: readonly Shortfall[], asked: number): SecretctlError {
  const reason = SEVERITY.find((one) => shortfalls.some((shortfall) => shortfall.reason === one)) ?? 'SECRET_NOT_FOUND';
  const count = `${shortfalls.length} of ${asked} ${asked === 1 ? 'secret' : 'secrets'}`;
  return new SecretctlError(reason, `${count} could not be had; nothing was handed on`, {
    details: shortfalls.map((shortfall) => shortfall.line),
    hint: [...new Set(shortfalls.flatMap((shortfall) => shortfall.hint ?? []))]
      .slice(0, MOST_HINTS)
      .concat(HINTS[reason]),
  });
}
