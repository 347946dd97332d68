import { SecretctlError } from '../lib/errors.ts';
import { findProgram } from '../lib/find-program.ts';
import { LONGEST_TOKEN, readToken } from '../lib/jwt.ts';
import { quoted, visible } from '../lib/text.ts';
import type { Sensitive } from '../lib/sensitive.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { isUnguessable } from './request.ts';
import type { Seeking, ToAsk } from './types.ts';

/** A program that prints an ID token. */
export interface TokenProgram {
  /** The program's path, and its arguments. */
  readonly argv: readonly string[];
  /** What it is, for messages: `buildkite-agent oidc request-token`. */
  readonly shown: string;
  /** What to do when it fails. */
  readonly failed: string;
  /** What the job asks it with, where that is the job's alone. */
  readonly jobSecret?: Sensitive;
  /** Shows what it said when it failed: the CI's own programs do not print what is secret. */
  readonly mayBeQuoted: boolean;
}

/** The program as a question: one that is run, not found in a repository, and never by a shell. */
export function programToAsk(program: TokenProgram, seeking: Seeking): ToAsk {
  return { plan: `run ${visible(program.argv.join(' '))}`, ask: () => ask(program, seeking) };
}

/** The CI's own program by its name, in an absolute entry of PATH. Throws TOKEN_MISSING (66) when it is not there. */
export function programOfCi(name: string, from: string, { runtime }: Seeking): string {
  const found = findProgram(name, runtime);
  if (found !== undefined) return found;
  throw new SecretctlError('TOKEN_MISSING', `this ${from} job finds no program ${name}, which gives the ID token`, {
    hint: `have ${name} on the PATH, in a container too, or name where the token is: --token-env or --token-file`,
  });
}

/** The line end that does not count. */
const LINE_END_BYTES = 2;

async function ask(program: TokenProgram, seeking: Seeking): Promise<SubjectToken> {
  const { runProgram } = await import('../lib/run-program.ts');
  const { argv, shown } = program;
  const { exit, stdout, stderr } = await runProgram({ argv, mostBytes: LONGEST_TOKEN + LINE_END_BYTES }, seeking);
  seeking.hide('ID token', stdout);
  if (exit === 0 || stdout.byteLength > LONGEST_TOKEN + LINE_END_BYTES) {
    const { jobSecret } = program;
    return {
      ...readToken(stdout, visible(shown)),
      renewal: 'asked',
      ...(jobSecret !== undefined && isUnguessable(jobSecret) && { jobSecret }),
    };
  }
  const how = exit === undefined ? 'was stopped by a signal' : `ended with exit code ${exit}`;
  const said = program.mayBeQuoted ? lastLine(stderr.reveal()) : '';
  throw new SecretctlError('TOKEN_MISSING', `${quoted(shown)} ${how}, so there is no ID token${said}`, {
    hint: program.failed,
  });
}

/** The last thing that was said, without anything that looks like a token. */
function lastLine(stderr: Buffer): string {
  const line =
    stderr
      .toString('utf8')
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? '';
  return line === '' ? '' : `; it said: ${quoted(line.replaceAll(/eyJ[\w.-]{8,}/g, '[redacted]'))}`;
}
