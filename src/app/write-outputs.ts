import type { OutputSettings } from '../config/types.ts';
import { encodeSecrets } from '../formats/index.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import { commitBoth, isReadByShell, openDirectorySink, openSink } from '../output/index.ts';
import type { DirectorySink, HiddenValue, Sink, Staged } from '../output/types.ts';
import { fileNameOf, type OutputPlan, type TextOutput } from './output-plan.ts';

/** The places of a plan, checked and ready. */
export interface OpenOutputs {
  /** Writes all of them, each whole or none at all. */
  write(secrets: readonly Secret[]): Promise<void>;
  /** Other texts than the values themselves that will be written of them, each under the name of its secret. */
  written(secrets: readonly Secret[]): readonly HiddenValue[];
  /**
   * Whether values become variables of the calling shell or of later steps, as far as can be seen: not what goes to
   * files or to another program.
   */
  setsVariables(): boolean;
}

/** Opens what a plan needs: all that can be refused without the values is refused here. */
export async function openOutputs(
  plan: OutputPlan,
  output: OutputSettings,
  invocation: Invocation,
): Promise<OpenOutputs> {
  const { files, text, requests } = plan;
  const directory =
    files === undefined
      ? undefined
      : await openDirectorySink(
          {
            directory: files,
            strict: output.strict,
            names: requests.filter(({ ref }) => ref.every !== true).map(({ ref, fileName = ref.name }) => fileName),
            isOpenEnded: requests.some(({ ref }) => ref.every === true),
          },
          invocation,
        );
  const sink = text === undefined ? undefined : await openSink({ ...output, ...text.target }, invocation);
  return {
    write: (secrets) =>
      writeOutputs({ plan, output, directory, sink }, encodeSecrets(secrets, output.encode), invocation),
    written(secrets) {
      const encoded = encodeSecrets(secrets, output.encode);
      return [...(output.encode === undefined ? [] : encoded), ...(text?.spelled(encoded) ?? [])];
    },
    setsVariables: () => text !== undefined && sink !== undefined && setsVariables(text, sink, invocation),
  };
}

function setsVariables({ target, hasPathsOnly, isExport }: TextOutput, sink: Sink, { runtime }: Invocation): boolean {
  if (hasPathsOnly) return false;
  if (target.isForLaterSteps) return true;
  if (sink.destination === 'file') return false;
  return isExport || isReadByShell(runtime.stdout, runtime) !== false;
}

interface Opened {
  readonly plan: OutputPlan;
  readonly output: OutputSettings;
  readonly directory: DirectorySink | undefined;
  readonly sink: Sink | undefined;
}

async function writeOutputs(
  { plan, output, directory, sink }: Opened,
  secrets: readonly Secret[],
  { runtime }: Invocation,
): Promise<void> {
  const bytes = plan.text?.render(secrets, {
    destination: sink?.destination ?? 'file',
    env: runtime.env,
    random: (count) => runtime.random(count),
    reportLimits: output.reportLimits,
  });
  const staged = directory?.stage(
    secrets.map((secret) => ({ name: fileNameOf(secret), bytes: secret.value.reveal() })),
  );
  let other: Staged | undefined;
  try {
    if (bytes !== undefined) other = sink?.stage(bytes);
  } catch (error) {
    staged?.discard();
    throw error;
  }
  await commitBoth(staged, other);
}
