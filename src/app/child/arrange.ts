import { isCi } from '../../lib/ci.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { Invocation } from '../../lib/invocation.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { ChildSettings } from '../../config/types.ts';
import { areSame } from '../../output/index.ts';

/** Which of the child's streams are redacted; the others are our own, as they are. */
export interface Arrangement {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Both are redacted and lead to the same place (`2>&1`): through one pipe, or their order would be lost. */
  readonly isOne: boolean;
}

/**
 * Decides for each stream. A terminal stays one for the child unless it is the log of a CI, and then nothing is redacted
 * there. Throws USAGE (64) for what cannot be had: a terminal that is redacted, or `--exec` with redaction.
 */
export function arrange({ mask, exec }: ChildSettings, { runtime, journal }: Invocation): Arrangement {
  if (mask === 'off') return { stdout: false, stderr: false, isOne: false };
  const isForPeople = (fd: number): boolean => runtime.processes.isTerminal(fd) && !isCi(runtime.env);
  const [out, error] = [isForPeople(1), isForPeople(2)];
  if (mask === 'always' && (out || error)) throw noPseudoTerminal();
  const arrangement = { stdout: !out, stderr: !error, isOne: areOne([out, error], runtime) };
  if (exec && (arrangement.stdout || arrangement.stderr)) throw noRedactionByExec();
  const shown = [...(out ? ['stdout'] : []), ...(error ? ['stderr'] : [])].join(' and ');
  if (shown !== '') journal.warn(`not redacted, because a terminal: ${shown} (--mask=off does not say so)`);
  return arrangement;
}

function areOne(forPeople: readonly boolean[], runtime: Runtime): boolean {
  return !forPeople.includes(true) && areSame(1, 2, runtime);
}

function noPseudoTerminal(): SecretctlError {
  return new SecretctlError(
    'USAGE',
    'a terminal cannot be redacted: it would take a pseudo-terminal, and Node has none',
    {
      hint: [
        'send the output through a pipe: secretctl run --mask=always … 2>&1 | cat',
        'colours then come back by the command’s own switch: --color=always, or FORCE_COLOR=1',
      ],
    },
  );
}

function noRedactionByExec(): SecretctlError {
  return new SecretctlError('USAGE', '--exec leaves nobody who could redact the output', {
    hint: ['add --mask=off if that is meant', 'or leave --exec out'],
  });
}
