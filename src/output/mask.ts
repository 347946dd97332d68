import type { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Runtime } from '../lib/runtime.ts';
import { visible } from '../lib/text.ts';
import { areSame, descriptorOf, isParentsOwn, leadsNowhere } from './descriptors.ts';
import { tellAgent } from './mask-agent.ts';
import { maskFailed } from './mask-failed.ts';
import { type Masker, maskerFor } from './maskers.ts';
import { utf8 } from './spellings.ts';
import { putWhole } from './stream.ts';
import type { HiddenValue } from './types.ts';
import { whyNotHidden } from './worth-hiding.ts';

/** What is to be hidden, and by whom. */
export interface MaskOrder {
  /** The key of the CI that this job is one of; undefined for none that is known. */
  readonly ci: string | undefined;
  /** Whose names are told where one cannot be hidden. */
  readonly secrets: readonly HiddenValue[];
  /** ID tokens and access tokens that the CI does not know. */
  readonly tokens: readonly HiddenValue[];
  /** Asked where the CI can mask: other texts that will be written of the secrets, under their names. */
  written(): readonly HiddenValue[];
}

/**
 * Asks the CI to hide these values, and returns when its runner has been told: call it before a value is written
 * anywhere. Commands always go to stderr: whether stdout is captured cannot be seen for certain. Values that cannot be
 * hidden without wrecking the log are named in a warning. The result is whether this job's CI can mask at run time.
 * Throws MASK_FAILED when it cannot be told, or would be told where it does not listen.
 */
export async function registerMasks(order: MaskOrder, invocation: Invocation): Promise<boolean> {
  const masker = maskerFor(order.ci, invocation.runtime);
  if (masker === undefined) return false;
  const texts = new Set([
    ...longestFirst(textsOfAll(order, masker, invocation)),
    ...longestFirst(order.tokens.flatMap(({ value }) => masker.plain(value.reveal()))),
  ]);
  if (texts.size === 0) return true;
  const { tell } = masker;
  if (tell === 'agent') {
    await tellAgent([...texts], invocation);
    return true;
  }
  refuseUnheard(invocation.runtime);
  // Whoever wrote before may have left a line without its end, as `printf "Fetching … "` does.
  const start = masker.isHeardAnywhere === true ? '' : '\n';
  const commands = [...texts].map((text) => `${tell(text, invocation.runtime.env)}\n`);
  await send(start + commands.join(''), invocation);
  return true;
}

function longestFirst(texts: readonly string[]): string[] {
  return texts.toSorted((one, two) => two.length - one.length);
}

/** Of the values and of what will be written of them; of a value that is better not hidden, nothing. */
function textsOfAll({ secrets, written }: MaskOrder, masker: Masker, invocation: Invocation): string[] {
  const hidden = secrets.filter((secret) => canBeHidden(secret, invocation));
  if (hidden.length === 0) return [];
  const names = new Set(hidden.map(({ name }) => name));
  const forms = written().filter(({ name }) => names.has(name));
  return [
    ...hidden.flatMap((secret) => textsOf(secret, masker, invocation)),
    ...forms.flatMap(({ value }) => masker.plain(value.reveal())),
  ];
}

function canBeHidden({ name, value }: HiddenValue, { journal }: Invocation): boolean {
  if (value.byteLength === 0) return false;
  const bytes = value.reveal();
  const why = whyNotHidden(utf8(bytes) ?? bytes.toString('latin1'));
  if (why !== undefined) journal.warn(`the value of ${visible(name)} is too ${why} to be masked`);
  return why === undefined;
}

function textsOf({ name, value }: HiddenValue, masker: Masker, { journal }: Invocation): readonly string[] {
  const bytes = value.reveal();
  const text = utf8(bytes);
  const plain = masker.plain(bytes);
  if (text !== undefined && plain.length === 0) {
    journal.warn(`the lines of the value of ${visible(name)} are too short or too common to be masked`);
  }
  return [...plain, ...masker.encoded(bytes)];
}

/**
 * The runner reads the step's own streams. Commands that went to a file or into a variable would never reach it, and
 * the values would stand there in plain text (P3, P6).
 */
function refuseUnheard(runtime: Runtime): void {
  const fd = descriptorOf(runtime.stderr);
  if (fd === undefined) return;
  if (leadsNowhere(fd, runtime)) throw unheard('stderr is closed or /dev/null');
  if (isParentsOwn(fd, runtime) !== false) return;
  const stats = runtime.fs.fstatSync(fd);
  const out = descriptorOf(runtime.stdout);
  const isCaptured = out !== undefined && areSame(fd, out, runtime);
  if (isCaptured || stats.isFile()) throw unheard('stderr goes to a file or a variable, where the CI does not read it');
  if (stats.isFIFO()) throw unheard('stderr goes through a pipe to another program, which would see the values');
  if (stats.isCharacterDevice() && !runtime.processes.isTerminal(fd)) {
    throw unheard('stderr goes to a device, where the CI does not read it');
  }
}

/** So long a runner may take to read; half of what is left of the time when that is less. */
const PATIENCE_MS = 10_000;

async function send(commands: string, invocation: Invocation): Promise<void> {
  const { runtime, deadline } = invocation;
  const [patience, clock] = [new AbortController(), new AbortController()];
  void runtime.sleep(Math.min(PATIENCE_MS, deadline.remainingMs() / 2), clock.signal).then(
    () => patience.abort(),
    () => undefined,
  );
  try {
    const signal = AbortSignal.any([deadline.signal, patience.signal]);
    await putWhole(runtime.stderr, Buffer.from(commands), runtime, signal);
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    throw unheard(patience.signal.aborted ? 'nobody reads stderr' : 'writing to stderr failed');
  } finally {
    clock.abort();
  }
}

function unheard(why: string): SecretctlError {
  return maskFailed(why, 'leave stderr of this command open and connected to the log of the job');
}
