import type { Settings } from '../config/types.ts';
import { chainedReference } from '../lib/chain.ts';
import { isSetByCi } from '../lib/ci.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import { checkForeignNames, checkNames } from '../output/index.ts';
import type { HiddenValue } from '../output/types.ts';
import { arrange, type Arrangement } from './child/arrange.ts';
import { becomeCommand, refuseWithExec } from './child/become.ts';
import { asVariables, childEnvironment, distorted, tooBig, type Variables } from './child/environment.ts';
import { type Command, findCommand } from './child/find-command.ts';
import { openPipes, type Pipe } from './child/pipes.ts';
import { writeSecretFiles } from './child/secret-files.ts';
import { type ChildEnd, TooBigToStart } from './child/start.ts';
import { superviseChild } from './child/supervise.ts';
import { keysToTheVault } from './child-keys.ts';
import { collectSecrets } from './collect.ts';
import { hearing, type Hide } from './hide.ts';
import { type Maskable, maskInCi } from './masks.ts';
import { tokensAround, withoutDefaults } from './redaction.ts';
import { type OwnToken, revokeAll } from './revoke.ts';

/**
 * The straight line of `secretctl run`: the command is found, the secrets are fetched, the command runs with them, and
 * what was made for it is gone afterwards, however that went. How it ended is the result.
 */
export async function runWithSecrets(
  settings: Settings,
  argv: readonly string[],
  invocation: Invocation,
  hide: Hide,
): Promise<ChildEnd> {
  const plan = prepareRun(settings, argv, invocation);
  const piping = pipesFor(plan.arrangement, invocation);
  const own: OwnToken[] = [];
  const tokens: HiddenValue[] = [];
  try {
    const secrets = await collectSecrets(settings, invocation, hearing(hide, tokens), (one) => own.push(one));
    checkForeignNames(secrets, { isEnvironment: true, allowEnvNames: settings.output.allowEnvNames }, invocation);
    await registerAll({ secrets: withoutDefaults(secrets, settings), tokens }, plan.arrangement, invocation);
    return await runWith({ secrets, tokens, own }, plan, { settings, piping, invocation });
  } finally {
    await revokeAll(own, settings.general, invocation, hide);
  }
}

/** What was fetched, and what that took. */
interface Fetched {
  readonly secrets: readonly Secret[];
  readonly tokens: readonly HiddenValue[];
  readonly own: readonly OwnToken[];
}

interface Circumstances {
  readonly settings: Settings;
  readonly piping: Promise<readonly Pipe[] | undefined>;
  readonly invocation: Invocation;
}

/** Runs the command with what was fetched for it; the files among that last as long as it does. */
async function runWith(
  { secrets, tokens, own }: Fetched,
  plan: RunPlan,
  { settings, piping, invocation }: Circumstances,
): Promise<ChildEnd> {
  const { runtime, journal, deadline } = invocation;
  const { asFiles, asValues } = divided(secrets, settings);
  const variables = asVariables(asValues);
  const files = writeSecretFiles(asFiles, runtime);
  try {
    const env = environmentOf({ ...variables, ...files.paths }, settings, tokens, invocation);
    const pipes = await piping;
    if (settings.child.exec && own.length > 0)
      journal.warn('the access token is not revoked, because --exec leaves nobody for it');
    // Before the command says anything itself, or takes our place.
    await journal.settled();
    deadline.signal.throwIfAborted();
    if (settings.child.exec) {
      becomeCommand(plan.command, env, runtime);
    }
    const withoutStdin = settings.backends.some(({ token }) => token.stdin === true);
    const hidden = [...withoutDefaults(secrets, settings), ...tokens, ...tokensKept(env, invocation)];
    const task = { ...plan, env, pipes, withoutStdin, hidden, settings: settings.child };
    return await superviseChild(task, invocation).catch((error: unknown) => {
      throw error instanceof TooBigToStart ? tooBig(asValues, env) : error;
    });
  } finally {
    files.remove();
  }
}

