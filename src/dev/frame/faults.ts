import { SecretctlError } from '../../lib/errors.ts';
import { nearest, quoted } from '../../lib/text.ts';

/** What can go wrong with an answer on purpose; a status code is written as its number. */
type FaultKind = keyof typeof KINDS;

/** One `--fault`: which requests it strikes and what they get instead of the product's answer. */
export interface Fault {
  /** Which requests count. */
  readonly where: 'exchange' | 'read' | 'any';
  /** The first of them that is struck, counted from 1. */
  readonly from: number;
  /** How many are struck; Infinity without `*COUNT`. */
  readonly count: number;
  readonly kind: FaultKind;
  /** The status sent with `status`, `html`, `redirect`. */
  readonly status: number;
  /** `key=value` pairs, known to the kind. */
  readonly keys: ReadonlyMap<string, string>;
}

interface Kind {
  readonly help: string;
  readonly keys: readonly string[];
  readonly status?: number;
}

/** Every kind, its keys and its line in the help of `dev exec`. */
const KINDS = {
  status: {
    help: 'a status code, such as 503: that status',
    keys: ['retry-after', 'location', 'error', 'body', 'type'],
  },
  html: { help: 'a login page with status 200', keys: ['status'], status: 200 },
  empty: { help: 'an answer without a body', keys: ['status'], status: 200 },
  badjson: { help: 'JSON that breaks off in the middle of a string', keys: [] },
  bigbody: { help: 'a body without end (bytes=N: of that size)', keys: ['bytes'] },
  redirect: { help: '307 to another origin', keys: ['status', 'location'], status: 307 },
  gzip: { help: 'the true answer, compressed though nobody asked', keys: [] },
  noframing: { help: 'the true answer, ended only by closing the connection', keys: [] },
  cut: { help: 'the true answer, cut off after half of its body (at=N: after N bytes)', keys: ['at'] },
  drip: { help: 'the true answer, a byte every 200 ms (ms=N)', keys: ['ms'] },
  slow: { help: 'the true answer, after 1000 ms (ms=N)', keys: ['ms'] },
  reset: { help: 'the connection reset before an answer', keys: [] },
  silent: { help: 'no answer, the connection stays open', keys: [] },
} as const satisfies Record<string, Kind>;

const PLACES = ['exchange', 'read', 'any'] as const;
const NUMERIC_KEYS: ReadonlySet<string> = new Set(['bytes', 'at', 'ms', 'status']);
const SHAPE = /^(?<where>[a-z]+)(?:#(?<from>[1-9][0-9]{0,5}))?:(?<what>[a-z0-9]+)(?:\*(?<count>[1-9][0-9]{0,5}))?$/;

/**
 * Reads `WHERE:WHAT[*COUNT][;key=value…]`: `exchange:503*2`, `read#3:cut`, `exchange:429;retry-after=2`. Without
 * COUNT it strikes every request there, or the one request that an ordinal names. Throws USAGE.
 */
export function parseFault(spec: string): Fault {
  const [head = '', ...pairs] = spec.split(';');
  const groups = SHAPE.exec(head)?.groups;
  if (groups === undefined) {
    throw faultError(spec, 'it must read WHERE:WHAT[*COUNT][;key=value…], for example exchange:503*2');
  }
  const where = PLACES.find((place) => place === groups['where']);
  if (where === undefined) throw faultError(spec, 'WHERE is exchange, read or any, or one request of these: read#3');
  const { kind, status } = parseWhat(spec, groups['what'] ?? '');
  const keys = parseKeys(spec, kind, pairs);
  return {
    where,
    from: Number(groups['from'] ?? 1),
    count: groups['count'] === undefined ? defaultCount(groups['from']) : Number(groups['count']),
    kind,
    status: Number(keys.get('status') ?? status),
    keys,
  };
}

/** One line per kind, for the help of `dev exec`: its name and what it does. */
export function faultHelp(): readonly (readonly [name: string, help: string])[] {
  return Object.entries<Kind>(KINDS).map(([name, { help, keys }]) => {
    const others = keys.filter((key) => !help.includes(`${key}=`));
    const suffix = others.length === 0 ? '' : ` (${others.map((key) => `${key}=…`).join(', ')})`;
    return [name === 'status' ? '200…599' : name, `${help}${suffix}`];
  });
}

/** Finds the fault that strikes the next request of a kind; counts as it goes. */
export interface FaultPicker {
  pick(kind: 'exchange' | 'read' | undefined): Fault | undefined;
}

/** The first fault of the list that strikes wins. */
export function faultPicker(faults: readonly Fault[]): FaultPicker {
  const seen = { exchange: 0, read: 0, any: 0 };
  return {
    pick(kind) {
      seen.any++;
      if (kind !== undefined) seen[kind]++;
      return faults.find(({ where, from, count }) => {
        if (where !== 'any' && where !== kind) return false;
        return seen[where] >= from && seen[where] < from + count;
      });
    },
  };
}

function defaultCount(ordinal: string | undefined): number {
  return ordinal === undefined ? Number.POSITIVE_INFINITY : 1;
}

function parseWhat(spec: string, what: string): { kind: FaultKind; status: number } {
  if (/^[2-5][0-9]{2}$/.test(what)) return { kind: 'status', status: Number(what) };
  if (isKind(what) && what !== 'status') {
    const row: Kind = KINDS[what];
    return { kind: what, status: row.status ?? 200 };
  }
  const names = Object.keys(KINDS).filter((name) => name !== 'status');
  const near = nearest(what, names);
  throw faultError(
    spec,
    `${quoted(what)} is no fault; there are the status codes 200 to 599 and ${names.join(', ')}`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}

function isKind(word: string): word is FaultKind {
  return Object.hasOwn(KINDS, word);
}

function parseKeys(spec: string, kind: FaultKind, pairs: readonly string[]): ReadonlyMap<string, string> {
  const allowed: readonly string[] = KINDS[kind].keys;
  const keys = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = pair.slice(0, Math.max(at, 0));
    const value = pair.slice(at + 1);
    if (at < 1) throw faultError(spec, 'after ";" comes key=value');
    if (!allowed.includes(key)) {
      const known = allowed.length === 0 ? 'it takes none' : `it takes ${allowed.join(', ')}`;
      throw faultError(spec, `${quoted(key)} is not a key of this fault; ${known}`);
    }
    if (NUMERIC_KEYS.has(key) && !/^[0-9]{1,9}$/.test(value)) throw faultError(spec, `${key} must be a whole number`);
    if (key === 'status' && !/^[2-5][0-9]{2}$/.test(value)) throw faultError(spec, 'status must be from 200 to 599');
    keys.set(key, value);
  }
  return keys;
}

function faultError(spec: string, sentence: string, hint?: string): SecretctlError {
  const facts = hint === undefined ? { hint: 'secretctl dev exec --help lists the faults' } : { hint };
  return new SecretctlError('USAGE', `--fault ${quoted(spec)}: ${sentence}`, facts);
}
