import { azureData } from '../lib/azure-commands.ts';
import type { Runtime } from '../lib/runtime.ts';
import { isUnderProxyExec } from './gitlab-proxy.ts';
import { maskFailed } from './mask-failed.ts';
import { base64Cores, linesOf, utf8 } from './spellings.ts';
import { whyNotHidden } from './worth-hiding.ts';

type Env = Runtime['env'];

/** A value, taken apart once: of a big one each copy counts. */
export interface TakenApart {
  readonly bytes: Buffer;
  /** Undefined when it is not UTF-8. */
  readonly text: string | undefined;
  /** Its trimmed lines that can be hidden. */
  readonly lines: readonly string[];
  /** Those are all that are not empty. */
  readonly hasAllLines: boolean;
}

/** Takes a value apart. */
export function takenApart(bytes: Buffer): TakenApart {
  const text = utf8(bytes);
  const all = text === undefined ? [] : linesOf(text);
  const lines = all.filter(isHideable);
  return { bytes, text, lines, hasAllLines: text !== undefined && lines.length === all.length };
}

/** One CI's way of taking a mask from a running job. */
export interface Masker {
  /** The texts that hide a value as it stands: each in one command. */
  plain(value: TakenApart): readonly string[];
  /** Further ones, for its base64 where the CI does not look for that itself. */
  encoded(value: TakenApart): readonly string[];
  /** The line, without its end, that the CI reads in a step's stdout or stderr; `agent` where it is a program that is told. */
  readonly tell: 'agent' | ((text: string, env: Env) => string);
  /** Throws MASK_FAILED for a text that it cannot be told in this job. */
  refuse?(text: string, env: Env): void;
  /** It hears a command behind other text, too; others only at the start of a line. */
  readonly isHeardAnywhere?: boolean;
  /** Fewest characters that it hides in this job, where that is a setting of its own. */
  shortest?(env: Env): number;
  /** Whether this job's runner listens; all do that have no condition. */
  isListening?(runtime: Pick<Runtime, 'fs' | 'host'>): boolean;
}

/** Forgejo's runner takes what follows the colons as it stands, act undoes escapes: both forms go out. */
const UNDECODED: Masker = {
  plain: ({ lines }) => lines.flatMap((text) => [text, escaped(text)]),
  encoded: base64Texts,
  tell: addMask,
};

/** How masks are taken in a job of this CI; undefined where there is no way. */
export function maskerFor(ci: string | undefined, world: Pick<Runtime, 'env' | 'fs' | 'host'>): Masker | undefined {
  const masker = ci === undefined ? undefined : MASKERS.get(ci);
  if (masker === undefined || masker.isListening?.(world) === false) return undefined;
  const shortest = masker.shortest?.(world.env) ?? 0;
  return { ...masker, plain: (value) => masker.plain(value).filter((text) => text.length >= shortest) };
}

/** The CIs that can mask at run time, by the key of their platform (ci-platforms-and-formats.md, section 4). */
const MASKERS: ReadonlyMap<string, Masker> = new Map<string, Masker>([
  ['github', { plain: wholeOrLines, encoded: base64OfParts, tell: (text) => addMask(escaped(text)) }],
  ['forgejo', UNDECODED],
  ['gitea', UNDECODED],
  ['act', UNDECODED],
  // Nobody documents how its reader undoes escapes: an experiment that the runner's administrator may switch on.
  ['gitlab', { ...UNDECODED, isListening: isUnderProxyExec }],
  [
    'azure',
    {
      plain: ({ lines }) => lines,
      encoded: base64Texts,
      tell: setSecret,
      refuse: refuseChanged,
      isHeardAnywhere: true,
      shortest: azureShortest,
    },
  ],
  ['buildkite', { plain: wholeAndLines, encoded: base64Texts, tell: 'agent' }],
  ['spacelift', { plain: words, encoded: base64Texts, tell: (text) => `::add-mask ${text}` }],
]);

function addMask(data: string): string {
  return `::add-mask::${data}`;
}

/** The data part of a workflow command (ci-platforms-and-formats.md, 4.1): `%` first. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Azure takes no mask of several lines; a `%` of its own it spells in its own way (section 4.1). */
function setSecret(text: string, env: Env): string {
  return `##vso[task.setsecret]${azureData(env).spell(text)}`;
}

function refuseChanged(text: string, env: Env): void {
  if (!azureData(env).isChanged(text)) return;
  throw maskFailed('one holds what the agent would decode', 'leave DECODE_PERCENTS unset');
}

/** What the agent can be made to ignore at most, characters. */
const MOST_IGNORED = 6;

function azureShortest({ AZP_IGNORE_SECRETS_SHORTER_THAN: wish = '' }: Env): number {
  return Math.min(/^\d+$/.test(wish) ? Number(wish) : 0, MOST_IGNORED);
}

/**
 * GitHub's runner takes a whole value apart into lines itself, hides even a lone `{` then, and adds encoded forms of
 * each mask. So the whole value goes out only when all of its lines can be hidden.
 */
function wholeOrLines({ text, lines, hasAllLines }: TakenApart): readonly string[] {
  return text !== undefined && hasAllLines ? [text, ...lines] : lines;
}

function base64OfParts(value: TakenApart): readonly string[] {
  return value.hasAllLines ? [] : base64Texts(value);
}

/** Buildkite's agent takes values of several lines, and finds any white space where they have a line break. */
function wholeAndLines({ text, lines }: TakenApart): readonly string[] {
  return text === undefined ? [] : [text, text.trim(), ...lines];
}

/** Spacelift takes each word for a mask of its own: there is no way to say a space. */
function words({ text = '' }: TakenApart): readonly string[] {
  return text.split(/\s+/).filter(isHideable);
}

/** At three alignments, for where the platform does not look for base64 itself. */
function base64Texts({ bytes }: TakenApart): readonly string[] {
  return base64Cores(bytes).filter((core) => core.length >= 8 && isHideable(core));
}

function isHideable(text: string): boolean {
  return whyNotHidden(text) === undefined;
}
