import { CI_VARIABLES, isCi, isOn } from '../lib/ci.ts';
import { SecretctlError } from '../lib/errors.ts';
import { candidateHint } from './candidates.ts';
import { PLATFORMS } from './platforms.ts';
import type { Environment, NotHere, TokenSettings } from './types.ts';
import { DEFAULT_VARIABLE } from './variable.ts';

/** A source that is not here, by its name. */
export interface Absent extends NotHere {
  readonly name: string;
}

/**
 * NO_ID_TOKEN (66): the likeliest cause as its message, with what to do about it; every source and why it is not here as
 * its details, those with one reason on one line.
 */
export function noIdToken(absent: readonly Absent[], token: TokenSettings, env: Environment): SecretctlError {
  const { cause, hints } = likeliest(absent, token, env);
  return new SecretctlError('NO_ID_TOKEN', `no ID token was found: ${cause}`, {
    details: grouped(absent),
    hint: [...candidateHint(env), ...hints],
  });
}

interface Likely {
  readonly cause: string;
  readonly hints: readonly string[];
}

/** What helps anywhere. */
const NAME_IT = `put a token into ${DEFAULT_VARIABLE}, or name where one is: --token-env, --token-file, --token-command or --token-stdin`;

function likeliest(absent: readonly Absent[], token: TokenSettings, env: Environment): Likely {
  // The one that says most of the machine comes last: a pod of EKS is one of Kubernetes as well.
  const near = absent.filter((source) => source.isNear === true || token.source !== undefined).toReversed();
  const [nearest] = near;
  if (nearest !== undefined) {
    const advice = new Set(near.flatMap((source) => source.advice ?? []));
    return { cause: `${nearest.name}: ${nearest.reason}`, hints: [...advice, NAME_IT] };
  }
  const signs = CI_VARIABLES.filter((name) => isOn(env[name]));
  const platform = PLATFORMS.find(({ absence }) => signs.some((name) => new RegExp(`\\b${name}\\b`).test(absence)));
  if (platform !== undefined) {
    return {
      cause: `this looks like a job of ${platform.name}, but ${platform.absence}`,
      hints: [`if it is one: --token-source ${platform.key}`, NAME_IT],
    };
  }
  if (isCi(env)) {
    return { cause: `this is a CI job (${signs.join(', ')}) of no CI that is known here`, hints: [NAME_IT] };
  }
  return {
    cause: `this is no CI job, and ${DEFAULT_VARIABLE} is not set`,
    hints: ['to rehearse a job on this machine: secretctl dev exec -- COMMAND', NAME_IT],
  };
}

/** A reason that several sources share, around the one word in which they differ. */
const SHARED = [/^(?<word>\w+) is (?<reason>not (?:set|"true"))$/, /^(?<reason>not asked for) \((?<word>\S+)\)$/];

function grouped(absent: readonly Absent[]): readonly string[] {
  const groups = new Map<string, string[]>();
  const others: string[] = [];
  for (const { name, reason } of absent) {
    const shared = SHARED.map((form) => form.exec(reason)?.groups).find((found) => found !== undefined);
    if (shared === undefined) {
      others.push(`${name} (${reason})`);
      continue;
    }
    const { word = '', reason: why = '' } = shared;
    groups.set(why, [...(groups.get(why) ?? []), word === name ? name : `${name} (${word})`]);
  }
  const lines = [...groups].map(([reason, names]) => `${reason}: ${names.join(', ')}`);
  return others.length === 0 ? lines : [...lines, `not here: ${others.join('; ')}`];
}
