import { errorFormatOf } from './cli/argv.ts';
import { runProgram } from './cli/program.ts';
import { reportError } from './cli/report.ts';
import type { Runtime } from './lib/runtime.ts';
import { createRedactor } from './output/index.ts';

/** Parses, runs, reports: the exit code of the program. The only place where every error is caught. */
export async function main(runtime: Runtime): Promise<number> {
  const redactor = createRedactor();
  const hide = redactor.hide.bind(redactor);
  const show = redactor.show.bind(redactor);
  const openRedact = redactor.open.bind(redactor);
  try {
    return await runProgram(runtime, { hide, show, openRedact });
  } catch (error) {
    return reportError(error, runtime, { format: errorFormatOf(runtime), openRedact });
  }
}
