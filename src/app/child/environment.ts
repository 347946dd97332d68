import { isUtf8 } from 'node:buffer';
import { SecretctlError, unlessSystem } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { Secret } from '../../lib/secrets.ts';
import type { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import { isTokenVariable } from '../../sources/index.ts';

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

/** What a child's environment is made of. */
export interface EnvironmentParts {
  /** The variables around us. */
  readonly inherited: Runtime['env'];
  /** Start from little more than PATH, HOME and the locale. */
  readonly pristine: boolean;
  /** Names that are handed on although they would be removed. */
  readonly keep: readonly string[];
  /** Names whose inherited value wins over a secret. */
  readonly preserve: readonly string[];
  /** Names that are the key to the vault and not the child's. */
  readonly keys: ReadonlySet<string>;
  /** The tokens of this run: a variable that holds one, with whatever around it, is removed whatever its name is. */
  readonly tokens: readonly Sensitive[];
  /** The secrets that become variables; of one that is a file, the path. */
  readonly secrets: Variables;
}

/** Variables without which hardly any program works. */
const PRISTINE = /^(?:PATH|HOME|LANG|LANGUAGE|LC_[A-Z]+)$/;

/**
 * The child's environment: what is inherited without the keys to the vault (ID token, request token, access token,
 * everything of ours), then the secrets, which win unless their name is preserved.
 */
export function childEnvironment(parts: EnvironmentParts): Variables {
  const tokens = parts.tokens.map((token) => token.reveal().toString('utf8'));
  const isKey = (name: string, value: string): boolean =>
    name.startsWith('SECRETCTL_') ||
    isTokenVariable(name) ||
    parts.keys.has(name) ||
    tokens.some((token) => holds(value, token));
  // A map, because of an object's names some are taken: "__proto__" would be lost.
  const env = new Map<string, string>();
  for (const [name, value] of Object.entries(parts.inherited)) {
    if (value === undefined) continue;
    const isKept = parts.keep.includes(name) || (!isKey(name, value) && (!parts.pristine || PRISTINE.test(name)));
    if (isKept) env.set(name, value);
  }
  for (const [name, value] of Object.entries(parts.secrets)) {
    if (!env.has(name) || !parts.preserve.includes(name)) env.set(name, value);
  }
  return Object.fromEntries(env);
}

/** Alone or, unless it could be there by chance, with something around it (`Bearer …`). */
function holds(value: string, token: string): boolean {
  return value.replace(/\r?\n$/, '') === token || (token.length >= SHORTEST_INSIDE && value.includes(token));
}

/** No token of a server is as short as that. */
const SHORTEST_INSIDE = 16;

/** Longest `NAME=value` that Linux hands to a program, bytes, its final NUL not counted (MAX_ARG_STRLEN). */
const LONGEST_BYTES = 131_071;

const WAY_OUT = 'hand it over as a file: "file: true" in the configuration; the variable then holds its path';

/**
 * The secrets as variables. Throws NOT_REPRESENTABLE (65) for values that no variable can hold, and ENV_TOO_BIG (71)
 * for one that is too long for the system; both name every such secret.
 */
export function asVariables(secrets: readonly Secret[]): Variables {
  const unfit = secrets.flatMap((secret) => unfitness(secret) ?? []);
  if (unfit.length > 0) {
    throw new SecretctlError('NOT_REPRESENTABLE', 'a variable cannot hold every value; the command was not started', {
      details: unfit,
      hint: WAY_OUT,
    });
  }
  const long = secrets.filter((secret) => secret.name.length + 1 + secret.value.byteLength > LONGEST_BYTES);
  if (long.length > 0) {
    throw new SecretctlError('ENV_TOO_BIG', 'a value is too long for a variable; the command was not started', {
      details: long.map(({ name, value }) => `${visible(name)} has ${value.byteLength} bytes, the limit is 128 KiB`),
      hint: WAY_OUT,
    });
  }
  return Object.fromEntries(secrets.map(({ name, value }) => [name, value.reveal().toString('utf8')]));
}

function unfitness({ name, value }: Secret): string | undefined {
  const bytes = value.reveal();
  if (bytes.includes(0)) return `${visible(name)} holds a NUL byte`;
  return isUtf8(bytes) ? undefined : `${visible(name)} is not UTF-8`;
}

/** The error for a system that takes no environment and arguments of this size (E2BIG), naming what is biggest. */
export function tooBig(secrets: readonly Secret[], env: Variables): SecretctlError {
  const total = Object.entries(env).reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value) + 2, 0);
  const biggest = secrets.toSorted((one, two) => two.value.byteLength - one.value.byteLength).slice(0, 3);
  return new SecretctlError(
    'ENV_TOO_BIG',
    `environment (${Math.ceil(total / 1024)} KiB) and arguments are too big for this system; the command was not started`,
    { details: biggest.map(({ name, value }) => `${visible(name)} has ${value.byteLength} bytes`), hint: WAY_OUT },
  );
}

/** Inherited variables whose bytes Node cannot hand on as they are: it reads every variable as UTF-8. */
export function distorted(env: Variables, { fs }: Pick<Runtime, 'fs'>): readonly string[] {
  const bytes = unlessSystem(() => fs.readFileSync('/proc/self/environ'));
  if (bytes === undefined || isUtf8(bytes)) return [];
  return bytes
    .toString('latin1')
    .split('\0')
    .filter((entry) => !isUtf8(Buffer.from(entry, 'latin1')))
    .map((entry) => entry.slice(0, Math.max(0, entry.indexOf('='))))
    .filter((name) => env[name] !== undefined);
}
