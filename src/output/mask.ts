import type { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Runtime } from '../lib/runtime.ts';
import { visible } from '../lib/text.ts';
import { areSame, descriptorOf, isParentsOwn, leadsNowhere } from './descriptors.ts';
import { tellAgent } from './mask-agent.ts';
import { maskFailed } from './mask-failed.ts';
import { takenApart, type Masker, maskerFor } from './maskers.ts';
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
    ...longestFirst(order.tokens.flatMap(({ value }) => masker.plain(takenApart(value.reveal())))),
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
  const { env } = invocation.runtime;
  for (const text of texts) masker.refuse?.(text, env);
  await send(
    batches(start, texts, (text) => tell(text, env)),
    invocation,
  );
  return true;
}

function longestFirst(texts: readonly string[]): string[] {
  return texts.toSorted((one, two) => two.length - one.length);
}

/** Of the values and of what will be written of them; of a value that is better not hidden, nothing. */
function textsOfAll({ secrets, written }: MaskOrder, masker: Masker, invocation: Invocation): string[] {
  const texts: string[] = [];
  const names = new Set<string>();
  for (const { name, value } of secrets) {
    const found = textsOf({ name, value }, masker, invocation);
    if (found !== undefined) names.add(name);
    for (const text of found ?? []) texts.push(text);
  }
  if (names.size === 0) return [];
  for (const { name, value } of written()) {
    if (!names.has(name)) continue;
    for (const text of masker.plain(takenApart(value.reveal()))) texts.push(text);
  }
  return texts;
}

/** Undefined for a value that is better not hidden, which is named. */
function textsOf({ name, value }: HiddenValue, masker: Masker, { journal }: Invocation): readonly string[] | undefined {
  if (value.byteLength === 0) return undefined;
  const apart = takenApart(value.reveal());
  const why = whyNotHidden(apart.text ?? apart.bytes.toString('latin1'));
  if (why !== undefined) {
    journal.warn(`the value of ${visible(name)} is too ${why} to be masked`);
    return undefined;
  }
  const plain = masker.plain(apart);
  if (apart.text !== undefined && plain.length === 0) {
    journal.warn(`the lines of the value of ${visible(name)} are too short or too common to be masked`);
  }
  return [...plain, ...masker.encoded(apart)];
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

/** So many characters are made at a time: of a big value there are several times as many in all. */
const BATCH = 64 * 1024;

function* batches(start: string, texts: ReadonlySet<string>, tell: (text: string) => string): Generator<Buffer> {
  let batch = start;
  for (const text of texts) {
    batch += `${tell(text)}\n`;
    if (batch.length < BATCH) continue;
    yield Buffer.from(batch);
    batch = '';
  }
  if (batch !== '') yield Buffer.from(batch);
}

async function send(commands: Iterable<Buffer>, invocation: Invocation): Promise<void> {
  const { runtime, deadline } = invocation;
  const [patience, clock] = [new AbortController(), new AbortController()];
  void runtime.sleep(Math.min(PATIENCE_MS, deadline.remainingMs() / 2), clock.signal).then(
    () => patience.abort(),
    () => undefined,
  );
  try {
    const signal = AbortSignal.any([deadline.signal, patience.signal]);
    for (const batch of commands) await putWhole(runtime.stderr, batch, runtime, signal);
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
