import { discardInput, type Input, openInput } from '../app/input.ts';
import type { MaskEnd } from '../app/mask.ts';
import type { RawOptions } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import { errorFormatOf } from './argv.ts';
import type { Cli, CommandRow } from './command.ts';
import { declareSettings, rawOptions, SETTINGS_HELP } from './options.ts';
import { print } from './print.ts';
import { reportError } from './report.ts';
import { withSettings } from './with-settings.ts';

/** Settings of other commands that say something about names and needles. */
const BESIDES = ['mask-names', 'mask-pairs', 'prefix', 'keep-case'] as const;

/** `COMMAND 2>&1 | secretctl mask [NAME=REF …]`. */
export const maskCommand: CommandRow = {
  name: 'mask',
  help: 'copy standard input to standard output without the secrets',
  declare(command, cli) {
    declareSettings(command, cli, { areas: ['run', 'backend', 'filter'], besides: BESIDES });
    command
      .usage('[OPTION…] [NAME=REF…]')
      .argument('[NAME=REF...]', 'what to mask, as for fetch; every configured secret without any')
      .addHelpText('after', SETTINGS_HELP)
      .action(async (args: string[]) => cli.ended(await maskOrDiscard(rawOptions(command, 'mask', args), cli)));
  },
};

/**
 * Nothing passes that could not be masked. But whoever writes to us is not ended by that: what it says is read and
 * thrown away, and why is said at once.
 */
async function maskOrDiscard(raw: RawOptions, cli: Cli): Promise<number> {
  const { runtime, openRedact } = cli;
  const input = openInput(runtime);
  try {
    return await mask(raw, input, cli);
  } catch (error) {
    const told = input.hasWriter && !input.isTaken ? withLoss(error) : error;
    const code = await reportError(told, runtime, { format: errorFormatOf(runtime), openRedact });
    await discardInput(input);
    return code;
  } finally {
    input.release();
  }
}

function withLoss(error: unknown): unknown {
  if (!(error instanceof SecretctlError)) return error;
  const details = [...(error.facts.details ?? []), 'nothing of the input is passed on, for it could not be masked'];
  return new SecretctlError(error.reason, error.message, { ...error.facts, details });
}

async function mask(raw: RawOptions, input: Input, cli: Cli): Promise<number> {
  const { runtime, hide } = cli;
  const signal = await withSettings<MaskEnd>(raw, cli, async (settings, invocation) => {
    const { maskInput, planMask } = await import('../app/mask.ts');
    if (!settings.general.dryRun) return maskInput(settings, input, invocation, hide);
    await print(await planMask(settings, invocation, hide), runtime);
    await discardInput(input);
    return undefined;
  });
  if (signal === undefined) return 0;
  // Whoever started us sees how a filter ends that nobody reads any more, or that was told to end.
  runtime.processes.raise(signal);
  return 128 + runtime.processes.numberOf(signal);
}
