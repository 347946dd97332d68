import { FAILURES, type Reason, SecretctlError } from '../lib/errors.ts';
import { EndpointFault } from '../lib/endpoint.ts';
import { type Parser, SettingFault } from '../lib/settings.ts';
import { suggestion, visible } from '../lib/text.ts';
import type { Position } from '../lib/tree.ts';

export type { Position } from '../lib/tree.ts';

/** Where a setting was said. */
export type Origin =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'file'; readonly at: Position };

/** Gathers everything that is wrong, so that it is said at once. */
export interface Faults {
  /** `message` is one sentence; text from outside in it went through `visible`. */
  add(origin: Origin | undefined, message: string, reason?: Reason, hints?: readonly string[]): void;
  /** Throws one error that names all of them, unless there is none; `hints` go with it besides the faults' own. */
  settle(hints?: readonly string[]): void;
}

interface Fault {
  readonly origin: Origin | undefined;
  readonly text: string;
  readonly reason: Reason;
  readonly hints: readonly string[];
}

/** Most faults that are listed. */
const MOST_LISTED = 50;
/** Most that are kept: a file of nothing but faults should not fill the memory with sentences about them. */
const MOST_KEPT = 1000;
const MOST_HINTS = 3;

/** A gatherer; `file` is what positions are in. The reason of a fault on the command line is USAGE, elsewhere CONFIG_INVALID. */
export function gatherFaults(file: string | undefined): Faults {
  // By text: a wrong value is met again wherever it is read.
  const faults = new Map<string, Fault>();
  return {
    add(origin, message, reason, hints = []) {
      const text = `${place(origin, file)}${message}`;
      if (faults.has(text) || faults.size >= MOST_KEPT) return;
      faults.set(text, { origin, text, reason: reason ?? (isCommandLine(origin) ? 'USAGE' : 'CONFIG_INVALID'), hints });
    },
    settle(hints = []) {
      if (faults.size > 0) throw asOne([...faults.values()], hints);
    },
  };
}

/** The value of a text, or the fault that it is none. Never quotes the text. */
export function parsed<T>(
  parser: Parser<T>,
  input: string,
  report: (message: string, reason?: Reason) => void,
): T | undefined {
  try {
    return parser.parse(input);
  } catch (error) {
    if (!(error instanceof SettingFault)) throw error;
    report(
      `must be ${error.message}${suggestion(input, error.words)}`,
      error instanceof EndpointFault ? error.reason : undefined,
    );
    return undefined;
  }
}

function asOne(faults: readonly Fault[], hints: readonly string[]): SecretctlError {
  const sorted = faults.toSorted((left, right) => order(left) - order(right));
  const [first] = sorted;
  const hint = [...[...new Set(sorted.flatMap((fault) => fault.hints))].slice(0, MOST_HINTS), ...hints];
  if (first !== undefined && sorted.length === 1) return new SecretctlError(first.reason, first.text, { hint });
  const listed = sorted.slice(0, MOST_LISTED).map((fault) => fault.text);
  const left = sorted.length - listed.length;
  return new SecretctlError(commonReason(sorted), `${sorted.length} faults in the configuration`, {
    hint,
    details: left === 0 ? listed : [...listed, `and ${left} more`],
  });
}

/** One kind of fault keeps its reason; several are CONFIG_INVALID, or USAGE when all are the command line's. */
function commonReason(faults: readonly Fault[]): Reason {
  const reasons = new Set(faults.map((fault) => fault.reason));
  const [only] = reasons;
  if (only !== undefined && reasons.size === 1) return only;
  return [...reasons].every((reason) => FAILURES[reason].exit === FAILURES.USAGE.exit) ? 'USAGE' : 'CONFIG_INVALID';
}

/** Command line first, then variables, then the file from top to bottom. */
function order({ origin }: Fault): number {
  if (origin?.kind === 'file') return 1e6 + origin.at.line * 1e4 + Math.min(origin.at.column, 9999);
  return origin?.kind === 'variable' ? 1 : 0;
}

function place(origin: Origin | undefined, file: string | undefined): string {
  if (origin === undefined) return '';
  if (origin.kind === 'file')
    return `${visible(origin.at.file ?? file ?? 'configuration')}:${origin.at.line}:${origin.at.column}: `;
  if (origin.kind === 'flag') return `--${visible(origin.name)} `;
  return origin.kind === 'variable' ? `${visible(origin.name)} ` : '';
}

function isCommandLine(origin: Origin | undefined): boolean {
  return origin?.kind === 'flag' || origin?.kind === 'argument';
}
