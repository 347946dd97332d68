import type { Settings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { visible } from '../lib/text.ts';
import { streams } from '../output/index.ts';
import type { HiddenValue, StreamRedactor } from '../output/types.ts';
import { distorted } from './child/environment.ts';
import { collectSecrets } from './collect.ts';
import { hearing, type Hide } from './hide.ts';
import type { Input } from './input.ts';
import { backendPlans, secretRow, table } from './plan.ts';
import { redactorFor, tokensAround, withoutDefaults } from './redaction.ts';
import { type OwnToken, revokeAll } from './revoke.ts';

/** By which signal `mask` is to end; undefined where it has come to the end of its input. */
export type MaskEnd = NodeJS.Signals | undefined;

/**
 * The straight line of `secretctl mask`: the values are fetched, and only then is standard input read and copied to
 * standard output without them. Resolves when the last byte is out, or nobody reads it any more. Throws what fetching
 * throws, USAGE (64), NOT_REPRESENTABLE (65), SYSTEM_FAILED (71) when the input cannot be read, and WRITE_FAILED or
 * DISK_FULL (74); what of the input is left then has not been read.
 */
export async function maskInput(
  settings: Settings,
  input: Input,
  invocation: Invocation,
  hide: Hide,
): Promise<MaskEnd> {
  refuseTokenOnStdin(settings);
  const own: OwnToken[] = [];
  const collecting = hiddenValues(settings, invocation, hide, own);
  // Beside the copying: nobody waits for it.
  const revoking = collecting
    .then(
      () => undefined,
      () => undefined,
    )
    .then(() => revokeAll(own, settings.general, invocation, hide));
  try {
    const redactor = await redactorFor(await collecting, settings.child, invocation);
    redactor.prepare();
    invocation.deadline.signal.throwIfAborted();
    // From here on whoever writes the input decides how long this takes.
    invocation.deadline.settle();
    return await copy(input, redactor, invocation);
  } finally {
    await revoking;
  }
}

/** What `mask` would do, as text for a person; reads no input and sends nothing. Throws what `fetch --dry-run` throws. */
export async function planMask(settings: Settings, invocation: Invocation, hide: Hide): Promise<string> {
  refuseTokenOnStdin(settings);
  const rows = [
    ...settings.secrets.map(secretRow),
    ...settings.filter.env.map((name) => [visible(name), 'the variable'] as const),
  ];
  return `${[...(await backendPlans(settings, invocation, hide)), 'masked on standard output', ...table(rows)].join('\n')}\n`;
}

function refuseTokenOnStdin({ backends }: Settings): void {
  if (!backends.some(({ token }) => token.stdin === true)) return;
  throw new SecretctlError('USAGE', 'standard input is what is to be masked, so the ID token cannot come from there', {
    hint: 'hand it over in a variable (--token-env) or a file (--token-file)',
  });
}

/** All that must not show: the secrets and tokens of this run, the variables that were named, and the tokens of the job. */
async function hiddenValues(
  settings: Settings,
  invocation: Invocation,
  hide: Hide,
  own: OwnToken[],
): Promise<readonly HiddenValue[]> {
  const { env } = settings.filter;
  refuseDistorted([...env, ...tokensAround(invocation)], invocation);
  const named = env.map((name) => variable(name, invocation));
  const around = tokensAround(invocation).map((name) => variable(name, invocation));
  for (const { name, value } of [...named, ...around]) hide(name, value);
  if (settings.secrets.length === 0) return [...named, ...around];
  const tokens: HiddenValue[] = [];
  const secrets = await collectSecrets(settings, invocation, hearing(hide, tokens), (one) => own.push(one));
  return [...withoutDefaults(secrets, settings), ...named, ...tokens, ...around];
}

/** For all of them at once: to look at the bytes of the environment for each would take as much again for each. */
function refuseDistorted(names: readonly string[], { runtime }: Invocation): void {
  const variables = Object.fromEntries(names.map((name) => [name, runtime.env[name] ?? '']));
  const [name] = distorted(variables, runtime);
  if (name === undefined) return;
  throw new SecretctlError('NOT_REPRESENTABLE', `the variable ${visible(name)} is not UTF-8, so it cannot be masked`, {
    hint: 'let the configuration name it as a secret, whose bytes come as they are',
  });
}

function variable(name: string, { runtime }: Invocation): HiddenValue {
  return { name, value: new Sensitive(runtime.env[name] ?? '') };
}

async function copy(input: Input, redactor: StreamRedactor, { runtime }: Invocation): Promise<MaskEnd> {
  const { openOutlet, startRelay } = await streams();
  const outlet = openOutlet(runtime.stdout, runtime);
  const relay = startRelay({ source: await input.take(), through: redactor.stream(), outlet, runtime });
  // What is in the pipe already is still taken.
  input.onDemand(() => void relay.finishWithin(0));
  await relay.ended;
  const { failure } = outlet;
  if (failure === 'EPIPE' || failure === 'ECONNRESET') return 'SIGPIPE';
  if (failure !== undefined) throw notWritten(failure);
  if (input.failure !== undefined)
    throw new SecretctlError('SYSTEM_FAILED', `standard input could not be read to its end (${input.failure})`);
  return input.signal;
}

function notWritten(code: string): SecretctlError {
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new SecretctlError(isFull ? 'DISK_FULL' : 'WRITE_FAILED', `standard output could not be written (${code})`);
}
