import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Secret } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';
import { areSame, descriptorOf, isParentsOwn, leadsNowhere } from './descriptors.ts';
import { base64Cores, linesOf, utf8 } from './spellings.ts';
import { writeWhole } from './stream.ts';
import { whyNotHidden } from './worth-hiding.ts';

/** One CI's way of taking a mask from a running job: a row of the table below. */
interface Masker {
  readonly platform: string;
  isHere(env: Runtime['env']): boolean;
  /** The texts to hide for one value, as they stand after `::add-mask::`. */
  texts(value: Buffer): readonly string[];
}

/**
 * The CIs that can mask at run time, those in another's disguise first (ci-platforms-and-formats.md, section 2). All
 * take `::add-mask::` on either stream of a step; they differ in how they read what follows.
 */
const MASKERS: readonly Masker[] = [
  {
    platform: 'Forgejo, Gitea and act',
    isHere: (env) => [env['FORGEJO_ACTIONS'], env['GITEA_ACTIONS'], env['ACT']].includes('true'),
    texts: (value) => [...plainTexts(value), ...base64Texts(value)].flatMap((text) => [text, escaped(text)]),
  },
  {
    platform: 'GitHub Actions',
    isHere: (env) => env['GITHUB_ACTIONS'] === 'true',
    texts: (value) => githubTexts(value).map(escaped),
  },
];

/**
 * Asks the CI to hide these values, and returns when its runner has been told: call it before a value is written
 * anywhere. The commands go to stderr, so that a captured stdout stays clean. Values that cannot be hidden without
 * wrecking the log are named in a warning. Does nothing where the CI cannot mask at run time. Throws MASK_FAILED
 * when the commands cannot be written, or would be written where the CI does not read them.
 */
export async function registerMasks(secrets: readonly Secret[], invocation: Invocation): Promise<void> {
  const masker = MASKERS.find((one) => one.isHere(invocation.runtime.env));
  if (masker === undefined) return;
  const maskable = secrets.filter((secret) => canBeMasked(secret, invocation));
  const texts = new Set(maskable.flatMap((secret) => masker.texts(secret.value.reveal())));
  const longestFirst = [...texts].toSorted((one, two) => two.length - one.length);
  if (longestFirst.length === 0) return;
  refuseUnheard(masker, invocation);
  await send(longestFirst.map((text) => `::add-mask::${text}\n`).join(''), invocation);
}

function canBeMasked(secret: Secret, { journal }: Invocation): boolean {
  if (secret.value.byteLength === 0) return false;
  const bytes = secret.value.reveal();
  const why = whyNotHidden(utf8(bytes) ?? bytes.toString('latin1'));
  if (why === undefined) return true;
  const name = visible(secret.name);
  journal.warn(
    why === 'short'
      ? `the value of ${name} is too short to be masked`
      : `the value of ${name} is too common to be masked`,
  );
  return false;
}

async function send(commands: string, { runtime, deadline }: Invocation): Promise<void> {
  const { stderr } = runtime;
  const fd = descriptorOf(stderr);
  if (fd !== undefined && leadsNowhere(fd, runtime)) throw maskFailed('stderr is closed');
  try {
    await writeWhole(stderr, Buffer.from(commands), deadline.signal);
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    throw maskFailed('writing to stderr failed');
  }
}

function maskFailed(why: string): SecretctlError {
  return new SecretctlError('MASK_FAILED', `the values could not be registered as masks: ${why}; nothing was written`, {
    hint: 'leave stderr of this command open and connected to the log of the job',
  });
}

/**
 * The runner reads the step's own streams. Commands that went to a file or into a variable would never reach it, and
 * the values would stand there in plain text (P3, P6).
 */
function refuseUnheard({ platform }: Masker, { runtime }: Invocation): void {
  const [fd, out] = [descriptorOf(runtime.stderr), descriptorOf(runtime.stdout)];
  if (fd === undefined || isParentsOwn(fd, runtime) !== false) return;
  const isCaptured = out !== undefined && areSame(fd, out, runtime);
  if (!isCaptured && !runtime.fs.fstatSync(fd).isFile()) return;
  throw maskFailed(`stderr goes to a file or a variable, where ${platform} does not read it`);
}

/** The value and its lines, as far as they can be hidden; empty for what is not text. */
function plainTexts(value: Buffer): string[] {
  const text = utf8(value);
  return text === undefined ? [] : linesOf(text).filter(isHideable);
}

/** At three alignments, for where the platform does not look for base64 itself. */
function base64Texts(value: Buffer): string[] {
  return base64Cores(value).filter((core) => core.length >= 8 && isHideable(core));
}

/**
 * GitHub's runner takes a whole value apart into lines itself, hides even a lone `{` then, and adds encoded forms of
 * each mask. So the whole value goes out only when all of its lines can be hidden; otherwise its base64 is added here.
 */
function githubTexts(value: Buffer): string[] {
  const text = utf8(value);
  if (text === undefined) return base64Texts(value);
  const lines = plainTexts(value);
  return lines.length === linesOf(text).length ? [text, ...lines] : [...lines, ...base64Texts(value)];
}

function isHideable(text: string): boolean {
  return whyNotHidden(text) === undefined;
}

/** The data part of a workflow command (ci-platforms-and-formats.md, 4.1): `%` first. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