/** What a CI hands out to log in with, where the command was let have it (`--keep-env`). */
function tokensKept(env: Variables, invocation: Invocation): readonly HiddenValue[] {
  return tokensAround(invocation).flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [{ name, value: new Sensitive(value) }];
  });
}

/** What is settled before anything is asked of a server. */
export interface RunPlan {
  readonly command: Command;
  readonly arrangement: Arrangement;
}

/**
 * Finds the command and settles what can be settled without the secrets. Throws COMMAND_NOT_FOUND (127),
 * COMMAND_NOT_EXECUTABLE (126), NAME_FORBIDDEN (73) and USAGE (64). Sends nothing.
 */
export function prepareRun(settings: Settings, argv: readonly string[], invocation: Invocation): RunPlan {
  const { child, secrets, output } = settings;
  const command = findCommand(argv, invocation.runtime);
  checkNames(secrets, { isEnvironment: true, allowEnvNames: output.allowEnvNames }, invocation);
  const arrangement = arrange(child, invocation);
  if (child.resolveEnv) nameUnresolved(invocation);
  if (child.exec) {
    refuseWithExec([
      ...(secrets.some((request) => request.file) ? ['secrets that are files'] : []),
      ...(child.killAfterMs === undefined ? [] : ['--kill-after']),
    ]);
  }
  return { command, arrangement };
}

/** Whoever set such a variable in the pipeline would else find its reference where a value should be, and no word about it. */
function nameUnresolved({ runtime: { env }, journal }: Invocation): void {
  const names = Object.keys(env).filter((name) => isSetByCi(name) && chainedReference(env[name] ?? '') !== undefined);
  if (names.length === 0) return;
  journal.warn(
    `not resolved, because a CI itself sets variables of such names, to texts that anybody may write: ${names.map(visible).join(', ')}`,
  );
}

/** Begun at once: making them takes as long as a small request. A failure shows where they are waited for. */
function pipesFor(
  { stdout, stderr, isOne }: Arrangement,
  invocation: Invocation,
): Promise<readonly Pipe[] | undefined> {
  const count = isOne ? 1 : [stdout, stderr].filter(Boolean).length;
  const piping = count === 0 ? Promise.resolve([]) : openPipes(count, invocation);
  piping.catch(() => undefined);
  return piping;
}

/** Where we redact everything ourselves, a CI that cannot be told is worth a warning; otherwise it would be all there is. */
async function registerAll(
  values: Pick<Maskable, 'secrets' | 'tokens'>,
  { stdout, stderr }: Arrangement,
  invocation: Invocation,
): Promise<void> {
  try {
    const consequence = stdout && stderr ? undefined : 'nobody redacts what this command prints';
    await maskInCi({ ...values, written: () => [], otherwise: () => consequence }, invocation);
  } catch (error) {
    if (!(error instanceof SecretctlError) || error.reason !== 'MASK_FAILED' || !stdout || !stderr) throw error;
    invocation.journal.warn(`${error.message}; what the command prints is redacted all the same`);
  }
}

function divided(
  secrets: readonly Secret[],
  settings: Settings,
): { readonly asFiles: readonly Secret[]; readonly asValues: readonly Secret[] } {
  const files = new Set(settings.secrets.filter((request) => request.file).map(({ ref }) => ref.name));
  return {
    asFiles: secrets.filter((secret) => files.has(secret.request ?? secret.name)),
    asValues: secrets.filter((secret) => !files.has(secret.request ?? secret.name)),
  };
}

function environmentOf(
  secrets: Variables,
  { child, backends }: Settings,
  tokens: readonly HiddenValue[],
  { runtime, journal }: Invocation,
): Variables {
  const env = childEnvironment({
    inherited: runtime.env,
    pristine: child.pristine,
    keep: child.keepEnv,
    preserve: child.preserve,
    keys: keysToTheVault(backends),
    tokens: tokens.map(({ value }) => value),
    secrets,
  });
  const odd = distorted(env, runtime);
  if (odd.length > 0) journal.warn(`not UTF-8, and so not handed on as they are: ${odd.map(visible).join(', ')}`);
  return env;
}
