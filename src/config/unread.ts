import { BACKENDS } from '../backends/index.ts';
import type { Runtime } from '../lib/runtime.ts';
import { nearest, visible } from '../lib/text.ts';
import { misnamedConfigurations, shownPath } from './discover.ts';
import { generalSettings, productSettings } from './settings.ts';

const PREFIX = 'SECRETCTL_';

/** Variables of ours that are no settings: a token, what only the environment may say, what a sourced file uses. */
const NO_SETTINGS = ['SECRETCTL_ID_TOKEN', 'SECRETCTL_ALLOWED_ORIGINS', 'SECRETCTL_SHELL_FLAGS'];

/** Most of them that are named. */
const MOST_NAMED = 5;

/** What was found and what it names: the variables of tokens are nobody's mistake. */
export interface Heard {
  /** Path of the file that was read. */
  readonly file: string | undefined;
  /** Whether that file was named, so that none was looked for. */
  readonly isNamed: boolean;
  readonly tokenVariables: readonly (string | undefined)[];
}

/**
 * What somebody said and nobody reads, one sentence each: a configuration of another name, variables that begin like ours
 * and are none. A mistyped one may be a restriction that is silently lost. Never a variable's value.
 */
export function unreadWords(heard: Heard, runtime: Runtime): readonly string[] {
  const files = heard.isNamed ? [] : misnamedConfigurations(heard.file, runtime);
  return [
    ...files.map((file) => `${visible(shownPath(file, runtime))} is not read; its name must be secretctl.yaml`),
    ...unknownVariables(heard, runtime),
  ].slice(0, MOST_NAMED);
}

/** Standing credentials of the products' own clients, which somebody may think are enough. Never a variable's value. */
export function standingWords({ env }: Runtime): readonly string[] {
  return BACKENDS.flatMap(({ type, title, standing = [] }) => {
    const set = standing.filter((name) => (env[name] ?? '') !== '');
    const login = `${title} is logged in to with the job's ID token, see \`secretctl help ${type}\``;
    return set.length === 0 ? [] : [`${set.join(' and ')} ${set.length === 1 ? 'is' : 'are'} not used: ${login}`];
  });
}

function unknownVariables({ tokenVariables }: Heard, { env }: Runtime): readonly string[] {
  const general = [...generalSettings().map((setting) => setting.variable), ...NO_SETTINGS];
  const said = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && (env[name] ?? '') !== '')
    .filter((name) => !general.includes(name) && !tokenVariables.includes(name));
  if (said.length === 0) return [];
  const known = [...general, ...productSettings().map((setting) => setting.variable)];
  return said
    .filter((name) => !known.includes(name))
    .toSorted()
    .map((name) => `${visible(name)} is no variable of secretctl and is not read${suggestion(name, known)}`);
}

/** The prefix is left out: what all have in common makes nothing near. */
function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(
    name.slice(PREFIX.length),
    known.map((one) => one.slice(PREFIX.length)),
  );
  return meant === undefined ? '' : `; did you mean ${PREFIX}${meant}?`;
}
