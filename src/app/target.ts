import type { OutputSettings } from '../config/types.ts';
import type { Format } from '../formats/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';

/** Where the output goes: what the user says, else what the format is made for, else stdout. */
export interface Target {
  /** Undefined for stdout. */
  readonly file: string | undefined;
  /** What is in the file stays. */
  readonly append: boolean;
  /** Stdout may be the job's log: the CI takes the commands out of it. */
  readonly isForLog: boolean;
  /** It is the CI's own place for what its later steps get. */
  readonly isForLaterSteps: boolean;
}

/**
 * The target of a format. Throws USAGE when neither the user nor the CI names the file that it is appended to,
 * PLAINTEXT_ARTIFACT (73) for what others may download, unless the user allows it.
 */
export function targetOf(format: Format, output: OutputSettings, env: Runtime['env']): Target {
  if (format.isArtifact === true && !output.allowPlaintextArtifact) throw artifact(format.name);
  const { target } = format;
  const isSet = target !== undefined && (env[target.variable] ?? '') !== '';
  const isForLaterSteps = isSet && output.file === undefined;
  const plain = { file: output.file, append: false, isForLog: false, isForLaterSteps };
  if (target === undefined) return plain;
  if (target.kind === 'commands') return { ...plain, isForLog: isForLaterSteps };
  const file = output.file ?? (isSet ? env[target.variable] : undefined);
  if (file === undefined) throw noFile(format.name, target.variable);
  return { ...plain, file, append: true };
}

function artifact(name: string): SecretctlError {
  const what = 'is for a report that whoever may see the job can download, in plain text and unmasked';
  return new SecretctlError('PLAINTEXT_ARTIFACT', `--format ${name} ${what}`, {
    hint: ['fetch the secrets in the job that needs them', 'or, if they may be read there: --allow-plaintext-artifact'],
  });
}

function noFile(name: string, variable: string): SecretctlError {
  return new SecretctlError(
    'USAGE',
    `--format ${name} appends to the file that ${variable} names, and ${variable} is not set`,
    {
      hint: ['run it in a step of that CI', 'or name the file: -o FILE'],
    },
  );
}
